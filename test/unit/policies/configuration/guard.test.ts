import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { resolveConfiguration } from "../../../../policies/configuration/configuration";
import { failureOf } from "../../support";

const resolve = (config: object) => resolveConfiguration({ name: "test", config: config });

describe("the setting guard", () => {
  for (const [guard, meant] of [
    ["everybody", {}],
    [["svc_bi", "ada_*"], { usernames: ["svc_bi", "ada_*"] }],
    [{ usernames: ["ada"] }, { usernames: ["ada"] }],
    [
      { accounts: "humans", cache: { maxAgeMinutes: 1440 } },
      { accounts: "humans", cache: { maxAgeMinutes: 1440 } },
    ],
    [undefined, undefined],
  ] as const) {
    it(`takes ${JSON.stringify(guard)}`, () => assert.deepEqual(resolve({ guard }).guard, meant));
  }

  it("is that of the last source that has one, as a whole", () => {
    const { guard } = resolveConfiguration(
      { name: "one", config: { guard: { accounts: "humans" } } },
      { name: "two", config: { guard: ["ada"] } },
      { name: "three", config: {} },
    );
    assert.deepEqual(guard, { usernames: ["ada"] });
  });

  for (const [guard, message] of [
    ["nobody", /guard is "nobody".*everybody/],
    [[], /guard is empty/],
    [[""], /guard\.0/],
    [[7], /guard\.0 is 7/],
    [{}, /usernames or accounts, or both/],
    [{ cache: { maxAgeMinutes: 5 } }, /usernames or accounts, or both/],
    [{ usernames: [] }, /guard\.usernames is empty/],
    [{ accounts: "robots" }, /guard\.accounts is "robots".*allowed: all, humans, serviceAccounts/],
    [{ account: "humans" }, /guard\.account is not a setting; did you mean accounts\?/],
    [{ accounts: "all", cache: {} }, /guard\.cache\.maxAgeMinutes is missing/],
    [{ accounts: "all", cache: { maxAgeMinutes: 0 } }, /guard\.cache\.maxAgeMinutes is 0/],
    [{ accounts: "all", cache: { maxAgeMinutes: 1441 } }, /guard\.cache\.maxAgeMinutes is 1441/],
    [null, /guard is null/],
    [true, /guard is true/],
  ] as const) {
    it(`refuses ${JSON.stringify(guard)}`, async () => {
      assert.match((await failureOf(() => resolve({ guard }), PolicyConfigError)).message, message);
    });
  }
});
