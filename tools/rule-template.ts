import { constantOf, filesOf, PLACEHOLDER } from "./rule-files";

/** The files of a new rule that its author edits, by name: a rule that works, with its tests and its example. */
export function renderTemplate(name: string): Readonly<Record<string, string>> {
  const { rule, test, example } = filesOf(name);
  return { [rule]: renderRule(name), [test]: renderTest(name), [example]: renderExample(name) };
}

const FIX = `${PLACEHOLDER}: what to do, in whole sentences.`;

function renderRule(name: string): string {
  return `
import * as v from "valibot";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";

/** ${PLACEHOLDER}: Fires on a token whose name is longer than allowed. */
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
  settings: v.strictObject({
    maxLength: v.optional(setting.wholeNumber("${PLACEHOLDER}: Characters that a name may have. Default: 64."), 64),
  }),
  check({ tokens }, { maxLength }) {
    return tokens
      .map(({ id, name }) => ({ id, length: [...(name ?? "")].length }))
      .filter(({ length }) => length > maxLength)
      .map(({ id, length }) => ({
        tokenId: id,
        fact: \`the name has \${length} characters, the limit is \${maxLength}\`,
        fix: "${FIX}",
      }));
  },
});
`.trimStart();
}

function renderTest(name: string): string {
  const constant = constantOf(name);
  return `
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ${constant} } from "../../../../policies/rules/${name}";
import { check, found, userToken } from "../../support";

const named = (length: number) => userToken({ id: "a", name: "x".repeat(length) });

describe("${name}", () => {
  it("says which token, what is wrong, the limit, and what to do", () => {
    assert.deepEqual(check(${constant}, [userToken({ id: "a", name: "long" })], { maxLength: 3 }), [
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
      assert.deepEqual(found(${constant}, [named(most)], config), []);
      assert.deepEqual(found(${constant}, [named(most + 1)], config), ["a"]);
    });
  }
});
`.trimStart();
}

function renderExample(name: string): string {
  return `
import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  // ${PLACEHOLDER}: a user who breaks the rule, and no other.
  users: { "svc-${name}": [{ name: "x".repeat(65) }] },
  firesOn: ["svc-${name}"],
  notJudgedTwice: "${PLACEHOLDER}: why test/oracle/second-judge.ts does not judge it; delete this line where it does",
};
`.trimStart();
}
