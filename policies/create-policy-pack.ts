import type * as policy from "@pulumi/policy";
import { toPolicy, type RuleConfig } from "./policy";
import { rules } from "./rules";
import { PolicyConfigError } from "./settings";

/** What a pack of one's own can change. */
export interface PolicyPackOptions {
  /**
   * Level and settings by rule name, for example `{ "max-read-write-tokens": { max: 1 } }`. A rule that is not named
   * keeps its defaults; `enforcementLevel: "disabled"` leaves one out. CrossGuard's own configuration wins over this.
   */
  readonly rules?: { readonly [name: string]: RuleConfig };
  /** Policies of one's own, judged beside these. */
  readonly policies?: policy.Policies;
}

/**
 * The policies of this package, configured.
 *
 * @throws PolicyConfigError for an unknown rule or setting.
 */
export function createPolicies({ rules: configs = {}, policies = [] }: PolicyPackOptions = {}): policy.Policies {
  const names: string[] = rules.map(({ name }) => name);
  for (const name of Object.keys(configs)) {
    if (!names.includes(name)) throw new PolicyConfigError(`there is no rule ${name}; there are ${names.join(", ")}.`);
  }
  return [...rules.map((rule) => toPolicy(rule, configs[rule.name])), ...policies];
}

/**
 * Makes a policy pack of these rules and starts it: what a pack's own entry file calls, once.
 *
 * @param name of the pack. Its version is that of the `package.json` in the pack's folder.
 * @throws PolicyConfigError for an unknown rule or setting.
 */
export function createPolicyPack(name: string, options: PolicyPackOptions = {}): policy.PolicyPack {
  const policies = createPolicies(options);
  // Loaded here, so that importing the rules starts nothing and needs no SDK.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import()` would make this function async
  const sdk = require("@pulumi/policy") as typeof policy;
  return new sdk.PolicyPack(name, {
    displayName: "MotherDuck tokens",
    description: "Fails deployments whose MotherDuck API tokens break the rules of token hygiene.",
    policies,
  });
}
