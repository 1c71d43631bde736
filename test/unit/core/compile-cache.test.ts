import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import nodeModule from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "mocha";

const ROOT = path.resolve(__dirname, "../../..");

describe("compiled code", () => {
  const home = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-"));
  after(() => rmSync(home, { recursive: true }));
  const run = (env: Record<string, string>) => {
    const program = `require("./core/compile-cache").keepCompiledCode(); require("valibot"); console.log("done")`;
    const args = ["-r", "ts-node/register/transpile-only", "-e", program];
    return execFileSync(process.execPath, args, {
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, ...env },
    }).trim();
  };
  for (const name of ["on", "off"]) mkdirSync(path.join(home, name));
  const canKeep = "enableCompileCache" in nodeModule;

  it(`is kept in Pulumi's own folder where Node.js can do that, and nothing breaks where it cannot`, () => {
    assert.equal(run({ PULUMI_HOME: path.join(home, "on") }), "done");
    assert.equal(existsSync(path.join(home, "on/node-compile-cache")), canKeep);
  });

  it("is not kept where Pulumi has no folder: nobody asked for one", () => {
    assert.equal(run({ PULUMI_HOME: path.join(home, "nowhere") }), "done");
    assert.ok(!existsSync(path.join(home, "nowhere")));
  });

  it("is not kept where it is turned off", () => {
    assert.equal(run({ PULUMI_HOME: path.join(home, "off"), NODE_DISABLE_COMPILE_CACHE: "1" }), "done");
    assert.ok(!existsSync(path.join(home, "off/node-compile-cache")));
  });
});
