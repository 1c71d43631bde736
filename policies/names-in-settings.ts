import type { Configuration } from "./configuration/configuration";
import { configIn, settingsOf } from "./configuration/rule-config";
import { resolveRuleSettings } from "./configuration/settings";
import type { UserRule } from "./rule";

/** Usernames or globs in the settings, each of which has to match somebody. */
export interface NamesInSettings {
  /** The rule that reports those which do not. */
  readonly rule: UserRule;
  /** Where they are set, as reports name it. */
  readonly where: string;
  readonly names: readonly string[];
}

/**
 * The names in the settings of rules, in groups and in owners. A group's own are reported by the first rule that it sets, those
 * of owners by the rules that judge owners.
 *
 * @param enabled the rules that judge anybody.
 */
export function namesInSettings(configuration: Configuration, enabled: readonly UserRule[]): NamesInSettings[] {
  const { groups, ownedUsernames } = configuration;
  const ofRules = enabled.flatMap((rule) =>
    [{ where: `the settings of ${rule.name}`, settings: configuration.settings(rule) }]
      .concat(
        groups.map(({ name, rules }) => ({
          where: `the settings of ${rule.name} in group ${name}`,
          settings: resolveRuleSettings(rule, settingsOf(configIn(rules, rule))),
        })),
      )
      .map(({ where, settings }) => ({ rule, where, names: rule.namesIn?.(settings) ?? [] })),
  );
  const ofGroups = groups.flatMap(({ name, users = [], rules }) => {
    const rule = enabled.find((one) => one.name in rules);
    return rule ? { rule, where: `group ${name}`, names: users } : [];
  });
  const ofOwners = enabled
    .filter(({ needsOwners }) => needsOwners)
    .map((rule) => ({ rule, where: "owners", names: ownedUsernames }));
  return [...ofRules, ...ofGroups, ...ofOwners];
}
