import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { ANSWERS } from "../../history/views";
import { pageQueries, sampleLedger } from "../unit/history/sample";

describe("a ledger, opened with Python's duckdb", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-python-"));
  const python = path.join(folder, "venv/bin/python");

  before(async function () {
    this.timeout(300_000);
    try {
      await execa("python3", ["-m", "venv", path.join(folder, "venv")]);
      await execa(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "duckdb"]);
    } catch (error) {
      if (process.env.CI) throw error;
      console.log(`      no tests with Python: ${(error as Error).message.split("\n")[0]}`);
      this.skip();
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("answers every question of the page, and every view", async () => {
    const place = await sampleLedger();
    const queries = [...pageQueries(), ...ANSWERS.map(({ name }) => `FROM token_ledger.${name}`)];
    const sql = queries.map((query) => query.replace("now()::TIMESTAMP", "TIMESTAMP '2026-01-15'"));
    writeFileSync(path.join(folder, "queries.json"), JSON.stringify(sql));
    const program = `
import duckdb, json, sys
ledger = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps([len(ledger.sql(query.strip().rstrip(";")).fetchall()) for query in json.load(open(sys.argv[2]))]))`;
    const { stdout } = await execa(python, ["-c", program, place, path.join(folder, "queries.json")]);
    const counts = JSON.parse(stdout) as number[];
    assert.deepEqual(
      counts.map((count, index) => count > 0 || sql[index]),
      sql.map(() => true),
    );
  });
});
