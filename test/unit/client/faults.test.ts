import assert from "node:assert/strict";
import { inspect } from "node:util";
import { after, before, describe, it } from "mocha";
import { FAULTS } from "../../faults/faults";
import { fakeDns, type Outcome, runFault, TOKEN } from "../../faults/run-fault";
import { documentedTables, documentTables, renderTables } from "../../faults/table";
import { assertHidden } from "../support";

// All at the same time: most of them are spent waiting.
describe("with a fault on the way, a read", () => {
  let outcomes: Outcome[];
  let restoreDns: () => void;

  before(async function () {
    this.timeout(60_000);
    restoreDns = fakeDns();
    outcomes = await Promise.all(FAULTS.flatMap(({ faults }) => faults).map(runFault));
  });
  after(() => restoreDns());

  for (const { title, faults } of FAULTS) {
    describe(title, () => {
      for (const fault of faults) {
        it(`${fault.title}: ${fault.outcome} after ${fault.attempts} requests`, () => {
          const outcome = outcomes.find((candidate) => candidate.fault === fault);
          assert.ok(outcome);
          assert.deepEqual([outcome.kind, outcome.attempts], [fault.outcome, fault.attempts], inspect(outcome.result));
          if (outcome.result instanceof Error) assertHidden(outcome.result, TOKEN);
          if (outcome.result instanceof Error) assertHidden(outcome.result, "pa55word");
          assert.ok(!outcome.seenByProxy.includes(TOKEN), outcome.seenByProxy);
          assert.doesNotMatch(outcome.message, /\p{Cc}/u);
        });
      }
    });
  }

  it("ends as docs/faults.md says", () => {
    // Node.js 24 and newer add advice of their own.
    const tables = renderTables(outcomes).replaceAll(/; if the root CA is installed locally, try [^)]*/g, "");
    if (process.env.UPDATE_DOCS) documentTables(tables);
    // Line by line, for a short report.
    assert.deepEqual(documentedTables().split("\n"), tables.split("\n"), "out of date: run `npm run docs:faults`");
  });
});
