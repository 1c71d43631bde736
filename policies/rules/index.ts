import type { InferInput } from "valibot";
import type { EnforcementLevel, Rule, StackRule, UserRule } from "../rule";
import * as all from "./all";

type BuiltInRule = (typeof all)[keyof typeof all];

/** The name of a rule of this package. */
export type RuleName = BuiltInRule["name"];

/** Rules that are not listed follow by name: a new rule needs a place here only where the order matters. */
const ORDER: readonly RuleName[] = [
  // First: the first policy that meets evidence it cannot judge reports it for all.
  "evidence-fresh",
  "evidence-origin",
  "evidence-verified",
  // Next: the rules after them know what they are set to, and keep it in their advice.
  "max-token-lifetime",
  "max-token-age",
  "admin-tokens-limited",
  // The rest is ordered for readers.
  "tokens-must-expire",
  "max-read-write-tokens",
  "token-expiring-soon",
  "no-expired-tokens",
  "max-tokens-per-user",
  "token-name-required",
  "unique-token-names",
  "token-owner-required",
  "read-scaling-only",
  "token-fields-consistent",
  "deprovisioned-user-has-tokens",
  "inventory-covered",
  "waiver-hygiene",
];

const ordered: readonly Rule[] = Object.values(all).sort(
  (a, b) => rankOf(a.name) - rankOf(b.name) || (a.name < b.name ? -1 : 1),
);

function rankOf(name: RuleName): number {
  const place = ORDER.indexOf(name);
  return place < 0 ? ORDER.length : place;
}

/** The rules that judge each user. */
export const userRules: readonly UserRule[] = ordered.filter((rule) => rule.kind === "user");

/** The rules that judge a stack, or an audit, as a whole. */
export const stackRules: readonly StackRule[] = ordered.filter((rule) => rule.kind === "stack");

/** All rules, in the order in which the pack lists them. */
export const rules: readonly Rule[] = [...userRules, ...stackRules];

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** By rule name: a level, or an object with `enforcementLevel` and the rule's own settings. */
export type RulesConfig<Custom extends Rule = never> = {
  readonly [R in BuiltInRule | Custom as R["name"]]?:
    | EnforcementLevel
    | ({ readonly enforcementLevel?: EnforcementLevel | undefined } & DeepReadonly<InferInput<R["settings"]>>);
};

/** The page about a rule, in this package; `undefined` for a custom rule. */
export function pageOf(ruleName: string): string | undefined {
  return rules.some(({ name }) => name === ruleName) ? `docs/rules/${ruleName}.md` : undefined;
}

export * from "./all";
