import * as v from "valibot";
import { quoted } from "../../core/printable";
import { PolicyConfigError } from "./config-error";
import { ENFORCEMENT_LEVELS, type Rule, SEVERITIES } from "../rule";
import { NonEmptyText } from "../setting-types";
import { describeIssue, pathOf } from "./settings";

/** What a rule may be called. */
export const RULE_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** What a rule must have. Its functions and the schema of its settings are left to the compiler. */
const CustomRuleShape = v.looseObject({
  kind: v.picklist(["user", "stack"]),
  name: v.pipe(
    v.string(),
    v.check((name) => RULE_NAME.test(name), "a name such as my-rule"),
  ),
  displayName: NonEmptyText,
  description: NonEmptyText,
  rationale: NonEmptyText,
  remediation: NonEmptyText,
  severity: v.picklist(SEVERITIES),
  enforcementLevel: v.picklist(ENFORCEMENT_LEVELS),
  controls: v.array(v.string()),
  settings: v.looseObject({ type: v.literal("strict_object", "an object schema of valibot, v.strictObject({ … })") }),
  check: v.function(),
});

/**
 * Checks rules that a pack's owner adds.
 *
 * @param where names them in errors, for example the file that they come from.
 * @param known the rules that exist already.
 * @throws PolicyConfigError for something that is not a rule, and for a name that is taken.
 */
export function checkCustomRules(value: unknown, where: string, known: readonly Rule[]): readonly Rule[] {
  if (!Array.isArray(value)) {
    throw new PolicyConfigError(`${where}: the rules are not a list. Give a list of what defineUserRule returns.`);
  }
  const names = new Set(known.map(({ name }) => name));
  for (const [index, rule] of (value as unknown[]).entries()) {
    const result = v.safeParse(CustomRuleShape, rule, { abortEarly: true });
    if (!result.success) {
      const [issue] = result.issues;
      const what = pathOf(issue).length === 0 ? "it is not a rule" : describeIssue(issue, []);
      throw new PolicyConfigError(
        `${where}: rule ${index}: ${what}. Make rules with defineUserRule or defineStackRule.`,
      );
    }
    const { name } = result.output;
    if (names.has(name))
      throw new PolicyConfigError(`${where}: rule ${index}: there is a rule ${quoted(name)} already.`);
    names.add(name);
  }
  return value as Rule[];
}
