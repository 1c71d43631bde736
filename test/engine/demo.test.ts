import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import { ROOT } from "../../tools/sandbox";

/** The output at the top of the README. */
function readmeOutput(): string {
  const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
  const [, output] = /```text\n(Policies:\n.*?)```/s.exec(readme) ?? [];
  assert.ok(output);
  return output;
}

describe("npm run demo", () => {
  it("shows the deployment blocked by both rules, then passing", async () => {
    const { stdout } = await execa("npm", ["run", "--silent", "demo"], { cwd: ROOT, stdin: "ignore" });
    const [first = "", second = ""] = stdout.split("2. The same");
    assert.match(first, /tokens-must-expire .*: svc_bi\)/);
    assert.match(first, /max-read-write-tokens .*: grace\)/);
    assert.match(first, /→ The deployment is blocked, by both rules\./);
    assert.match(second, /✅ motherduck-tokens/);
    assert.match(second, /→ The deployment passes\./);
    assert.ok(
      first.replace(/\(local: .*\)/, "(local: policies)").includes(readmeOutput()),
      "the README shows this output",
    );
    assert.ok(!stdout.includes("\u001b"), "no colour where no terminal is");
  });
});
