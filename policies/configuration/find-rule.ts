import { suggest } from "./config-error";
import type { Rule } from "../rule";
import { rules } from "../rules";

/** The rule of this name, if there is one. */
export function findRule(name: string, all: readonly Rule[] = rules): Rule | undefined {
  return all.find((rule) => rule.name === name);
}

/** The hint for a name that no rule has. */
export function suggestRule(name: string, all: readonly Rule[] = rules): string {
  const names = all.map((rule) => rule.name);
  return suggest(name, names);
}
