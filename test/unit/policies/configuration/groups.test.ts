import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { describe, it } from "mocha";
import { parseConfig } from "../../../../policies/configuration/config-file";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { settingsFileSchema } from "../../../../policies/configuration/config-schema";
import { type PolicyConfig, resolveConfiguration } from "../../../../policies/configuration/configuration";
import type { GroupUser } from "../../../../policies/configuration/groups";
import { evidenceVerified, maxReadWriteTokens, maxTokenAge, tokenExpiringSoon } from "../../../../policies/rules";
import { failureOf } from "../../support";

const resolve = (...configs: PolicyConfig[]) =>
  resolveConfiguration(...configs.map((config, i) => ({ name: `source ${i}`, config })));

const ADA: GroupUser = { username: "ada", isServiceAccount: false };
const ETL: GroupUser = { username: "svc_etl", isServiceAccount: true };

/** Level and limit of max-token-age, one for each answer. */
function ageFor(user: GroupUser, ...configs: PolicyConfig[]): string[] {
  const answers = resolve(...configs).rulesFor(user);
  return answers.map((inForce) => `${inForce.level(maxTokenAge)} ${inForce.settings(maxTokenAge).maxDays}`);
}

const age = (maxDays: number) => ({ "max-token-age": { maxDays } });

describe("Groups of users", () => {
  for (const { title, user = ETL, config, expected } of [
    {
      title: "leave everybody else alone",
      user: ADA,
      config: { groups: [{ name: "g", users: ["svc_*"], rules: age(5) }] },
      expected: ["advisory 90"],
    },
    {
      title: "set what they say, and nothing else",
      config: {
        rules: { "max-token-age": { enforcementLevel: "mandatory", maxDays: 60 } },
        groups: [{ name: "g", users: ["svc_*"], rules: age(5) }],
      },
      expected: ["mandatory 5"],
    },
    {
      title: "set a level alone",
      config: {
        rules: age(60),
        groups: [{ name: "g", users: ["svc_*"], rules: { "max-token-age": "mandatory" } }],
      },
      expected: ["mandatory 60"],
    },
    {
      title: "win over the preset",
      config: {
        preset: "strict",
        groups: [{ name: "g", users: ["svc_*"], rules: { "max-token-age": "advisory" } }],
      },
      expected: ["advisory 90"],
    },
    {
      title: "win one over the other: the last, setting by setting, also where its users are named less specifically",
      config: {
        groups: [
          { name: "a", users: ["svc_etl"], rules: { "max-token-age": { enforcementLevel: "mandatory", maxDays: 5 } } },
          { name: "b", users: ["*"], rules: age(7) },
        ],
      },
      expected: ["mandatory 7"],
    },
    {
      title: "hold users by name and kind together",
      config: { groups: [{ name: "g", users: ["svc_*"], accounts: "humans", rules: age(5) }] },
      expected: ["advisory 90"],
    },
    {
      title: "hold users of a kind",
      config: { groups: [{ name: "g", accounts: "serviceAccounts", rules: age(5) }] },
      expected: ["advisory 5"],
    },
    {
      title: "judge as both kinds whom they might hold",
      user: { username: "svc_etl" },
      config: {
        groups: [
          { name: "a", accounts: "humans", rules: age(3) },
          { name: "b", accounts: "serviceAccounts", rules: age(5) },
        ],
      },
      expected: ["advisory 3", "advisory 5"],
    },
    {
      title: "judge once whom they cannot hold, or hold in any case",
      user: { username: "svc_etl" },
      config: {
        groups: [
          { name: "a", users: ["ada"], accounts: "humans", rules: age(3) },
          { name: "b", users: ["svc_*"], rules: age(5) },
        ],
      },
      expected: ["advisory 5"],
    },
  ] satisfies { title: string; user?: GroupUser; config: PolicyConfig; expected: string[] }[]) {
    it(title, () => assert.deepEqual(ageFor(user, config), expected));
  }

  it("of a later source win over those of an earlier one, and all over what sources say for everybody", () => {
    const file: PolicyConfig = { groups: [{ name: "a", users: ["*"], rules: age(5) }] };
    const options: PolicyConfig = { rules: age(6), groups: [{ name: "b", users: ["*"], rules: age(7) }] };
    assert.deepEqual(ageFor(ETL, file, { rules: age(6) }), ["advisory 5"]);
    assert.deepEqual(ageFor(ETL, file, options), ["advisory 7"]);
    assert.deepEqual(ageFor(ETL, options, file), ["advisory 5"]);
  });

  it("do not win over CrossGuard's own configuration", () => {
    const config: PolicyConfig = { groups: [{ name: "g", users: ["*"], rules: age(5) }] };
    const [inForce] = resolve(config).rulesFor(ETL);
    assert.equal(inForce?.settings(maxTokenAge, { maxDays: 4 }).maxDays, 4);
  });

  describe("give a policy", () => {
    const group = (name: string, level: "mandatory" | "advisory" | "disabled") => ({
      ...{ name, users: [name] },
      rules: { "max-token-age": level, "evidence-verified": level },
    });
    for (const { title, groups, levels } of [
      {
        title: "its rule's level, whatever they say",
        groups: [group("a", "mandatory")],
        levels: ["advisory", "mandatory"],
      },
      {
        title: "its rule's level, where they switch it off",
        groups: [group("a", "disabled")],
        levels: ["advisory", "disabled"],
      },
      {
        title: "the strongest of theirs, where its rule is off",
        groups: [group("a", "advisory"), group("b", "mandatory"), group("c", "disabled")],
        levels: ["advisory", "mandatory"],
      },
      { title: "an advisory one", groups: [group("a", "advisory")], levels: ["advisory", "advisory"] },
    ]) {
      it(title, () => {
        const configuration = resolve({ groups });
        assert.deepEqual(
          [maxTokenAge, evidenceVerified].map((rule) => configuration.policyLevel(rule)),
          levels,
        );
        assert.deepEqual(
          [maxTokenAge, evidenceVerified].map((rule) => configuration.level(rule)),
          ["advisory", "disabled"],
        );
      });
    }
  });

  describe("are refused with", () => {
    const named = { name: "robots", users: ["svc_*"] };
    for (const { title, groups, says } of [
      {
        title: "a rule that judges the whole",
        groups: [{ ...named, rules: { "inventory-covered": { users: ["ada"] } } }],
        says: "groups.0.rules.inventory-covered: it judges the whole, not users. Set it under rules.",
      },
      {
        title: "a setting that is about no user",
        groups: [{ ...named, rules: { "evidence-fresh": { onUnknown: "mandatory" } } }],
        says: "groups.0.rules.evidence-fresh: onUnknown is about no user. Set it under rules.",
      },
      {
        title: "a rule that does not exist",
        groups: [{ ...named, rules: { "max-token-agee": { maxDays: 3 } } }],
        says: "there is no rule max-token-agee; did you mean max-token-age?",
      },
      {
        title: "a setting that does not exist",
        groups: [{ ...named, rules: { "max-token-age": { maxdays: 3 } } }],
        says: "groups.0.rules.max-token-age: maxdays is not a setting; did you mean maxDays?",
      },
      {
        title: "a value that is not allowed",
        groups: [{ ...named, rules: { "max-token-age": { maxDays: 0 } } }],
        says: "groups.0.rules.max-token-age: maxDays is 0, allowed is >=1.",
      },
      {
        title: "a level that does not exist",
        groups: [{ ...named, rules: { "max-token-age": "warn" } }],
        says: `groups.0.rules.max-token-age is "warn"; allowed: advisory, mandatory, disabled.`,
      },
      {
        title: "a list of rules",
        groups: [{ ...named, rules: [] }],
        says: "groups.0.rules is a list, allowed is an object.",
      },
      {
        title: "a list for a rule",
        groups: [{ ...named, rules: { "max-token-age": [] } }],
        says: "groups.0.rules.max-token-age is a list, allowed is a level or an object.",
      },
      { title: "no rules", groups: [named], says: "groups.0.rules is missing." },
      {
        title: "nobody",
        groups: [{ name: "robots", rules: {} }],
        says: "allowed is a group with users or accounts, or both.",
      },
      {
        title: "an empty list of users",
        groups: [{ ...named, users: [], rules: {} }],
        says: "groups.0.users is empty",
      },
      {
        title: "a kind that does not exist",
        groups: [{ name: "robots", accounts: "robots", rules: {} }],
        says: `groups.0.accounts is "robots"; allowed: humans, serviceAccounts.`,
      },
      {
        title: "a key that does not exist",
        groups: [{ ...named, user: "x", rules: {} }],
        says: "groups.0.user is not a setting; did you mean users? (allowed: name, users, accounts, rules).",
      },
      {
        title: "a name twice",
        groups: [
          { ...named, rules: {} },
          { ...named, rules: {} },
        ],
        says: "groups.1.name: robots is used twice.",
      },
      { title: "no list", groups: {}, says: "groups is Object, allowed is Array." },
    ]) {
      it(title, async () => {
        const { message } = await failureOf(() => resolve({ groups } as PolicyConfig), PolicyConfigError);
        assert.ok(message.startsWith("source 0: ") && message.includes(says), message);
      });
    }

    it("one name in two sources, and the line of a mistake in a file", async () => {
      const group = { name: "robots", users: ["svc_*"], rules: {} };
      const twice = await failureOf(() => resolve({ groups: [group] }, { groups: [group] }), PolicyConfigError);
      assert.equal(twice.message, "source 1: groups.0.name: robots is used twice.");
      const text = "groups:\n  - name: robots\n    users: [a]\n    rules:\n      max-token-age:\n        maxDays: x\n";
      const inFile = await failureOf(() => resolveConfiguration(parseConfig(text, "s.yaml")), PolicyConfigError);
      assert.equal(inFile.message, `s.yaml:6: groups.0.rules.max-token-age: maxDays is "x", allowed is number.`);
    });
  });

  it("are as the published schema says", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(settingsFileSchema());
    const group = { name: "robots", users: ["svc_*"], rules: { [maxReadWriteTokens.name]: { max: 1 } } };
    for (const { groups, isRight } of [
      { groups: [group], isRight: true },
      { groups: [{ ...group, rules: { [tokenExpiringSoon.name]: "disabled" } }], isRight: true },
      { groups: [{ ...group, rules: { [maxReadWriteTokens.name]: { max: "1" } } }], isRight: false },
      { groups: [{ ...group, rules: { "inventory-covered": "disabled" } }], isRight: false },
      { groups: [{ ...group, rules: { "evidence-fresh": { onUnknown: "mandatory" } } }], isRight: false },
      { groups: [{ ...group, rules: { "evidence-fresh": { maxAgeHours: 2 } } }], isRight: true },
      { groups: [{ name: "robots", rules: {} }], isRight: false },
      { groups: [{ name: "robots", users: ["a"] }], isRight: false },
    ]) {
      assert.equal(validate({ groups }), isRight, JSON.stringify(groups));
    }
  });
});
