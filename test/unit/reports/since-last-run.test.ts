import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { loadReport, REPORT_NAMES } from "../../../reports";
import { maxTokenLifetime, tokenExpiringSoon, tokensMustExpire } from "../../../policies/rules";
import { githubReport } from "../../../reports/github";
import { jsonReport } from "../../../reports/json";
import { junitReport } from "../../../reports/junit";
import { markdownReport } from "../../../reports/markdown";
import { sarifReport } from "../../../reports/sarif";
import { textReport } from "../../../reports/text";
import { changes, FAILURE, firstRun, judged, STACK_FINDING, TREND, USERS, write } from "./fixture";
import { at } from "../support";
import { assertJunit, readGithub, readJson, readSarif } from "./validators";

const SENTENCE =
  "Since the last run (2026-02-28T12:00Z): 1 new, 1 still open, the oldest for 41 days, 1 of unknown age; 1 fixed.";
const NOTHING =
  "Since the last run: nothing to compare with, because the ledger has no earlier complete run of this kind.";
const many = <T>(items: readonly T[]) => Array.from({ length: 30 }, () => items[0] as T);

describe("since the last run, in reports", () => {
  it("text names what is new and what is fixed, and does not give a pipeline commands", () => {
    const text = write(textReport, USERS, { sinceLastRun: changes() });
    const [, section = ""] = text.split("token-expiring-soon  low       1 advisory\n");
    assert.equal(
      section.split("\n\nDo first")[0],
      `
${SENTENCE}
  new    tokens-must-expire: svc_bi / "dashboards" (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.
  fixed  tokens-must-expire: [acme] svc_etl / "::error::*nightly*" (etl-1): never expires. (waived)`,
    );
  });

  it("markdown names them, harmless", () => {
    const text = write(markdownReport, USERS, { sinceLastRun: changes() });
    assert.ok(text.includes("**Since the last run (2026-02-28T12:00Z)**: 1 new, 1 still open"), text);
    assert.ok(text.includes("### New and fixed\n\n- **new** tokens-must-expire: svc_bi / `"), text);
    assert.ok(text.includes("- **fixed** tokens-must-expire: &#91;acme&#93;") && !text.includes("*nightly*"), text);
  });

  it("tells how many more there are", () => {
    const since = changes();
    const sinceLastRun = { ...since, opened: many(since.opened), fixed: many(since.fixed) };
    assert.match(write(textReport, USERS, { sinceLastRun }), /\n {2}and 20 more new, 20 more fixed\n/);
    assert.match(write(markdownReport, USERS, { sinceLastRun }), /\n… and 10 more new, 10 more fixed\.\n/);
  });

  it("says that there is nothing to compare with, and that what could not be read is not compared", () => {
    const report = write(textReport, USERS, { sinceLastRun: firstRun() });
    assert.ok(report.includes(NOTHING) && !report.includes("  new  "), report);
    const failed = write(textReport, USERS, {
      ...{ sinceLastRun: changes(), failures: [FAILURE], findings: [STACK_FINDING] },
    });
    assert.ok(failed.includes("2 of unknown age; 1 fixed. What could not be read is not compared."), failed);
  });

  it("the suites of junit and the first annotation have the sentence", async () => {
    const junit = write(junitReport, USERS, { sinceLastRun: changes() });
    await assertJunit(junit);
    assert.ok(junit.includes(`<property name="sinceLastRun" value="${SENTENCE}"/>`), junit);
    const [{ message = "" } = {}] = readGithub(write(githubReport, USERS, { sinceLastRun: changes() }));
    assert.ok(message.endsWith(` ${SENTENCE}`), message);
  });

  it("json has it as data", () => {
    const { sinceLastRun, trend } = readJson(write(jsonReport, USERS, { sinceLastRun: changes(), trend: TREND }));
    assert.deepEqual([sinceLastRun, trend], [changes(), TREND]);
  });

  it("SARIF has states where there is no baseline, and what is fixed is no result", () => {
    const users = [judged("svc_bi", USERS[1]?.tokens ?? [], [tokensMustExpire, maxTokenLifetime, tokenExpiringSoon])];
    const { results, properties } = readSarif(write(sarifReport, users, { sinceLastRun: changes() }));
    assert.deepEqual(
      results.map(({ baselineState }) => baselineState),
      ["new", undefined, "unchanged", undefined],
    );
    assert.deepEqual(results[2]?.properties?.age, { standing: "open", openSince: at(-41), daysOpen: 41 });
    const { fixed } = properties?.sinceLastRun as { fixed: { username: string }[] };
    assert.deepEqual(
      fixed.map(({ username }) => username),
      ["svc_etl"],
    );
  });

  it("without a ledger no report speaks of it", async () => {
    for (const name of REPORT_NAMES) {
      // The page's script has the words.
      const [text = ""] = write(await loadReport(name), USERS).split("<script");
      assert.doesNotMatch(text, /[Ss]ince the last run|sinceLastRun/, name);
    }
  });
});
