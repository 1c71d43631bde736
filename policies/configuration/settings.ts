import * as v from "valibot";
import { PolicyConfigError, suggest } from "./config-error";
import type { Rule } from "../rule";

/**
 * Checks a rule's settings and fills in the defaults.
 *
 * @param where names the place of a key in errors, for example `configuration of policy tokens-must-expire`.
 * @throws PolicyConfigError that names the key, what was found and what is allowed.
 */
export function resolveRuleSettings<R extends Rule>(
  rule: R,
  settings: object,
  where: (path: readonly PropertyKey[]) => string = () => `configuration of policy ${rule.name}`,
): v.InferOutput<R["settings"]> {
  const result = v.safeParse(rule.settings, settings, { abortEarly: true });
  if (result.success) {
    refuseLists(settings, result.output, where);
    return result.output;
  }
  const [issue] = result.issues;
  throw new PolicyConfigError(
    `${where(pathOf(issue))}: ${describeIssue(issue, [...settingNames(rule), "enforcementLevel"])}.`,
  );
}

/** The keys that lead to what is wrong. */
export function pathOf(issue: v.BaseIssue<unknown>): PropertyKey[] {
  return (issue.path ?? []).map(({ key }) => key as PropertyKey);
}

/**
 * What is wrong, in the words of whoever wrote the settings.
 *
 * @param known the keys of the object that is checked, which stands `depth` keys below the top.
 */
export function describeIssue(issue: v.BaseIssue<unknown>, known: readonly string[], depth = 1): string {
  const path = pathOf(issue).map(String);
  const key = path.join(".");
  // How valibot reports a key that is not allowed.
  if (issue.type === "strict_object" && issue.expected === "never") {
    return `${key} is not a setting${path.length === depth ? `; ${suggest(path.at(-1) ?? "", known)}` : ""}`;
  }
  if (issue.received === "undefined") return `${key} is missing`;
  if (issue.type === "picklist") {
    const options = [...(issue.expected ?? "").matchAll(/"([^"]*)"/g)].map(([, option = ""]) => option);
    return `${key} is ${issue.received}; ${suggest(issue.received.replaceAll('"', ""), options)}`;
  }
  if (issue.type === "min_length")
    return `${key} is empty, allowed is a length of at least ${String(issue.requirement)}`;
  const allowed = issue.type === "integer" ? "a whole number" : (issue.expected ?? issue.message);
  return `${key} is ${issue.received}, allowed is ${allowed}`;
}

/** To valibot, a list is an object, too: it would silently make an empty one of it. */
function refuseLists(
  settings: object,
  output: Record<string, unknown>,
  where: (path: readonly PropertyKey[]) => string,
): void {
  for (const [key, value] of Object.entries(settings)) {
    if (Array.isArray(value) && !Array.isArray(output[key])) {
      throw new PolicyConfigError(`${where([key])}: ${key} is a list, allowed is an object.`);
    }
  }
}

/** The names of a rule's own settings. */
export function settingNames(rule: Rule): string[] {
  return Object.keys(rule.settings.entries);
}
