import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { describeRun, formatGoals, formatResults, formatState, type Results } from "../../../bench/results";
import { goals, guards, languages, scenarios } from "../../../bench/scenarios";

const ROOT = path.resolve(__dirname, "../../..");
const PAGE = path.join(ROOT, "docs/performance.md");

describe("docs/performance.md", () => {
  const reference = JSON.parse(readFileSync(path.join(ROOT, "bench/results/reference.json"), "utf8")) as Results;
  const parts = {
    machine: describeRun(reference),
    results: formatResults(reference),
    goals: formatGoals(reference, goals),
    state: formatState(reference),
  };

  for (const [name, text] of Object.entries(parts)) {
    it(`shows what the benchmark measured: ${name}`, () => {
      const part = new RegExp(`(reference\\.json: ${name} -->\\n\\n)(.*?)(\\n*<!-- end -->)`, "s");
      const page = readFileSync(PAGE, "utf8");
      if (process.env.UPDATE_DOCS) {
        writeFileSync(
          PAGE,
          page.replace(part, (_all, start: string) => `${start}${text}\n\n<!-- end -->`),
        );
      } else {
        assert.equal(withoutPadding(part.exec(page)?.[2] ?? ""), withoutPadding(text), "run npm run docs:performance");
      }
    });
  }

  it("shows all that the benchmark measures", () => {
    const shown = reference.rows.map(({ name }) => name);
    // The run that the page shows is older than the lines about guards and other languages; the next one has all of them.
    const newer = [...guards, ...languages];
    const hasAll = newer.some(({ name }) => shown.includes(name));
    const measured = scenarios.filter((scenario) => hasAll || !newer.includes(scenario));
    assert.deepEqual(
      shown,
      measured.map(({ name }) => name),
    );
  });
});

/** Prettier pads tables and breaks lines. */
function withoutPadding(text: string): string {
  return text.replace(/-+/g, "-").replace(/\s+/g, " ").trim();
}
