import { printable } from "../../core/printable";
import { checkCrossGuard, type CrossGuardCheck, isCrossGuard, mistakeOf } from "./check-crossguard";
import { readConfigFile } from "./config-file";
import { type Configuration, type ConfigSource, resolveConfiguration } from "./configuration";
import { configIn } from "./rule-config";
import type { Rule } from "../rule";
import { rules, waiverHygiene } from "../rules";
import { findWaiverFaults } from "../waivers";

/** The result of checking a configuration. */
export interface ConfigCheck extends CrossGuardCheck {
  /** A settings file of this package, or JSON for `--policy-pack-config`. */
  readonly kind: "settings file" | "CrossGuard configuration";
}

/**
 * Checks a settings file, or JSON for `--policy-pack-config`: including what the engine hides from a pack: policy names that
 * do not exist, and disabled policies.
 *
 * @param file an absolute path.
 * @param now milliseconds since the epoch, at which waivers must hold.
 * @param customRules rules besides those of this package.
 */
export function checkConfigFile(file: string, now = Date.now(), customRules: readonly Rule[] = []): ConfigCheck {
  let source: ConfigSource;
  try {
    source = { ...readConfigFile(file), customRules };
  } catch (error) {
    return settingsCheck([mistakeOf(error)]);
  }
  if (!isCrossGuard(Object.keys(source.config), [...rules, ...customRules])) return checkSettings(source, now);
  return { kind: "CrossGuard configuration", ...checkCrossGuard(source) };
}

function settingsCheck(
  mistakes: readonly string[],
  disabled: readonly string[] = [],
  excepted: readonly string[] = [],
): ConfigCheck {
  return { kind: "settings file", mistakes, disabled, excepted };
}

function checkSettings(source: ConfigSource, now: number): ConfigCheck {
  let configuration: Configuration;
  try {
    configuration = resolveConfiguration(source);
  } catch (error) {
    return settingsCheck([mistakeOf(error)]);
  }
  // A rule that the preset leaves off does not count as switched off.
  const { preset } = source.config;
  const before = resolveConfiguration({ ...source, config: preset === undefined ? {} : { preset } });
  const isOff = (rule: Rule) => configuration.policyLevel(rule) === "disabled" && before.level(rule) !== "disabled";
  const disabled = configuration.rules.filter(isOff).map(({ name }) => name);
  const mistakes = disabled.includes(waiverHygiene.name) ? [] : findWaiverMistakes(configuration, source, now);
  return settingsCheck(mistakes, disabled, findExcepted(configuration, before));
}

/** Rules that are switched off for some users: for a group, or for everybody outside it. */
function findExcepted(configuration: Configuration, before: Configuration): string[] {
  const { groups, userRules } = configuration;
  return userRules
    .filter((rule) => configuration.policyLevel(rule) !== "disabled")
    .flatMap((rule) => [
      ...(configuration.level(rule) === "disabled" && before.level(rule) !== "disabled"
        ? [`${rule.name} is disabled but for groups`]
        : []),
      ...groups
        .filter(({ rules: config }) => configIn(config, rule).enforcementLevel === "disabled")
        .map(({ name }) => `${rule.name} is disabled for group ${printable(name, 60)}`),
    ]);
}

/** What the gate would report about the waivers, whoever is judged. */
function findWaiverMistakes(
  { waivers, waiverLimits }: Configuration,
  { name: file, locate = () => "" }: ConfigSource,
  now: number,
): string[] {
  return waivers.flatMap((waiver, index) =>
    findWaiverFaults(waiver, waiverLimits, now).map(
      (fault) => `${file}${locate(["waivers", index])}: waivers.${index} (${printable(waiver.id, 60)}): ${fault}.`,
    ),
  );
}
