import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import { version } from "../../../core/version";
import { ROOT } from "../../../tools/sandbox";

describe("the command motherduck-tokens", () => {
  async function run(...args: string[]) {
    const command = ["-r", "ts-node/register/transpile-only", "cli/main.ts", ...args];
    const { stdout, stderr, exitCode } = await execa(process.execPath, command, { cwd: ROOT, reject: false });
    return { stdout, stderr, exitCode };
  }

  it("ends with 2 where something fails, and says why in one line", async () => {
    const ledger = path.join(ROOT, "no-such-folder", "tokens.duckdb");
    const { stdout, stderr, exitCode } = await run("history", "--history", ledger);
    assert.deepEqual([stdout, exitCode], ["", 2]);
    assert.match(stderr, /^motherduck-tokens: .*no-such-folder.*$/);
  });

  it("ends with 2 for a mistake in its arguments, where 1 would mean findings", async () => {
    const { stdout, stderr, exitCode } = await run("rules", "--formt", "json");
    assert.deepEqual([stdout, exitCode], ["", 2]);
    assert.match(stderr, /unknown option '--formt'/);
  });

  it("tells its version, which is no mistake", async () => {
    assert.deepEqual(await run("--version"), { stdout: version, stderr: "", exitCode: 0 });
  });
}).timeout(60_000);
