import type * as policy from "@pulumi/policy";
import { type PolicyConfig, resolveConfiguration } from "./configuration/configuration";
import { environmentSource } from "./configuration/environment";
import { parseConfig, readConfigFile } from "./configuration/config-file";
import { PolicyConfigError } from "./configuration/config-error";
import { createContext, toPolicy } from "./policy";
import type { Rule } from "./rule";

/** Options for a custom policy pack. CrossGuard's own configuration wins over all of them. */
export interface PolicyPackOptions<Custom extends Rule = never> extends PolicyConfig<Custom> {
  /** The absolute path of a settings file; the other options win over it. */
  readonly configFile?: string | undefined;
  /** The content of a settings file, YAML or JSON, in place of `configFile`; the other options win over it. */
  readonly configText?: string | undefined;
  /**
   * Rules besides those of this package. Presets, `rules`, waivers and levels treat them alike; give the audit the same ones
   * with `--rules`. Default: none.
   */
  readonly customRules?: readonly Custom[];
  /** CrossGuard policies that are not made of rules, evaluated alongside these. Default: none. */
  readonly policies?: policy.Policies;
  /** The clock, in milliseconds since the epoch; tests set it. Default: `Date.now`. */
  readonly now?: () => number;
}

/**
 * The policies of this package, configured.
 *
 * @throws PolicyConfigError for a mistake in the options or in the settings file.
 */
export function createPolicies<const Custom extends Rule = never>(
  options: PolicyPackOptions<Custom> = {},
): policy.Policies {
  const { configFile, configText, customRules, policies = [], now = Date.now, ...config } = options;
  if (configFile !== undefined && configText !== undefined) {
    throw new PolicyConfigError("the policy pack's options: configFile and configText are both set. Keep one of them.");
  }
  const file = [
    ...(configFile === undefined ? [] : [readConfigFile(configFile)]),
    ...(configText === undefined ? [] : [parseConfig(configText)]),
  ];
  const configuration = resolveConfiguration(...environmentSource(process.env), ...file, {
    name: "the policy pack's options",
    config,
    customRules,
  });
  const context = createContext(configuration, now);
  return [...inOrder(configuration.rules).map((rule) => toPolicy(rule, context)), ...policies];
}

/** The engine asks policies in the order of the pack: those whose settings decide for others come first. */
function inOrder(all: readonly Rule[]): Rule[] {
  const isFirst = (rule: Rule) => rule.kind === "stack" && rule.decidesForOthers === true;
  return [...all.filter(isFirst), ...all.filter((rule) => !isFirst(rule))];
}

/**
 * Makes a policy pack of these rules and starts it: what a pack's own entry file calls, once.
 *
 * @param name of the pack. Its version is that of the `package.json` in the pack's folder.
 * @throws PolicyConfigError for a mistake in the options or in the settings file.
 */
export function createPolicyPack<const Custom extends Rule = never>(
  name: string,
  options: PolicyPackOptions<Custom> = {},
): policy.PolicyPack {
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
