import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import manifest from "../../package.json";
import { pack } from "../../tools/packed";
import { ROOT } from "../../tools/sandbox";
import { StandIn } from "../../tools/stand-in/stand-in";

const SAYS = "motherduck-tokens: a ledger needs DuckDB, which is not installed. Run: npm install @duckdb/node-api\n";

describe("the packed command, installed without @duckdb/node-api", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-no-duckdb-"));
  const own = path.join(folder, "node_modules/pulumi-motherduck-tokens");
  const ledger = path.join(folder, "tokens.duckdb");
  let api: StandIn;
  const run = (...args: readonly string[]) =>
    execa(process.execPath, [path.join(own, manifest.bin["motherduck-tokens"]), ...args], {
      ...{ cwd: folder, env: api.env, reject: false, stdin: "ignore", stripFinalNewline: false },
    });

  before(async () => {
    api = await StandIn.start();
    const tarball = await pack(path.join(folder, "packed"));
    mkdirSync(own, { recursive: true });
    await execa("tar", ["-xzf", tarball, "--strip-components=1", "-C", own]);
    for (const name of Object.keys(manifest.dependencies)) {
      symlinkSync(path.join(ROOT, "node_modules", name), path.join(folder, "node_modules", name));
    }
  });
  after(async () => {
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("audits as ever where no ledger is named", async () => {
    const { exitCode, stderr } = await run("audit", "--all", "--fail-on", "none", "--quiet");
    assert.deepEqual([exitCode, stderr], [0, ""]);
  });

  it("says in one line what to install where one is, and its report says that nothing was judged", async () => {
    const report = path.join(folder, "audit.json");
    const args = ["--all", "--fail-on", "none", "--quiet", "--history", ledger, "--report", `json=${report}`];
    const { exitCode, stderr } = await run("audit", ...args);
    assert.deepEqual([exitCode, stderr], [2, SAYS]);
    const { failures, summary } = JSON.parse(readFileSync(report, "utf8")) as { failures: object[]; summary: object };
    assert.equal(failures.length, 1);
    assert.deepEqual(summary, { ...summary, users: 0, exitCode: 2 });
    assert.ok(!existsSync(ledger));
  });

  for (const command of [[], ["upgrade"], ["accept"], ["import", "audit.json"]]) {
    it(`says it in one line, too, for the command history ${command.join(" ")}`.trim(), async () => {
      const { exitCode, stderr } = await run("history", ...command, "--history", ledger);
      assert.deepEqual([exitCode, stderr], [2, SAYS]);
    });
  }
});
