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
      "CONFIG_TEXT_VARIABLE",
      "CONFIG_VARIABLE",
      "ORGANIZATION_TOKENS_TYPES",
      "PRESETS",
      "PolicyConfigError",
      "USER_TOKENS_TYPES",
      "configPlaceIn",
      "createContext",
      "createPolicies",
      "createPolicyPack",
      "createWaiverMatcher",
      "defineStackRule",
      "defineUserRule",
      "deprovisionedUserHasTokens",
      "evidenceFresh",
      "evidenceOrigin",
      "evidenceVerified",
      "findWaiverFaults",
      "inventoryCovered",
      "judgeUser",
      "limitsInForce",
      "maxReadWriteTokens",
      "maxTokenAge",
      "maxTokenLifetime",
      "maxTokensPerUser",
      "noExpiredTokens",
      "parseConfig",
      "readConfigFile",
      "readEvidence",
      "readScalingOnly",
      "resolveConfiguration",
      "resolveRuleSettings",
      "rules",
      "stackRules",
      "toPolicy",
      "tokenExpiringSoon",
      "tokenFieldsConsistent",
      "tokenNameRequired",
      "tokensMustExpire",
      "uniqueTokenNames",
      "userRules",
      "waiverHygiene",
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

  it("names a rule after its policy, and exports each", () => {
    const exported = Object.entries(policies as Record<string, unknown>);
    for (const rule of policies.rules) {
      const camelCase = rule.name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      assert.equal(exported.find(([, value]) => value === rule)?.[0], camelCase);
    }
    assert.deepEqual(policies.rules, [...policies.userRules, ...policies.stackRules]);
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
