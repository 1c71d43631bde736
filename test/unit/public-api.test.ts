import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { dependencies } from "../../package.json";
import * as policies from "../../policies/index";
import * as provider from "../../provider";
import * as testing from "../../testing";
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
  });
});
