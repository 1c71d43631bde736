import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import { Ledger } from "../../../history/ledger";
import type { Finding, SinceLastRun } from "../../../audit/result";
import { sinceLastRun } from "../../../history/since-last-run";
import { API, begin, day, finding, newPlace, record, type Run, START, token } from "./support";

const [A, B] = [token("a"), token("b")];
const A_FINDING = finding("ada", "a");
const B_FINDING = finding("bob", "b");
const clean = (...tokens: (typeof A)[]) => ({ tokens, findings: [] });
const ada = { tokens: [A], findings: [A_FINDING] };
const bob = { tokens: [B], findings: [B_FINDING] };

/** What the last of some runs changed. */
async function since(...runs: readonly Run[]): Promise<SinceLastRun> {
  const place = newPlace();
  const recorded = await record(place, ...runs.map((run) => ({ organization: "acme", ...run })));
  const ledger = await Ledger.open(place, { env: {} });
  try {
    return await ledger.read(() => sinceLastRun(ledger, recorded.at(-1)?.runId ?? 0));
  } finally {
    ledger.close();
  }
}

const standings = ({ findings }: SinceLastRun) =>
  Object.entries(findings)
    .map(([print, { standing }]) => [print === A_FINDING.fingerprint ? "ada" : "bob", standing])
    .sort();
const fixedOf = ({ fixed }: SinceLastRun) => fixed.map(({ username }) => username);

describe("since the last run", () => {
  it("findings are new, or open since a date, and what is not there any more is fixed", async () => {
    const changes = await since(
      { now: 0, users: { ada: clean(A), bob, zoe: { findings: [finding("zoe")] } } },
      { now: 3, users: { ada: clean(A), bob, zoe: { findings: [finding("zoe")] } } },
      { now: 5, users: { ada, bob, zoe: clean() } },
    );
    assert.deepEqual(changes.previousRun, { runId: 2, judgedAt: day(3) });
    assert.deepEqual(changes.findings, {
      [A_FINDING.fingerprint]: { standing: "new", openSince: day(5), daysOpen: 0 },
      [B_FINDING.fingerprint]: { standing: "open", openSince: day(0), daysOpen: 5 },
    });
    const origin = { apiUrl: API, organization: "acme" };
    const recorded = ({ fingerprint, message }: Finding) => ({
      ...{ fingerprint, rule: "tokens-must-expire", severity: "high", enforcementLevel: "mandatory" },
      ...{ origin, message, isWaived: false },
    });
    assert.deepEqual(changes.opened, [{ ...recorded(A_FINDING), username: "ada", tokenId: "a" }]);
    assert.deepEqual(changes.fixed, [
      {
        ...{ ...recorded(finding("zoe")), username: "zoe" },
        ...{ openSince: day(0), lastSeenAt: day(3), fixedBy: new Date(START + 5 * DAY + 60_000).toISOString() },
      },
    ]);
  });

  it("nothing is known in the first run: its findings may be old", async () => {
    const changes = await since({ now: 0, users: { ada } });
    assert.equal(changes.previousRun, undefined);
    assert.deepEqual(standings(changes), [["ada", "unknown"]]);
    assert.deepEqual(changes.fixed, []);
  });

  it("is since the last complete one, whatever incomplete ones saw meanwhile", async () => {
    const changes = await since(
      { now: 0, users: { ada: clean(A), bob } },
      { now: 1, users: { ada }, failing: ["bob"] },
      { now: 2, users: { ada, bob: clean(B) } },
    );
    assert.equal(changes.previousRun?.runId, 1);
    assert.deepEqual(standings(changes), [["ada", "new"]]);
    assert.equal(changes.findings[A_FINDING.fingerprint]?.openSince, day(1));
    assert.deepEqual(fixedOf(changes), ["bob"]);
  });

  it("a user who could not be read has nothing fixed, not even what a run in between saw to be fixed", async () => {
    const before = { now: 0, users: { ada, bob } };
    assert.deepEqual(fixedOf(await since(before, { now: 1, users: { ada }, failing: ["bob"] })), []);
    const seen: Run = { now: 1, users: { bob: clean(B) }, scope: "selection" };
    assert.deepEqual(fixedOf(await since(before, seen, { now: 2, users: { ada }, failing: ["bob"] })), []);
    assert.deepEqual(fixedOf(await since(before, seen, { now: 2, users: { ada, bob: clean(B) } })), ["bob"]);
  });

  it("what was fixed and came back is there, and not fixed", async () => {
    const changes = await since(
      { now: 0, users: { ada } },
      { now: 1, users: { ada: clean(A) }, scope: "selection" },
      { now: 2, users: { ada } },
    );
    assert.deepEqual([standings(changes), fixedOf(changes)], [[["ada", "new"]], []]);
  });

  it("is compared with runs of the same scope, source and organization only", async () => {
    const others: Run[] = [
      { now: 1, users: { ada }, scope: "selection" },
      { now: 1, users: { ada }, source: { kind: "state", name: "stack.json" } },
      { now: 1, users: { ada }, organization: "another" },
    ];
    for (const other of others) {
      const changes = await since({ now: 0, users: { ada } }, other, { now: 2, users: { ada } });
      assert.deepEqual([changes.previousRun?.runId, standings(changes)], [1, [["ada", "open"]]]);
    }
  });

  it("a user who had not been looked at has findings of an unknown age", async () => {
    const changes = await since({ now: 0, users: { ada } }, { now: 1, users: { ada, bob } });
    assert.deepEqual(standings(changes), [
      ["ada", "open"],
      ["bob", "unknown"],
    ]);
  });

  it("by other settings nothing is new, and nothing is fixed", async () => {
    const config = { rules: { "tokens-must-expire": "disabled" } } as const;
    const without = { now: 0, users: { ada: clean(A) }, config };
    const appeared = await since(without, { now: 1, users: { ada } });
    assert.deepEqual(standings(appeared), [["ada", "unknown"]]);
    assert.deepEqual(fixedOf(await since({ now: 0, users: { ada } }, { ...without, now: 1 })), []);
  });

  it("a user who is gone has nothing fixed", async () => {
    const changes = await since({ now: 0, users: { ada, bob } }, { now: 1, users: { ada } });
    assert.deepEqual(fixedOf(changes), []);
  });

  it("findings of a user whom two audits read at the same time are of unknown age", async () => {
    const place = newPlace();
    await record(place, { now: 0, users: { ada } });
    const second = await begin(place, { now: 1, users: { ada, bob } });
    await record(place, { now: 1, users: { ada } });
    const { runId } = await second.end();
    const ledger = await Ledger.open(place, { env: {} });
    try {
      const changes = await ledger.read(() => sinceLastRun(ledger, runId));
      assert.deepEqual(changes.findings[A_FINDING.fingerprint], { standing: "unknown" });
      assert.deepEqual([changes.opened, changes.fixed], [[], []]);
    } finally {
      ledger.close();
    }
  });

  it("what somebody else wrote into the file is safe to print", async () => {
    const hostile = { ...finding("zoe"), message: "zoe\u001b[2J" };
    const zoe = { tokens: [], findings: [hostile] };
    const { fixed } = await since({ now: 0, users: { zoe } }, { now: 1, users: { zoe: clean() } });
    assert.equal(fixed[0]?.message, "zoe\\u001b[2J");
  });
});
