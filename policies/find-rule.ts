import { suggest } from "./config-error";
import type { Rule } from "./rule";
import { rules } from "./rules";

/** The rule of this name, if there is one. */
export function findRule(name: string): Rule | undefined {
  return rules.find((rule) => rule.name === name);
}

/** What to tell whoever wrote a name that no rule has. */
export function suggestRule(name: string): string {
  const names = rules.map((rule) => rule.name);
  return suggest(name, names);
}
