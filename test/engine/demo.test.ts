import assert from "node:assert/strict";
import { execa } from "execa";
import { describe, it } from "mocha";
import { ROOT } from "../../tools/sandbox";

describe("npm run demo", () => {
  it("shows the deployment blocked by both rules, then passing", async () => {
    const { stdout } = await execa("npm", ["run", "--silent", "demo"], { cwd: ROOT, stdin: "ignore" });
    const [first = "", second = ""] = stdout.split("2. The same");
    assert.match(first, /tokens-must-expire .*: svc_bi\)/);
    assert.match(first, /max-read-write-tokens .*: grace\)/);
    assert.match(first, /→ The deployment is blocked, by both rules\./);
    assert.match(second, /✅ motherduck-tokens/);
    assert.match(second, /→ The deployment passes\./);
    assert.ok(!stdout.includes("\u001b"), "no colour where no terminal is");
  });
});
