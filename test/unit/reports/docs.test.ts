import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { loadReport, type ReportName, REPORT_NAMES } from "../../../reports";
import { CSV_COLUMNS } from "../../../reports/csv";
import { auditHeader, USERS, write } from "./fixture";

const PAGE = path.resolve(__dirname, "../../../docs/reports.md");
const EXCERPT = /(<!-- written by the tests: ([\w-]+) -->\n\n(`{3,})\w+\n)(.*?)(?=\n\3\n)/gs;

/** What the page shows of each format: lines of the report on one user. */
const LINES: Partial<Record<ReportName, (lines: string[]) => string[]>> = {
  text: (lines) => lines,
  json: (lines) => [...lines.slice(0, 9), "    …", ...lines.slice(lines.indexOf("  },"))],
  sarif: (lines) => between(lines, `        {`, `          "suppressions": [],`).map((line) => line.slice(8)),
  junit: (lines) => [...lines.slice(2, 13), "  …"],
  gitlab: (lines) => [...lines.slice(0, 12), "  },", "  …"],
  github: (lines) => lines.slice(0, 2),
  markdown: (lines) => lines.slice(0, lines.indexOf("</details>") + 1),
  csv: (lines) => [...lines.slice(0, 2), ...lines.slice(-1)],
  ical: (lines) => [...lines.slice(lines.indexOf("BEGIN:VEVENT"), lines.indexOf("TRIGGER:-P30D") + 1), "…"],
  plan: (lines) => lines.slice(...sectionAt(lines, (line) => line.startsWith("### "))),
  "plan-sh": (lines) => lines.slice(...sectionAt(lines, (line) => /^# \d+\. /.test(line))),
  openmetrics: (lines) => lines.filter((line) => !line.startsWith("# ") && !line.endsWith(" 0")),
};

function between(lines: string[], first: string, last: string): string[] {
  const end = lines.indexOf(last);
  return lines.slice(lines.lastIndexOf(first, end), end + 1);
}

/** From the first line of a kind to the next one of it. */
function sectionAt(lines: string[], isFirst: (line: string) => boolean): [number, number] {
  const start = lines.findIndex(isFirst);
  const next = lines.findIndex((line, index) => index > start && isFirst(line));
  return [start, next - 1];
}

async function excerpt(name: ReportName): Promise<string> {
  const users = USERS.slice(1, 2);
  const text = write(await loadReport(name), users, {}, auditHeader());
  return LINES[name]?.(text.trimEnd().split(/\r?\n/)).join("\n") ?? assert.fail(name);
}

describe("docs/reports.md", () => {
  it("shows what the formats write", async () => {
    const page = readFileSync(PAGE, "utf8");
    const excerpts = new Map<string, string>();
    for (const [, , name = ""] of page.matchAll(EXCERPT)) excerpts.set(name, await excerpt(name as ReportName));
    assert.deepEqual([...excerpts.keys()].sort(), Object.keys(LINES).sort());
    const current = page.replace(EXCERPT, (_, start: string, name: string) => start + (excerpts.get(name) ?? ""));
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, current);
    else assert.equal(page, current, "run npm run docs:reports");
  });

  it("names each format and each column", () => {
    const page = readFileSync(PAGE, "utf8");
    for (const name of REPORT_NAMES) assert.match(page, new RegExp(`^\\| (?:\\[)?\`${name}\``, "m"));
    for (const column of CSV_COLUMNS) assert.ok(page.includes(`\`${column}\``), column);
  });
});
