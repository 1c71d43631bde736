import type { EnforcementLevel, Rule, RuleConfig } from "../rule";
import type { RulesConfig } from "../rules";

/** What settings say about a rule. A value that is undefined does not count: it must not override another source. */
export function configIn(config: RulesConfig<Rule> | undefined, rule: Rule): RuleConfig {
  return toRuleConfig(config?.[rule.name]);
}

/** A level, or a level with settings, as one. */
export function toRuleConfig(config: EnforcementLevel | RuleConfig = {}): RuleConfig {
  return typeof config === "string" ? { enforcementLevel: config } : withoutUndefined(config);
}

/** An object without the keys whose value is `undefined`. */
export function withoutUndefined(config: object = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** A rule's own settings, without the level. */
export function settingsOf({ ...settings }: RuleConfig = {}): Record<string, unknown> {
  delete settings.enforcementLevel;
  return settings;
}
