import { constantOf, filesOf, PLACEHOLDER } from "./rule-files";

/** What a new rule can be about: each token by itself, or several tokens of one user together. */
export const RULE_SUBJECTS = ["token", "tokens"] as const;

/** See {@link RULE_SUBJECTS}. */
export type RuleSubject = (typeof RULE_SUBJECTS)[number];

/** What differs between the templates. */
interface Template {
  readonly summary: string;
  readonly imports: string;
  readonly setting: string;
  readonly check: string;
  readonly testImports: string;
  /** @param rule the constant. */
  readonly tests: (rule: string) => string;
  readonly users: string;
}

/** The files of a new rule that its author edits, by name: a rule that works, with its tests and its example. */
export function renderTemplate(name: string, about: RuleSubject): Readonly<Record<string, string>> {
  const { rule, test, example } = filesOf(name);
  const template = TEMPLATES[about];
  return {
    [rule]: renderRule(name, template),
    [test]: renderTest(name, template),
    [example]: renderExample(name, template),
  };
}

const FIX = `${PLACEHOLDER}: what to do, in whole sentences.`;
const CHOICE = `${PLACEHOLDER}: which of them to revoke`;

const TEMPLATES: Readonly<Record<RuleSubject, Template>> = {
  token: {
    summary: "Fires on a token whose name is longer than allowed.",
    imports: `
import * as v from "valibot";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";`,
    setting: `
    maxLength: v.optional(setting.wholeNumber("${PLACEHOLDER}: Characters that a name may have. Default: 64."), 64),`,
    check: `
  check({ tokens }, { maxLength }) {
    return tokens
      .map(({ id, name }) => ({ id, length: [...(name ?? "")].length }))
      .filter(({ length }) => length > maxLength)
      .map(({ id, length }) => ({
        tokenId: id,
        fact: \`the name has \${length} characters, the limit is \${maxLength}\`,
        fix: "${FIX}",
      }));
  },`,
    testImports: `import { check, found, userToken } from "../../support";`,
    tests: (rule) => `
  it("says which token, what is wrong, the limit, and what to do", () => {
    assert.deepEqual(check(${rule}, [userToken({ id: "a", name: "long" })], { maxLength: 3 }), [
      {
        tokenId: "a",
        message: 'svc_bi / "long" (a): the name has 4 characters, the limit is 3. ${FIX}',
      },
    ]);
  });

  // ${PLACEHOLDER}: each limit from both sides, and what cannot be read.
  for (const { config, most } of [
    { config: {}, most: 64 },
    { config: { maxLength: 0 }, most: 0 },
    { config: { maxLength: 3 }, most: 3 },
  ]) {
    it(\`allows \${most} and not \${most + 1} with \${JSON.stringify(config)}\`, () => {
      const named = (length: number) => userToken({ id: "a", name: "x".repeat(length) });
      assert.deepEqual(found(${rule}, [named(most)], config), []);
      assert.deepEqual(found(${rule}, [named(most + 1)], config), ["a"]);
    });
  }`,
    users: `[{ name: "x".repeat(65) }]`,
  },

  tokens: {
    summary: "Fires on a description that more tokens of one user have than allowed.",
    imports: `
import * as v from "valibot";
import { groupBy } from "../../core/group-by";
import { isBlank, quotedName } from "../../core/printable";
import { adviseChoice } from "../advice";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { nameToken } from "../token-facts";`,
    setting: `
    max: v.optional(setting.wholeNumber("${PLACEHOLDER}: Tokens that may share a description. Default: 1."), 1),`,
    check: `
  check({ tokens }, { max }) {
    const described = tokens.filter(({ description }) => !isBlank(description ?? ""));
    return [...groupBy(described, ({ description = "" }) => description)]
      .filter(([, group]) => group.length > max)
      .map(([description, group]) => ({
        // Identifies the violation among the user's, so it must not change when a token joins the group.
        subject: description,
        // All tokens that it concerns, so that a baseline notices one that joins.
        parts: group.map(({ id }) => id),
        fact: \`\${group.length} tokens are described as \${quotedName(description, 100)}, the limit is \${max}: \${group.map(nameToken).join(", ")}\`,
        fix: adviseChoice("${CHOICE}"),
      }));
  },`,
    testImports: `import { check, foundGroups, userToken } from "../../support";`,
    tests: (rule) => `
  const described = (...descriptions: string[]) =>
    descriptions.map((description, index) => userToken({ id: \`\${index}\`, description }));

  it("says which tokens, what is wrong, the limit, and what to do", () => {
    assert.deepEqual(check(${rule}, described("loads", "loads")), [
      {
        message:
          'svc_bi: 2 tokens are described as "loads", the limit is 1: "0" (0), "1" (1). ' +
          "${CHOICE} (DELETE /v1/users/{username}/tokens/{token_id}).",
      },
    ]);
  });

  it("tells groups apart, and all tokens of each", () => {
    assert.deepEqual(foundGroups(${rule}, described("a", "b", "b", "c", "a", "a")), [
      { subject: "a", parts: ["0", "4", "5"] },
      { subject: "b", parts: ["1", "2"] },
    ]);
  });

  // ${PLACEHOLDER}: each limit from both sides, and what cannot be read.
  for (const { config, most } of [
    { config: {}, most: 1 },
    { config: { max: 0 }, most: 0 },
    { config: { max: 3 }, most: 3 },
  ]) {
    it(\`allows \${most} and not \${most + 1} with \${JSON.stringify(config)}\`, () => {
      const same = (number: number) => described(...Array.from({ length: number }, () => "loads"));
      assert.deepEqual(foundGroups(${rule}, same(most), config), []);
      assert.equal(foundGroups(${rule}, same(most + 1), config).length, 1);
    });
  }`,
    users: `[
      { name: "a", description: "Loads" },
      { name: "b", description: "Loads" },
    ]`,
  },
};

function renderRule(name: string, { imports, summary, setting, check }: Template): string {
  return `${imports.trimStart()}

/** ${PLACEHOLDER}: ${summary} */
export const ${constantOf(name)} = defineUserRule({
  name: "${name}",
  displayName: "${PLACEHOLDER}: what holds, in a few words",
  description: "${PLACEHOLDER}: one sentence that says what must hold.",
  rationale: "${PLACEHOLDER}: why the rule exists.",
  remediation: "${PLACEHOLDER}: how to fix what it finds.",
  severity: "low",
  // A new rule warns: whoever updates this package is not blocked by it.
  enforcementLevel: "advisory",
  controls: ["${PLACEHOLDER}: a control that it serves, such as NIST 800-53r5 CM-8"],
  settings: v.strictObject({${setting}
  }),${check}
});
`;
}

function renderTest(name: string, { testImports, tests }: Template): string {
  const constant = constantOf(name);
  return `
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ${constant} } from "../../../../policies/rules/${name}";
${testImports}

describe("${name}", () => {${tests(constant)}
});
`.trimStart();
}

function renderExample(name: string, { users }: Template): string {
  return `
import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  // ${PLACEHOLDER}: a user who breaks the rule, and no other.
  users: { "svc-${name}": ${users} },
  firesOn: ["svc-${name}"],
  notJudgedTwice: "${PLACEHOLDER}: why test/oracle/second-rules.ts does not have it; delete this line where it does",
};
`.trimStart();
}
