import * as v from "valibot";
import { PolicyConfigError } from "./config-error";
import { findRule, suggestRule } from "./find-rule";
import { presetConfig, PRESETS, type Preset } from "./presets";
import { ENFORCEMENT_LEVELS, type EnforcementLevel, type Rule, type RuleConfig } from "./rule";
import { rules, waiverHygiene } from "./rules";
import { describeIssue, pathOf, resolveRuleSettings } from "./settings";
import { refuseWaiver, type Waiver, type WaiverLimits, WaiverSchema } from "./waivers";

/** The environment variable that names the settings file of the ready pack and of the audit. */
export const CONFIG_VARIABLE = "MOTHERDUCK_TOKENS_CONFIG";

/** The environment variable that holds the content of a settings file, where there is no file to name. */
export const CONFIG_TEXT_VARIABLE = "MOTHERDUCK_TOKENS_CONFIG_TEXT";

/** What can be configured: the content of a settings file, and the argument of the pack's factory. */
export interface PolicyConfig {
  /** Where everything starts. Default: `recommended`. */
  readonly preset?: Preset;
  /** The organization that waivers and lists of users are about where they name no other. */
  readonly organization?: string;
  /** By rule name: a level, or an object with `enforcementLevel` and the rule's own settings. */
  readonly rules?: { readonly [rule: string]: EnforcementLevel | RuleConfig };
  /** Exceptions, with owner, reason and end. */
  readonly waivers?: readonly Waiver[];
}

/** The configuration, checked and complete: what each rule is set to. */
export interface Configuration {
  /** The rule's level. */
  level(rule: Rule): EnforcementLevel;
  /**
   * The rule's settings, with all defaults.
   *
   * @param override CrossGuard's own configuration of the policy, which wins over everything else, setting by setting.
   * @throws PolicyConfigError for a mistake in `override`.
   */
  settings<R extends Rule>(rule: R, override?: object): v.InferOutput<R["settings"]>;
  /** The organization that is meant where none is named; `undefined` is that of evidence which names none. */
  readonly organization?: string | undefined;
  /** Each with its organization. */
  readonly waivers: readonly Waiver[];
  /** What waivers must keep to hide something. */
  readonly waiverLimits: WaiverLimits;
}

/** A configuration and where it comes from, as errors name it. */
export interface ConfigSource {
  readonly config: PolicyConfig;
  /** For example the path of the file. */
  readonly name: string;
  /** Names the place of a key in errors, for example `:12`. */
  readonly locate?: (path: readonly PropertyKey[]) => string;
}

/**
 * Puts the configuration together. What comes later wins, setting by setting: the preset, then the sources in their order.
 *
 * @throws PolicyConfigError that names the source, the key, what was found and what is allowed.
 */
export function resolveConfiguration(...sources: readonly ConfigSource[]): Configuration {
  const waiverIds = new Set<string>();
  for (const source of sources) checkSource(source, waiverIds);
  const preset = sources.findLast(({ config }) => config.preset !== undefined)?.config.preset ?? "recommended";
  const organization = sources.findLast(({ config }) => config.organization !== undefined)?.config.organization;
  const home = organization === undefined ? {} : { organization };
  const merged = (rule: Rule): RuleConfig =>
    Object.assign(
      {},
      presetConfig(preset, rule.name),
      ...sources.map(({ config }) => toRuleConfig(config.rules?.[rule.name])),
    ) as RuleConfig;

  const configs = new Map(rules.map((rule) => [rule.name, merged(rule)]));
  const settings: Configuration["settings"] = (rule, override = {}) => {
    return resolveRuleSettings(rule, { ...settingsOf(configs.get(rule.name)), ...override });
  };
  return {
    level: (rule) => configs.get(rule.name)?.enforcementLevel ?? rule.enforcementLevel,
    settings,
    organization,
    waivers: sources.flatMap(({ config }) => (config.waivers ?? []).map((waiver) => ({ ...home, ...waiver }))),
    waiverLimits: settings(waiverHygiene),
  };
}

function toRuleConfig(config: EnforcementLevel | RuleConfig = {}): RuleConfig {
  // What is undefined is not said: it must not win over what another source says.
  return typeof config === "string"
    ? { enforcementLevel: config }
    : Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** A rule's own settings, without the level. */
function settingsOf({ ...settings }: RuleConfig = {}): Record<string, unknown> {
  delete settings.enforcementLevel;
  return settings;
}

const Level = v.picklist(ENFORCEMENT_LEVELS);
// Not a union, whose errors do not tell which of the two was meant.
const RuleShape = v.lazy((value) =>
  typeof value === "string" ? Level : v.looseObject({ enforcementLevel: v.optional(Level) }),
);
const Shape = v.strictObject({
  $schema: v.optional(v.string()),
  preset: v.optional(v.picklist(PRESETS)),
  organization: v.optional(v.pipe(v.string(), v.minLength(1))),
  rules: v.optional(v.record(v.string(), RuleShape)),
  waivers: v.optional(v.array(WaiverSchema)),
});

function checkSource({ config, name, locate = () => "" }: ConfigSource, waiverIds: Set<string>): void {
  const at = (...path: PropertyKey[]) => `${name}${locate(path)}`;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new PolicyConfigError(`${at()}: it is no object with keys such as preset, rules and waivers.`);
  }
  if (Array.isArray(config.rules))
    throw new PolicyConfigError(`${at("rules")}: rules is a list, allowed is an object.`);
  const result = v.safeParse(Shape, config, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = pathOf(issue);
    const inWaiver = path[0] === "waivers";
    const known = inWaiver ? Object.keys(WaiverSchema.entries) : Object.keys(Shape.entries).slice(1);
    throw new PolicyConfigError(`${at(...path)}: ${describeIssue(issue, known, inWaiver ? 3 : 1)}.`);
  }
  for (const [ruleName, value] of Object.entries(config.rules ?? {})) {
    const rule = requireRule(ruleName, at("rules", ruleName));
    // To valibot, a list is an object, too.
    if (Array.isArray(value))
      throw new PolicyConfigError(
        `${at("rules", ruleName)}: rules.${ruleName} is a list, allowed is a level or an object.`,
      );
    const settings = settingsOf(toRuleConfig(value));
    resolveRuleSettings(rule, settings, (path) => `${at("rules", ruleName, ...path)}: rules.${ruleName}`);
  }
  checkWaivers(config.waivers ?? [], waiverIds, (index) => `${at("waivers", index)}: waivers.${index}`);
}

function checkWaivers(waivers: readonly Waiver[], ids: Set<string>, at: (index: number) => string): void {
  for (const [index, waiver] of waivers.entries()) {
    const rule = requireRule(waiver.rule, `${at(index)}.rule`);
    if (rule.waivable === false) throw new PolicyConfigError(`${at(index)}.rule: ${rule.name} cannot be waived.`);
    const refusal = refuseWaiver(waiver);
    if (refusal !== undefined) throw new PolicyConfigError(`${at(index)}: it ${refusal}.`);
    if (ids.has(waiver.id)) throw new PolicyConfigError(`${at(index)}.id: ${waiver.id} is there twice.`);
    ids.add(waiver.id);
  }
}

function requireRule(name: string, where: string): Rule {
  const rule = findRule(name);
  if (!rule) throw new PolicyConfigError(`${where}: there is no rule ${name}; ${suggestRule(name)}.`);
  return rule;
}
