import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { dependencies } from "../../package.json";
import * as policies from "../../policies/index";
import * as provider from "../../provider";
import * as testing from "../../testing";
import { ROOT } from "../../tools/sandbox";
import { packagesLoadedBy } from "./support";

describe("public API", () => {
  it("of the package is these names", () => {
    assert.deepEqual(Object.keys(provider).sort(), [
      "ApiError",
      "MotherDuckTokensError",
      "NetworkError",
      "OrganizationTokens",
      "ReadError",
      "ResponseError",
      "SettingsError",
      "UserTokens",
      "getUserTokens",
      "getUserTokensOutput",
    ]);
  });

  it("of the policies is these names", () => {
    assert.deepEqual(Object.keys(policies).sort(), [
      "PRESETS",
      "PolicyConfigError",
      "createPolicies",
      "createPolicyPack",
      "defineStackRule",
      "defineUserRule",
      "readEvidence",
      "rules",
    ]);
  });

  it("of the test helpers is these names", () => {
    assert.deepEqual(Object.keys(testing).sort(), [
      "analyzeResource",
      "analyzeStack",
      "token",
      "unknown",
      "userTokens",
    ]);
  });

  it("has one file for each rule, and one of tests", () => {
    const expected = policies.rules.map(({ name }) => name).sort();
    const files = (folder: string, ending: string) =>
      readdirSync(path.join(ROOT, folder))
        .map((file) => path.basename(file, ending))
        .filter((name) => name !== "index")
        .sort();
    assert.deepEqual(files("policies/rules", ".ts"), expected);
    assert.deepEqual(files("test/unit/policies/rules", ".test.ts"), expected);
  });

  it("brings two packages into a program, with what they need", () => {
    assert.deepEqual(Object.keys(dependencies), ["axios", "valibot"]);
  });

  it("counts on `isConfigSecret`, which the SDK leaves out of its types", () => {
    assert.equal(typeof (pulumi.runtime as unknown as Record<string, unknown>).isConfigSecret, "function");
  });

  it("starts nothing when the policies are imported, and loads no SDK and no HTTP client", async () => {
    assert.deepEqual(await packagesLoadedBy(`require("./policies/index")`), [
      "@valibot/to-json-schema",
      "fastest-levenshtein",
      "valibot",
    ]);
  }).timeout(20_000);
});
