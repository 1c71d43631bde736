import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, describe, it } from "mocha";
import { ANSWERS } from "../../../history/views";
import { ROOT } from "../../../tools/sandbox";
import { pageQueries, sampleLedger } from "./sample";
import { query } from "./support";

const PAGE = path.join(ROOT, "docs/history.md");

describe("docs/history.md", () => {
  let place: string;
  before(async () => {
    place = await sampleLedger();
  });

  it("lists the views, with what their rows are and their columns", async () => {
    const parts: string[] = [];
    for (const { name, description } of ANSWERS) {
      const columns = await query(place, `SELECT column_name FROM (DESCRIBE token_ledger.${name})`);
      const names = columns.map(({ column_name: column }) => `\`${String(column)}\``);
      parts.push(`### ${name}\n\n${description}\n\nColumns: ${names.join(", ")}.\n`);
    }
    const page = readFileSync(PAGE, "utf8");
    const written = page.replace(
      /(<!-- written by the tests: views -->\n).*?(<!-- end -->)/s,
      (_, start: string, end: string) => `${start}\n${parts.join("\n")}\n${end}`,
    );
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, written);
    else assert.equal(page, written, "run: npm run docs:history");
  });

  for (const [index, sql] of pageQueries().entries()) {
    it(`has a query that gives rows: ${sql.slice(0, 60).replace(/\s+/g, " ")}`, async () => {
      assert.ok(pageQueries().length >= 8);
      const rows = await query(place, sql.replace("now()::TIMESTAMP", "TIMESTAMP '2026-01-15'"));
      assert.ok(rows.length > 0, `query ${index}`);
    });
  }

  for (const { name } of ANSWERS) {
    it(`describes a view that gives rows: ${name}`, async () => {
      assert.ok((await query(place, `FROM token_ledger.${name}`)).length > 0);
    });
  }
});
