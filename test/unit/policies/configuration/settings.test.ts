import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { toConfigSchema } from "../../../../policies/policy";
import { evidenceFresh, maxReadWriteTokens, maxTokenAge, rules, tokensMustExpire } from "../../../../policies/rules";
import { resolveRuleSettings, settingNames } from "../../../../policies/configuration/settings";
import { failureOf } from "../../support";

const refusal = (...args: Parameters<typeof resolveRuleSettings>) =>
  failureOf(() => resolveRuleSettings(...args), PolicyConfigError);

describe("resolveRuleSettings", () => {
  it("fills the defaults in", () => {
    assert.deepEqual(resolveRuleSettings(tokensMustExpire, {}), { graceDays: 0 });
    assert.deepEqual(resolveRuleSettings(maxReadWriteTokens, {}), { max: 2, perUser: {}, rotationOverlapDays: 0 });
    assert.deepEqual(resolveRuleSettings(evidenceFresh, {}), {
      maxAgeHours: 24,
      onUnknown: "advisory",
      onIgnoreChanges: "advisory",
    });
  });

  it("keeps what is set, up to the limits", () => {
    const config = { max: 0, perUser: { ada: 0, "a b": 9 }, rotationOverlapDays: 365 };
    assert.deepEqual(resolveRuleSettings(maxReadWriteTokens, config), config);
    const types = { tokenTypes: ["read_write", "read_scaling"], graceDays: 0.5 };
    assert.deepEqual(resolveRuleSettings(tokensMustExpire, types), types);
    const fresh = { maxAgeHours: 8760, onUnknown: "mandatory", onIgnoreChanges: "mandatory" };
    assert.deepEqual(resolveRuleSettings(evidenceFresh, fresh), fresh);
  });

  for (const { rule, config, says } of [
    { rule: tokensMustExpire, config: { graceDays: -1 }, says: "graceDays is -1, allowed is >=0" },
    { rule: tokensMustExpire, config: { graceDays: 365.1 }, says: "graceDays is 365.1, allowed is <=365" },
    { rule: tokensMustExpire, config: { graceDays: "3" }, says: `graceDays is "3", allowed is number` },
    { rule: tokensMustExpire, config: { graceDays: NaN }, says: "graceDays is NaN, allowed is number" },
    { rule: tokensMustExpire, config: { graceDays: null }, says: "graceDays is null, allowed is number" },
    {
      rule: tokensMustExpire,
      config: { tokenTypes: "read_write" },
      says: `tokenTypes is "read_write", allowed is Array`,
    },
    {
      rule: tokensMustExpire,
      config: { tokenTypes: ["read_write", "readwrite"] },
      says: `tokenTypes.1 is "readwrite"; did you mean read_write? (allowed: read_write, read_scaling)`,
    },
    {
      rule: tokensMustExpire,
      config: { gracedays: 1 },
      says: "gracedays is not a setting; did you mean graceDays? (allowed: tokenTypes, graceDays, enforcementLevel)",
    },
    { rule: maxReadWriteTokens, config: { max: -1 }, says: "max is -1, allowed is >=0" },
    { rule: maxReadWriteTokens, config: { max: 1.5 }, says: "max is 1.5, allowed is a whole number" },
    { rule: maxReadWriteTokens, config: { max: "2" }, says: `max is "2", allowed is number` },
    { rule: maxReadWriteTokens, config: { perUser: { ada: -1 } }, says: "perUser.ada is -1, allowed is >=0" },
    { rule: maxReadWriteTokens, config: { perUser: 2 }, says: "perUser is 2, allowed is Object" },
    {
      rule: maxReadWriteTokens,
      config: { rotationOverlapDays: 366 },
      says: "rotationOverlapDays is 366, allowed is <=365",
    },
    { rule: evidenceFresh, config: { maxAgeHours: 0 }, says: "maxAgeHours is 0, allowed is >0" },
    { rule: evidenceFresh, config: { maxAgeHours: 8761 }, says: "maxAgeHours is 8761, allowed is <=8760" },
    {
      rule: evidenceFresh,
      config: { "\u001b[2J": 1 },
      says: "\\u001b[2J is not a setting; allowed: maxAgeHours, onUnknown, onIgnoreChanges, enforcementLevel",
    },
  ]) {
    it(`refuses ${JSON.stringify(config)} of ${rule.name}`, async () => {
      const { message } = await refusal(rule, config);
      assert.equal(message, `configuration of policy ${rule.name}: ${says}.`);
    });
  }

  it("refuses a list where an object is needed, which would count as an empty one", async () => {
    const { message } = await refusal(maxReadWriteTokens, { perUser: [] });
    assert.equal(message, "configuration of policy max-read-write-tokens: perUser is a list, allowed is an object.");
    for (const byType of [[], [5]]) await refusal(maxTokenAge, { byType });
    await refusal(maxReadWriteTokens, { perUser: [5] });
  });

  it("refuses an empty list of types, which would judge nothing, and calls it empty", async () => {
    const { message } = await refusal(tokensMustExpire, { tokenTypes: [] });
    assert.equal(
      message,
      "configuration of policy tokens-must-expire: tokenTypes is empty, allowed is a length of at least 1.",
    );
  });

  it("gives every rule settings from nothing, and names each default in the setting's description", () => {
    for (const rule of rules) {
      const resolved: Record<string, unknown> = resolveRuleSettings(rule, {});
      for (const [key, value] of Object.entries(resolved)) {
        const description = JSON.stringify(toConfigSchema(rule.settings).properties[key]);
        const isEmpty = value === "" || (typeof value === "object" && Object.keys(value ?? {}).length === 0);
        if (isEmpty) continue;
        assert.ok(description.includes(`Default: ${String(value)}`), `${rule.name}.${key}: ${description}`);
      }
    }
  });

  it("fails with a stack that says what to do and nothing more", async () => {
    const { message, stack } = await refusal(evidenceFresh, { maxAgeHours: 0 });
    assert.equal(stack, message);
  });
});

describe("settingNames", () => {
  it("gives a rule's own settings", () => {
    assert.deepEqual(settingNames(maxReadWriteTokens), ["max", "perUser", "rotationOverlapDays"]);
  });
});
