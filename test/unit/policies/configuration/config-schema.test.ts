import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { describe, it } from "mocha";
import { toPolicy } from "../../../../policies/policy";
import { rules } from "../../../../policies/rules";
import { resolveRuleSettings } from "../../../../policies/configuration/settings";

const VALUES: readonly unknown[] = [
  ...[-1, 0, 0.5, 1, 2, 365, 366, 3650, 3651, 8760, 8761, 86_400, 86_401],
  ...["1", "", "i", "advisory", "mandatory", "disabled", null, true, false],
  ...[[], {}, ["read_write"], ["x"], [""], [1], { ada: 1 }, { ada: -1 }],
  ...[{ read_write: 1 }, { read_write: 0 }, { read_scaling: "1" }, { readwrite: 1 }],
];

describe("The schema that the engine checks a policy's configuration with", () => {
  for (const rule of rules) {
    const { properties = {} } = toPolicy(rule).configSchema ?? {};

    it(`describes each setting of ${rule.name}, and has no default that would beat other sources`, () => {
      assert.deepEqual(Object.keys(properties), Object.keys(rule.settings.entries));
      for (const schema of Object.values(properties)) assert.equal(typeof schema.description, "string");
      assert.doesNotMatch(JSON.stringify(properties), /"default":/);
    });

    it(`allows and refuses the same values as ${rule.name} does`, () => {
      const validate = new Ajv().compile({ type: "object", properties });
      for (const key of Object.keys(rule.settings.entries)) {
        for (const value of VALUES) {
          const taken = outcome(() => resolveRuleSettings(rule, { [key]: value }));
          assert.equal(validate({ [key]: value }), taken, JSON.stringify({ [key]: value }));
        }
      }
    });
  }
});

function outcome(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
