import assert from "node:assert/strict";
import path from "node:path";
import * as v from "valibot";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { createPolicies, type PolicyPackOptions } from "../../../../policies/create-policy-pack";
import { loadRules } from "../../../../policies/configuration/load-rules";
import { defineStackRule, defineUserRule } from "../../../../policies/rule";
import { analyzeResource, analyzeStack } from "../../../../testing";
import { ROOT } from "../../../../tools/sandbox";
import { evidenceOf, failureOf, NOW, temporaryFile, userToken, waiver } from "../../support";

const TEXTS = { displayName: "…", description: "…", rationale: "…", remediation: "…", controls: [] };

const shortNames = defineUserRule({
  name: "short-names",
  ...TEXTS,
  severity: "low",
  enforcementLevel: "advisory",
  presets: { strict: { max: 2 } },
  settings: v.strictObject({ max: v.optional(v.pipe(v.number(), v.description("Characters. Default: 4.")), 4) }),
  check: ({ tokens }, { max }) =>
    tokens
      .filter(({ name = "" }) => (name ?? "").length > max)
      .map(({ id }) => ({ tokenId: id, fact: `its name is longer than ${max}`, fix: "Name another one." })),
});

const someUsers = defineStackRule({
  name: "some-users",
  ...TEXTS,
  severity: "low",
  enforcementLevel: "mandatory",
  settings: v.strictObject({ min: v.optional(v.pipe(v.number(), v.description("Users. Default: 2.")), 2) }),
  check: ({ usernames }, { min }) =>
    usernames.length >= min ? [] : [{ fact: `${usernames.length} users are fewer than ${min}`, fix: "Declare more." }],
});

const evidence = evidenceOf("svc_bi", [userToken({ id: "t1", name: "abcde" })]);
const custom = [shortNames, someUsers] as const;

/** What the engine would print of these rules. */
async function judge(options: PolicyPackOptions<(typeof custom)[number]> = {}): Promise<string[]> {
  const policies = createPolicies({ customRules: custom, now: () => NOW, ...options });
  const resource = await analyzeResource(policies, evidence);
  const stack = await analyzeStack(policies, [evidence]);
  return [...resource.violations, ...stack.violations]
    .filter(({ policy }) => custom.some(({ name }) => name === policy))
    .map(({ policy, message, enforcementLevel }) => `${enforcementLevel} ${policy} ${message}`);
}

describe("a custom rule", () => {
  it("judges beside the others, with its own level and settings", async () => {
    assert.deepEqual(await judge(), [
      'advisory short-names svc_bi / "abcde" (t1): its name is longer than 4. Name another one.',
      "mandatory some-users 1 users are fewer than 2. Declare more.",
    ]);
  });

  it("is set by the options, and switched off, as the others are", async () => {
    assert.deepEqual(await judge({ rules: { "short-names": { max: 5 }, "some-users": "disabled" } }), []);
    // @ts-expect-error -- the compiler knows the settings of custom rules, too
    const options: PolicyPackOptions<typeof shortNames> = { rules: { "short-names": { maxx: 5 } } };
    const { message } = await failureOf(() => judge(options), PolicyConfigError);
    assert.match(message, /rules\.short-names: maxx is not a setting; did you mean max\?/);
  });

  it("is changed by presets", async () => {
    const [line] = await judge({ preset: "strict" });
    assert.match(line ?? "", /^mandatory short-names .* longer than 2\./);
  });

  it("is set by the settings file", async () => {
    const configFile = temporaryFile("custom.yaml", "rules:\n  short-names: { max: 3, enforcementLevel: mandatory }\n");
    assert.match((await judge({ configFile }))[0] ?? "", /^mandatory short-names .* longer than 3\./);
  });

  it("can be waived", async () => {
    const lines = await judge({ rules: { "short-names": "mandatory" }, waivers: [waiver({ rule: "short-names" })] });
    assert.match(lines[0] ?? "", /^advisory short-names .* \[waived by WVR-1 until /);
  });

  it("cannot be waived where it is about the stack: a waiver is about users", async () => {
    const options = { customRules: custom, waivers: [waiver({ rule: "some-users" })] };
    const { message } = await failureOf(() => createPolicies(options), PolicyConfigError);
    assert.match(message, /waivers\.0\.rule: some-users cannot be waived/);
  });

  it("comes behind the rules of its kind", () => {
    const names = createPolicies({ customRules: custom }).map(({ name }) => name);
    assert.ok(names.indexOf("short-names") < names.indexOf("inventory-covered"));
    assert.equal(names.at(-1), "some-users");
  });

  it("points at no page of this package", () => {
    const find = (name: string) => createPolicies({ customRules: custom }).find((policy) => policy.name === name);
    assert.equal(find("short-names")?.remediationSteps, "…");
    assert.match(find("max-token-age")?.remediationSteps ?? "", /docs\/rules\/max-token-age\.md/);
  });

  for (const [title, rules, says] of [
    [
      "a name that is taken",
      [{ ...shortNames, name: "max-token-age" }],
      /rule 0: there is a rule "max-token-age" already/,
    ],
    ["one name twice", [shortNames, shortNames], /rule 1: there is a rule "short-names" already/],
    [
      "a name that is none",
      [{ ...shortNames, name: "Short names" }],
      /rule 0: name is "Short names", allowed is a name such/,
    ],
    ["a rule without a check", [{ ...shortNames, check: undefined }], /rule 0: check is missing/],
    [
      "settings of another kind",
      [{ ...shortNames, settings: v.object({}) }],
      /rule 0: settings\.type is "object", allowed/,
    ],
    ["something that is not a rule", [null], /rule 0: it is not a rule/],
    ["something that is not a list", { shortNames }, /the rules are not a list/],
  ] as const) {
    it(`is refused: ${title}`, async () => {
      const make = () => createPolicies({ customRules: rules as never });
      const { message } = await failureOf(make, PolicyConfigError);
      assert.match(message, says);
      assert.match(message, /^the policy pack's options: /);
    });
  }
});

describe("a module with custom rules", () => {
  const text = `{ kind: "user", name: "mine", displayName: "…", description: "…", rationale: "…", remediation: "…",
    severity: "low", enforcementLevel: "advisory", controls: [], settings: { type: "strict_object" }, check() {} }`;

  it("exports them as rules, or as its default, in either kind of module", () => {
    for (const [file, content] of [
      ["named.cjs", `exports.rules = [${text}]`],
      ["default.cjs", `exports.default = [${text}]`],
      ["named.mjs", `export const rules = [${text}]`],
      ["default.mjs", `export default [${text}]`],
    ] as const) {
      assert.deepEqual(
        loadRules(temporaryFile(file, content)).map(({ name }) => name),
        ["mine"],
        file,
      );
    }
  });

  it("is the example's", () => {
    const [rule, ...others] = loadRules(path.join(ROOT, "examples/custom-policy-pack/rules.ts"));
    assert.deepEqual([rule?.name, others], ["tokens-carry-the-service-name", []]);
  });

  for (const [title, content, says] of [
    ["cannot be loaded", "throw new Error('broken')", /the rules cannot be loaded: broken/],
    ["exports none", "exports.rule = []", /it exports no rules\. Export a list named rules/],
    ["exports something else", "exports.rules = [{}]", /rule 0: kind is missing/],
  ] as const) {
    it(`is refused where it ${title}, and named`, async () => {
      const file = temporaryFile("refused.cjs", content);
      delete require.cache[file];
      const { message } = await failureOf(() => loadRules(file), PolicyConfigError);
      assert.match(message, says);
      assert.ok(message.startsWith(`${file}: `));
    });
  }

  it("is refused where it is missing", async () => {
    const { message } = await failureOf(() => loadRules("no-such-rules.js"), PolicyConfigError);
    assert.match(message, /^no-such-rules\.js: the rules cannot be loaded: /);
  });
});
