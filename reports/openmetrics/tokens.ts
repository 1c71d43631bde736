import type { AuditHeader, JudgedToken, JudgedUser } from "../../audit/result";
import { daysToMs, SECOND } from "../../core/duration";
import { EXPIRY_THRESHOLDS } from "../../core/expiry-thresholds";
import { parseInstant } from "../../core/instant";
import { printable } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { type CountedType, expiryOf, isActive, TOKEN_TYPES } from "../../policies/token-facts";
import { FirstItems } from "../first-items";
import type { MetricLabels } from "../metric-options";
import { nameWithOrganization } from "../vocabulary/names";
import { Counter } from "./counter";
import type { Labels, Metric, Sample } from "./exposition";

/** When a token expires: in at most so many days, and in more than the number before. */
const EXPIRES = [
  "expired",
  ...EXPIRY_THRESHOLDS.toReversed().map((days) => `${days}d` as const),
  "later",
  "never",
  "unknown",
] as const;

/** The dates of tokens that have the same labels. Milliseconds since the epoch. */
interface Dates {
  readonly labels: Labels;
  /** The first expiry; absent where none of them has one. */
  readonly expires?: number;
  /** The first creation. */
  readonly created?: number;
}

/** Counts tokens, and keeps the first dates of those that have not expired. */
export class TokenTally {
  readonly #header: AuditHeader;
  readonly #now: number;
  readonly #by: MetricLabels;
  readonly #counts = new Counter(TOKEN_TYPES.flatMap((type) => EXPIRES.map((expires) => ({ type, expires }))));
  readonly #dates: FirstItems<Dates>;

  /** @param limit how many owners, users or tokens may have dates. */
  constructor(header: AuditHeader, by: MetricLabels, limit: number) {
    this.#header = header;
    this.#now = Date.parse(header.now);
    this.#by = by;
    // An owner's users need not come one after the other. What is left out in between would come back, and be counted twice.
    this.#dates = new FirstItems(by === "type" ? Infinity : limit, compareDates, { returning: by === "owner" });
  }

  add(user: JudgedUser): void {
    // Together first, for the same reason.
    const own = new Map<string, Dates>();
    for (const token of user.tokens) {
      const type = typeOf(token);
      this.#counts.add({ type, expires: this.#expiresOf(token) });
      if (!isActive(token, this.#now)) continue;
      const labels = this.#labelsOf(user, token, type);
      const key = JSON.stringify(labels);
      own.set(key, merge({ labels, ...datesOf(token) }, own.get(key)));
    }
    for (const [key, dates] of own) this.#dates.set(key, merge(dates, this.#dates.get(key)));
  }

  /** Tokens by type and expiry, with zeros. */
  counts(): readonly Sample[] {
    return this.#counts.samples();
  }

  /** The dates, what expires first in front, and of how many owners, users or tokens there are none. */
  dates(): { readonly metrics: readonly Metric[]; readonly leftOut: number } {
    const { items, leftOut } = this.#dates.take();
    const samples = (key: "expires" | "created") =>
      items.flatMap(({ labels, [key]: date }) => (date === undefined ? [] : [{ labels, value: date / SECOND }]));
    return {
      metrics: [
        {
          name: "motherduck_token_expiration_timestamp_seconds",
          unit: "seconds",
          help: "When the first of the tokens with these labels expires. Only of tokens that had not expired in the last audit.",
          samples: samples("expires"),
        },
        {
          name: "motherduck_token_creation_timestamp_seconds",
          unit: "seconds",
          help: "When the first of the tokens with these labels was created. Only of tokens that had not expired in the last audit.",
          samples: samples("created"),
        },
      ],
      leftOut,
    };
  }

  #expiresOf(token: UserToken): (typeof EXPIRES)[number] {
    if (typeof token.expireAt !== "string") return "never";
    const expiry = expiryOf(token);
    if (expiry === undefined) return "unknown";
    if (!isActive(token, this.#now)) return "expired";
    const days = EXPIRY_THRESHOLDS.findLast((threshold) => expiry - this.#now <= daysToMs(threshold));
    return days === undefined ? "later" : `${days}d`;
  }

  #labelsOf({ username, origin }: JudgedUser, { id, name = "", owner }: JudgedToken, type: string): Labels {
    if (this.#by === "type") return { type };
    // An empty label is none: so is that of tokens that nobody owns.
    if (this.#by === "owner") return { owner: printable(owner?.name ?? "", LONGEST), type };
    // All series name the audit's own organization.
    const isOwn = origin?.organization === this.#header.organization;
    const user = { user: printable(isOwn ? username : nameWithOrganization(username, origin), LONGEST) };
    if (this.#by === "user") return { ...user, type };
    return { ...user, token: printable(name, LONGEST), token_id: printable(id, LONGEST), type };
  }
}

/** What expires first comes first, then what is oldest. */
function compareDates(one: Dates, other: Dates): number {
  return (
    (one.expires ?? Infinity) - (other.expires ?? Infinity) || (one.created ?? Infinity) - (other.created ?? Infinity)
  );
}

function datesOf(token: UserToken): Omit<Dates, "labels"> {
  const [expires, created] = [expiryOf(token), parseInstant(token.createdTs)];
  return { ...(expires !== undefined && { expires }), ...(created !== undefined && { created }) };
}

/** The first dates of both. */
function merge(one: Dates, other: Dates | undefined): Dates {
  if (!other) return one;
  const expires = earlier(one.expires, other.expires);
  const created = earlier(one.created, other.created);
  return {
    labels: one.labels,
    ...(expires !== undefined && { expires }),
    ...(created !== undefined && { created }),
  };
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** Characters of a label, at most. */
const LONGEST = 500;

/** A type that is not known counts as `other`, so that nobody can make more labels. */
function typeOf({ tokenType }: UserToken): CountedType | "other" {
  return TOKEN_TYPES.find((known) => known === tokenType) ?? "other";
}
