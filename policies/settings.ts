import * as v from "valibot";
import { printable } from "../core/printable";
import type { Rule } from "./rule";

/** A mistake in the configuration of a policy. The engine shows it and fails the preview. */
export class PolicyConfigError extends Error {
  override readonly name = "PolicyConfigError";

  constructor(message: string) {
    super(message);
    // The engine prints the stack; the message says what to do, the stack says nothing more.
    this.stack = message;
  }
}

/**
 * Checks a rule's configuration and fills in the defaults.
 *
 * @throws PolicyConfigError that names the policy, the key, what was found and what is allowed.
 */
export function resolveRuleSettings<R extends Rule>(rule: R, config: object): v.InferOutput<R["settings"]> {
  const result = v.safeParse(rule.settings, config, { abortEarly: true });
  if (result.success) {
    refuseLists(rule, config, result.output);
    return result.output;
  }
  const issue = result.issues[0];
  const key = (issue.path ?? []).map(({ key }) => String(key)).join(".");
  throw new PolicyConfigError(
    printable(`configuration of policy ${rule.name}: ${key} ${describeIssue(rule, issue)}.`, 1000),
  );
}

function describeIssue(rule: Rule, issue: v.BaseIssue<unknown>): string {
  // valibot's way to say that a key should not be there.
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `is not a setting of this policy; its settings are ${settingNames(rule).join(", ")}`;
  }
  if (issue.type === "min_length") return `is empty, allowed is a list of at least ${String(issue.requirement)}`;
  const allowed = issue.type === "integer" ? "a whole number" : (issue.expected ?? issue.message);
  return `is ${issue.received}, allowed is ${allowed}`;
}

/** To valibot, a list is an object, too: it would make an empty one of it, without a word. */
function refuseLists(rule: Rule, config: object, output: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(config)) {
    if (Array.isArray(value) && !Array.isArray(output[key])) {
      throw new PolicyConfigError(`configuration of policy ${rule.name}: ${key} is a list, allowed is an object.`);
    }
  }
}

/** The names of a rule's own settings. */
export function settingNames(rule: Rule): string[] {
  return Object.keys(rule.settings.entries);
}
