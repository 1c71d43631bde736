import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { describeRun, formatGoals, formatResults, formatState, type Results } from "../../../bench/results";
import { goals, scenarios } from "../../../bench/scenarios";

const ROOT = path.resolve(__dirname, "../../..");
const PAGE = path.join(ROOT, "docs/performance.md");

describe("docs/performance.md", () => {
  const reference = readResults("reference.json");
  const parts = {
    "reference.json: machine": describeRun(reference),
    "reference.json: results": formatResults(reference),
    "reference.json: goals": formatGoals(reference, goals),
    "reference.json: state": formatState(reference),
  };

  for (const [name, text] of Object.entries(parts)) {
    it(`shows what the benchmark measured: ${name}`, () => {
      const part = new RegExp(`(results/${name.replaceAll(".", "\\.")} -->\\n\\n)(.*?)(\\n*<!-- end -->)`, "s");
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
    const shown = new Set(reference.rows.map(({ name }) => name));
    assert.deepEqual(
      scenarios.map(({ name }) => name).filter((name) => !shown.has(name)),
      [],
    );
  });
});

function readResults(file: string): Results {
  return JSON.parse(readFileSync(path.join(ROOT, "bench/results", file), "utf8")) as Results;
}

/** Prettier pads tables and breaks lines. */
function withoutPadding(text: string): string {
  return text.replace(/-+/g, "-").replace(/\s+/g, " ").trim();
}
