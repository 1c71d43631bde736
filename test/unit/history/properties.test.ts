import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import type { UserToken } from "../../../core/user-token";
import { Ledger } from "../../../history/ledger";
import { type Claim, refute, type Snapshot, World } from "./world";
import { begin, newPlace, type Run, START } from "./support";

const USERS = ["ada", "bob", "zoe"];

/** What happens before an audit, and how that goes. */
const step = fc.record({
  deeds: fc.array(
    fc.record({
      kind: fc.constantFrom("create", "create", "create", "revoke", "rename", "leave", "return", "extend"),
      user: fc.nat(USERS.length - 1),
      which: fc.nat(3),
      /** Days that a new token lives; 0: for ever. */
      life: fc.constantFrom(0, 1, 2, 5),
    } as const),
    { maxLength: 4 },
  ),
  failing: fc.subarray(USERS, { maxLength: 2 }),
  /** Undefined: everybody. */
  selection: fc.option(fc.subarray(USERS, { minLength: 1 }), { nil: undefined, freq: 3 }),
  isInterrupted: fc.boolean(),
  /** Days by which the clock is wrong. */
  clock: fc.constantFrom(0, 0, 0, 0, -3, 4),
});

describe("any sequence of audits, with failures, selections and clocks that go wrong", () => {
  it("gives events that rebuild each complete snapshot, and none that did not happen", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
        const world = new World(USERS);
        const place = newPlace();
        const snapshots = new Map<number, Snapshot>();
        for (const [index, { deeds, failing, selection, isInterrupted, clock }] of steps.entries()) {
          world.now = START + index * DAY;
          deeds.forEach((deed, place) => {
            // The owner of the API token stays: a listing of nobody is an error of the API, not an audit.
            if (deed.kind === "leave" && deed.user === 0) return;
            world.act(deed, START + (index - 0.9 + place / 10) * DAY);
          });
          const listed = world.list();
          const asked = selection ?? [...listed.keys()];
          const failed = failing.filter((user) => asked.includes(user));
          const read = new Map([...listed].filter(([user]) => asked.includes(user) && !failed.includes(user)));
          if (isInterrupted && selection === undefined && read.size > 1) read.delete([...read.keys()][0] ?? "");
          const isWhole = selection === undefined && failed.length === 0 && !isInterrupted;
          const run: Run = {
            // A clock that is ahead is found out by the next audit: the last one's is right. Of one that stays behind, nobody
            // can tell.
            now: world.now + (index === steps.length - 1 || staysBehind(steps, index) ? 0 : clock) * DAY,
            organization: "acme",
            users: Object.fromEntries(read),
            failing: [...failed, ...(isInterrupted ? ["the audit"] : [])],
            scope: selection === undefined ? "everybody" : "selection",
          };
          const { runId, isKnown } = await (await begin(place, run)).end();
          // Two audits with the same clock and the same result are one.
          if (!isKnown) world.recorded(runId, new Set(read.keys()));
          if (isWhole && !isKnown) snapshots.set(runId, read);
        }
        const claims = await claimsOf(place);
        assert.deepEqual(refute(claims, world), []);
        for (const [runId, snapshot] of snapshots)
          assert.deepEqual(rebuild(claims, runId), flat(snapshot), `run ${runId}`);
      }),
      { numRuns: Number(process.env.NUM_RUNS ?? 25) },
    );
  }).timeout(300_000);
});

/** Whether the clocks of this audit and of the three before it are all behind. */
function staysBehind(steps: readonly { readonly clock: number }[], index: number): boolean {
  const last = steps.slice(Math.max(0, index - 3), index + 1);
  return last.length === 4 && last.every(({ clock }) => clock < 0);
}

async function claimsOf(place: string): Promise<Claim[]> {
  const ledger = await Ledger.open(place, { env: {} });
  try {
    const rows = await ledger.read(() =>
      ledger.database.rows(
        "FROM token_ledger.events ORDER BY run_id, event IN ('created', 'first_seen', 'seen_again')",
      ),
    );
    return rows as unknown as Claim[];
  } finally {
    ledger.close();
  }
}

const text = (
  user: string,
  { id, name, createdTs, expireAt }: Pick<UserToken, "id" | "name" | "createdTs" | "expireAt">,
) => [user, id, name, createdTs, expireAt ?? null].join(" ");

/** What is held after a run, by the events alone. */
function rebuild(claims: readonly Claim[], runId: number): string[] {
  const held = new Map<string, string>();
  for (const claim of claims) {
    if (claim.run_id > runId || claim.token_id === null) continue;
    const key = `${claim.username} ${claim.token_id}`;
    if (["revoked", "ended", "removed", "holder_gone"].includes(claim.event)) held.delete(key);
    else if (!["expired", "replaced"].includes(claim.event)) {
      const { token_id: id, name, created_ts: createdTs, expire_at: expireAt } = claim;
      held.set(
        key,
        text(claim.username, {
          id,
          name: name ?? "",
          createdTs: createdTs ?? "",
          ...(expireAt !== null && { expireAt }),
        }),
      );
    }
  }
  return [...held.values()].sort();
}

function flat(snapshot: Snapshot): string[] {
  return [...snapshot].flatMap(([user, tokens]) => tokens.map((token) => text(user, token))).sort();
}
