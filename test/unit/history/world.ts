import { DAY } from "../../../core/duration";
import type { UserToken } from "../../../core/user-token";

export type Snapshot = ReadonlyMap<string, readonly UserToken[]>;

/** A row of the view `events`. */
export interface Claim {
  readonly event: string;
  readonly username: string;
  readonly token_id: string | null;
  readonly name: string | null;
  readonly created_ts: string | null;
  readonly expire_at: string | null;
  readonly successor_id: string | null;
  readonly after_run: number | null;
  readonly run_id: number;
}

interface Deed {
  readonly kind: "create" | "revoke" | "rename" | "extend" | "leave" | "return";
  readonly user: number;
  readonly which: number;
  readonly life: number;
}

interface Life {
  readonly user: string;
  token: UserToken;
  /** Milliseconds since the epoch. */
  readonly created: number;
  revoked?: number;
  readonly changes: { readonly at: number; readonly kind: "renamed" | "changed" }[];
}

/** An organization as it really is: expired tokens stay listed for half a day. What a ledger says is compared with it. */
export class World {
  now = 0;
  readonly #users: readonly string[];
  readonly #away = new Set<string>();
  readonly #moves: { readonly user: string; readonly at: number; readonly isThere: boolean }[] = [];
  readonly lives: Life[] = [];
  readonly #runs = new Map<number, { readonly at: number; readonly read: ReadonlySet<string> }>();

  constructor(users: readonly string[]) {
    this.#users = users;
  }

  act({ kind, user: index, which, life }: Deed, at: number): void {
    const user = this.#users[index % this.#users.length] ?? "";
    const own = this.#held(user, at);
    const one = own[which % Math.max(own.length, 1)];
    switch (kind) {
      case "create": {
        const id = `t${this.lives.length}`;
        const createdTs = new Date(at).toISOString();
        const token = { id, name: `n${which}`, createdTs, readOnly: false, tokenType: "read_write" };
        const expireAt = new Date(at + life * DAY).toISOString();
        if (!this.#away.has(user)) {
          this.lives.push({ user, created: at, changes: [], token: life === 0 ? token : { ...token, expireAt } });
        }
        break;
      }
      case "revoke":
        if (one) one.revoked = at;
        break;
      case "rename":
        if (!one) break;
        one.token = { ...one.token, name: `${one.token.name}'` };
        one.changes.push({ at, kind: "renamed" });
        break;
      case "extend":
        if (!one?.token.expireAt) break;
        one.token = { ...one.token, expireAt: new Date(Date.parse(one.token.expireAt) + DAY).toISOString() };
        one.changes.push({ at, kind: "changed" });
        break;
      case "leave":
      case "return":
        if (this.#away.has(user) === (kind === "leave")) break;
        if (kind === "leave") this.#away.add(user);
        else this.#away.delete(user);
        this.#moves.push({ user, at, isThere: kind === "return" });
        break;
    }
  }

  /** What the API would answer now. */
  list(): Map<string, UserToken[]> {
    const there = this.#users.filter((user) => !this.#away.has(user));
    return new Map(there.map((user) => [user, this.#held(user, this.now).map(({ token }) => token)]));
  }

  recorded(runId: number, read: ReadonlySet<string>): void {
    this.#runs.set(runId, { at: this.now, read });
  }

  #held(user: string, at: number): Life[] {
    return this.lives.filter(
      (life) => life.user === user && !this.#away.has(user) && life.revoked === undefined && at < goneAt(life),
    );
  }

  timeOf(runId: number): number {
    return this.#runs.get(runId)?.at ?? NaN;
  }

  wasThere(user: string, at: number): boolean {
    return this.#moves.findLast((move) => move.user === user && move.at <= at)?.isThere ?? true;
  }
}

function expiryOf({ token }: Life): number {
  return token.expireAt === undefined ? Infinity : Date.parse(token.expireAt);
}

function goneAt(life: Life): number {
  return expiryOf(life) + DAY / 2;
}

/** The claims that are not true, in words. */
export function refute(claims: readonly Claim[], world: World): string[] {
  return claims.flatMap((claim) => {
    const [from, to] = [
      claim.after_run === null ? -Infinity : world.timeOf(claim.after_run),
      world.timeOf(claim.run_id),
    ];
    const within = (at: number) => at > from && at <= to;
    const life = world.lives.find(({ token }) => token.id === claim.token_id);
    const isTrue = () => {
      switch (claim.event) {
        case "first_seen":
        case "seen_again":
          return life !== undefined && life.created <= to;
        case "created":
          return life !== undefined && within(life.created);
        case "revoked":
          return life?.revoked !== undefined && within(life.revoked) && life.revoked < expiryOf(life);
        case "ended":
          return life !== undefined && (within(life.revoked ?? NaN) || within(goneAt(life)));
        case "removed":
          return life !== undefined && expiryOf(life) <= from && (within(life.revoked ?? NaN) || within(goneAt(life)));
        case "expired":
          return life !== undefined && within(expiryOf(life));
        case "renamed":
        case "changed":
          return life?.changes.some(({ at, kind }) => kind === claim.event && within(at));
        case "replaced": {
          const successor = world.lives.find(({ token }) => token.id === claim.successor_id);
          return successor !== undefined && life !== undefined && successor.created > life.created;
        }
        case "holder_gone":
        case "user_gone":
          return !world.wasThere(claim.username, to);
        case "user_first_seen":
        case "user_returned":
          return world.wasThere(claim.username, to);
        default:
          return false;
      }
    };
    return isTrue() ? [] : [`${claim.after_run}>${claim.run_id} ${claim.event} ${claim.username}/${claim.token_id}`];
  });
}
