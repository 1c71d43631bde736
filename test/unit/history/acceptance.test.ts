import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import type { Baseline } from "../../../audit/baseline";
import type { Finding } from "../../../audit/result";
import { acceptedFindings, type AcceptedRun, acceptRun } from "../../../history/acceptance";
import { Ledger } from "../../../history/ledger";
import { failureOf } from "../support";
import { day, finding, newPlace, record, type Run, token } from "./support";

const A_FINDING = finding("ada", "a");
const B_FINDING = finding("bob", "b");
const ada = { tokens: [token("a")], findings: [A_FINDING] };
const bob = { tokens: [token("b")], findings: [B_FINDING] };

async function withLedger<T>(place: string, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await Ledger.open(place, { env: {} });
  try {
    return await work(ledger);
  } finally {
    ledger.close();
  }
}

const accept = (place: string, runId?: number): Promise<AcceptedRun> =>
  withLedger(place, (ledger) => ledger.write(() => acceptRun(ledger, runId)));
const known = (place: string): Promise<Baseline | undefined> =>
  withLedger(place, (ledger) => ledger.read(() => acceptedFindings(ledger)));

/** Which findings are known after some runs, of which one was accepted. */
async function knows(runs: readonly Run[], accepted: readonly number[], ...findings: Finding[]): Promise<unknown> {
  const place = newPlace();
  await record(place, ...runs);
  for (const runId of accepted) await accept(place, runId);
  const baseline = await known(place);
  return baseline && findings.map((one) => baseline.knows(one));
}

describe("an accepted run", () => {
  it("makes its findings known, and no others", async () => {
    const place = newPlace();
    await record(place, { now: 0, users: { ada } }, { now: 1, users: { ada, bob } });
    assert.equal(await known(place), undefined);
    assert.deepEqual(await accept(place, 1), { runId: 1, judgedAt: day(0), findings: 1 });
    const baseline = await known(place);
    assert.deepEqual(
      [A_FINDING, B_FINDING].map((one) => baseline?.knows(one)),
      [true, false],
    );
    assert.deepEqual(await accept(place), { runId: 2, judgedAt: day(1), findings: 2 });
    assert.equal((await known(place))?.knows(B_FINDING), true);
  });

  it("takes the place of earlier ones for the users that it read", async () => {
    const fixed = { now: 1, users: { ada: { tokens: [token("a")], findings: [] } }, scope: "selection" } as const;
    const runs = [{ now: 0, users: { ada, bob } }, fixed];
    assert.deepEqual(await knows(runs, [1, 2], A_FINDING, B_FINDING), [false, true]);
    assert.deepEqual(await knows(runs, [2, 1], A_FINDING, B_FINDING), [true, true]);
  });

  it("knows a finding with fewer parts, and none with another one", async () => {
    const many = (...parts: string[]) => finding("ada", undefined, { rule: "max-read-write-tokens", parts });
    const runs = [{ now: 0, users: { ada: { findings: [many("a", "b")] } } }];
    assert.deepEqual(await knows(runs, [1], many("b", "a"), many("a"), many("a", "c"), many("c")), [
      true,
      true,
      false,
      false,
    ]);
  });

  it("does not add up the parts of two occurrences", async () => {
    const fault = (...parts: string[]) => finding("ada", undefined, { rule: "waivers-valid", parts });
    const runs = [{ now: 0, users: { ada: { findings: [fault("a"), fault("b")] } } }];
    assert.deepEqual(await knows(runs, [1], fault("a"), fault("b"), fault("a", "b")), [true, true, false]);
  });

  it("does not make waived findings known: they are new once the waiver ends", async () => {
    const waiver = { id: "W-1", rule: A_FINDING.rule, user: "ada", expires: day(10) };
    const runs = [{ now: 0, users: { ada: { findings: [finding("ada", "a", { waiver })] }, bob } }];
    assert.deepEqual(await knows(runs, [1], A_FINDING, B_FINDING), [false, true]);
  });

  it("makes findings about the stack known", async () => {
    const about = finding("", undefined, { rule: "waivers-valid" });
    assert.deepEqual(await knows([{ now: 0, users: { ada }, findings: [about] }], [1], about, B_FINDING), [
      true,
      false,
    ]);
  });

  it("is of one organization: the same user of another has new findings", async () => {
    const of = (organization: string) => finding("ada", "a", { fingerprint: `${organization}-print` });
    const run = (organization: string) => ({ organization, users: { ada: { findings: [of(organization)] } } });
    const runs = [
      { now: 0, ...run("acme") },
      { now: 1, ...run("umbrella") },
    ];
    assert.deepEqual(await knows(runs, [1], of("acme"), of("umbrella")), [true, false]);
  });

  it("is complete, and there", async () => {
    const place = newPlace();
    await record(place, { now: 0, users: { ada }, failing: ["bob"] });
    const refusals = [
      [1, /run 1 is not complete, so what it missed would be new later/],
      [undefined, /run 1 is not complete/],
      [7, /there is no run 7/],
    ] as const;
    for (const [runId, said] of refusals) {
      const { message } = await failureOf(() => accept(place, runId), AuditError);
      assert.match(message, said);
    }
    assert.equal(await known(place), undefined);
    const empty = newPlace();
    assert.match((await failureOf(() => accept(empty), AuditError)).message, /no audit was recorded yet/);
  });
});
