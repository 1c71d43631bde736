import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import * as policies from "../../policies/index";
import * as provider from "../../provider";

const ROOT = path.resolve(__dirname, "../..");

describe("public API", () => {
  it("of the package is these names", () => {
    assert.deepEqual(Object.keys(provider).sort(), ["UserTokens", "getUserTokens", "getUserTokensOutput"]);
  });

  it("of the policies is these names", () => {
    assert.deepEqual(Object.keys(policies).sort(), [
      "PolicyConfigError",
      "USER_TOKENS_TYPES",
      "createPolicies",
      "createPolicyPack",
      "defineRule",
      "evidenceFresh",
      "maxReadWriteTokens",
      "readEvidence",
      "resolveRuleSettings",
      "rules",
      "toPolicy",
      "tokensMustExpire",
    ]);
  });

  it("names a rule after its file and its policy", () => {
    const { tokensMustExpire, maxReadWriteTokens, evidenceFresh } = policies;
    assert.deepEqual(policies.rules, [tokensMustExpire, maxReadWriteTokens, evidenceFresh]);
    assert.deepEqual(
      policies.rules.map(({ name }) => name),
      ["tokens-must-expire", "max-read-write-tokens", "evidence-fresh"],
    );
  });

  it("counts on `isConfigSecret`, which the SDK leaves out of its types", () => {
    assert.equal(typeof (pulumi.runtime as unknown as Record<string, unknown>).isConfigSecret, "function");
  });

  it("starts nothing when the policies are imported, and loads no SDK and no HTTP client", async () => {
    assert.deepEqual(await packagesLoadedBy("./policies/index"), ["@valibot/to-json-schema", "valibot"]);
  }).timeout(20_000);
});

/** The packages that a module loads in a process of its own, which has to end by itself. */
async function packagesLoadedBy(module: string): Promise<string[]> {
  const program = `
    const before = new Set(Object.keys(require.cache));
    require(${JSON.stringify(module)});
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => !before.has(file))));`;
  const args = ["-r", "ts-node/register/transpile-only", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 15_000 });
  const files = JSON.parse(stdout) as string[];
  const packages = files.map((file) => /.*node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(file)?.[1]);
  return [...new Set(packages.filter((name) => name !== undefined))].sort();
}
