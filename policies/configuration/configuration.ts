import * as v from "valibot";
import { type ApiSettings, ApiSchema, refuseSecret } from "./api";
import { PolicyConfigError } from "./config-error";
import { checkCustomRules } from "./custom-rules";
import { findRule, suggestRule } from "./find-rule";
import { GUARD_KEYS, type GuardConfig, GuardSchema, type GuardSettings, toGuardSettings } from "./guard";
import { presetConfig, PRESETS, type Preset } from "./presets";
import {
  ENFORCEMENT_LEVELS,
  type EnforcementLevel,
  type Rule,
  type RuleConfig,
  type StackRule,
  type UserRule,
} from "../rule";
import {
  type RuleName,
  type RulesConfig,
  rules,
  stackRules as builtInStackRules,
  userRules as builtInUserRules,
  waiverHygiene,
} from "../rules";
import { NonEmptyText } from "../setting-types";
import { describeIssue, pathOf, resolveRuleSettings } from "./settings";
import { DEFAULT_ADMIN_ROLES } from "../administrators";
import { SYSTEM_TOKENS, type SystemTokens } from "../system-tokens";
import { refuseWaiver, type Waiver, type WaiverLimits, WaiverSchema } from "../waivers";

/** The environment variable that names the settings file of the ready pack and of the audit. */
export const CONFIG_VARIABLE = "MOTHERDUCK_TOKENS_CONFIG";

/** The environment variable that holds the content of a settings file, where there is no file to name. */
export const CONFIG_TEXT_VARIABLE = "MOTHERDUCK_TOKENS_CONFIG_TEXT";

/** What can be configured: the content of a settings file, and the argument of the pack's factory. */
export interface PolicyConfig<Custom extends Rule = never> {
  /** Where everything starts. Default: `recommended`. */
  readonly preset?: Preset;
  /** The organization that waivers and lists of users are about where they name no other. */
  readonly organization?: string;
  /** What becomes of violations that are due to tokens which MotherDuck made itself, by their names. Default: `judged`. */
  readonly systemTokens?: SystemTokens;
  /** The roles that make a user an administrator. Default: `admin`. */
  readonly adminRoles?: readonly string[];
  /** By rule name: a level, or an object with `enforcementLevel` and the rule's own settings. */
  readonly rules?: RulesConfig<Custom>;
  /** Exceptions, with owner, reason and end. */
  readonly waivers?: readonly Waiver[];
  /** Users that the pack reads and judges by itself, whatever the program declares. Default: nobody. */
  readonly guard?: GuardConfig;
  /** How the pack reads by itself. */
  readonly api?: ApiSettings;
  /** The ledger in which audits are recorded: a file, or `md:` and a database of MotherDuck. The pack does not use it. */
  readonly history?: string;
}

/** The configuration, checked and complete: what each rule is set to. */
export interface Configuration {
  /** All rules, those of this package first, in the order in which they judge. */
  readonly rules: readonly Rule[];
  readonly userRules: readonly UserRule[];
  readonly stackRules: readonly StackRule[];
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
  /** What becomes of violations that are due to tokens which MotherDuck made itself. */
  readonly systemTokens: SystemTokens;
  /** The roles that make a user an administrator. */
  readonly adminRoles: readonly string[];
  /** Each with its organization. */
  readonly waivers: readonly Waiver[];
  /** What waivers must keep to hide something. */
  readonly waiverLimits: WaiverLimits;
  /** Whom the pack reads and judges by itself; absent: nobody. */
  readonly guard?: GuardSettings;
  /** How it reads. */
  readonly api: ApiSettings;
  /** The ledger of audits, as it is written. */
  readonly history?: string | undefined;
}

/** A configuration and where it comes from, as errors name it. */
export interface ConfigSource {
  readonly config: PolicyConfig;
  /** For example the path of the file. */
  readonly name: string;
  /** Rules besides those of this package. */
  readonly customRules?: readonly Rule[] | undefined;
  /** Names the place of a key in errors, for example `:12`. */
  readonly locate?: (path: readonly PropertyKey[]) => string;
}

/**
 * Puts the configuration together. What comes later wins, setting by setting: the preset, then the sources in their order.
 *
 * @throws PolicyConfigError that names the source, the key, what was found and what is allowed.
 */
export function resolveConfiguration(...sources: readonly ConfigSource[]): Configuration {
  const custom = sources.reduce<readonly Rule[]>(
    (known, { customRules = [], name }) => [...known, ...checkCustomRules(customRules, name, [...rules, ...known])],
    [],
  );
  const userRules = [...builtInUserRules, ...custom.filter((rule) => rule.kind === "user")];
  const stackRules = [...builtInStackRules, ...custom.filter((rule) => rule.kind === "stack")];
  const all = [...userRules, ...stackRules];
  const waiverIds = new Set<string>();
  for (const source of sources) checkSource(source, all, waiverIds);
  const preset = sources.findLast(({ config }) => config.preset !== undefined)?.config.preset ?? "recommended";
  const organization = sources.findLast(({ config }) => config.organization !== undefined)?.config.organization;
  const home = organization === undefined ? {} : { organization };
  const merged = (rule: Rule): RuleConfig =>
    Object.assign(
      {},
      presetConfig(preset, rule),
      ...sources.map(({ config }) => toRuleConfig(config.rules?.[rule.name as RuleName])),
    ) as RuleConfig;

  const configs = new Map(all.map((rule) => [rule.name, merged(rule)]));
  const settings: Configuration["settings"] = (rule, override = {}) => {
    return resolveRuleSettings(rule, { ...settingsOf(configs.get(rule.name)), ...override });
  };
  const guard = sources.findLast(({ config }) => config.guard !== undefined)?.config.guard;
  return {
    rules: all,
    userRules,
    stackRules,
    level: (rule) => configs.get(rule.name)?.enforcementLevel ?? rule.enforcementLevel,
    settings,
    organization,
    systemTokens: sources.findLast(({ config }) => config.systemTokens !== undefined)?.config.systemTokens ?? "judged",
    adminRoles:
      sources.findLast(({ config }) => config.adminRoles !== undefined)?.config.adminRoles ?? DEFAULT_ADMIN_ROLES,
    waivers: sources.flatMap(({ config }) => (config.waivers ?? []).map((waiver) => ({ ...home, ...waiver }))),
    waiverLimits: settings(waiverHygiene),
    ...(guard !== undefined && { guard: toGuardSettings(guard) }),
    api: Object.assign({}, ...sources.map(({ config }) => withoutUndefined(config.api))) as ApiSettings,
    history: sources.findLast(({ config }) => config.history !== undefined)?.config.history,
  };
}

function toRuleConfig(config: EnforcementLevel | RuleConfig = {}): RuleConfig {
  return typeof config === "string" ? { enforcementLevel: config } : withoutUndefined(config);
}

/** What is undefined is not said: it must not win over what another source says. */
function withoutUndefined(config: object = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
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
  organization: v.optional(NonEmptyText),
  systemTokens: v.optional(v.picklist(SYSTEM_TOKENS)),
  adminRoles: v.optional(v.pipe(v.array(NonEmptyText), v.minLength(1))),
  rules: v.optional(v.record(v.string(), RuleShape)),
  waivers: v.optional(v.array(WaiverSchema)),
  guard: v.optional(GuardSchema),
  api: v.optional(ApiSchema),
  history: v.optional(NonEmptyText),
});

function checkSource(
  { config, name, locate = () => "" }: ConfigSource,
  all: readonly Rule[],
  waiverIds: Set<string>,
): void {
  const at = (...path: PropertyKey[]) => `${name}${locate(path)}`;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new PolicyConfigError(`${at()}: it is not an object with keys such as preset, rules and waivers.`);
  }
  if (Array.isArray(config.rules))
    throw new PolicyConfigError(`${at("rules")}: rules is a list, allowed is an object.`);
  const secret = typeof config.api === "object" && config.api !== null ? refuseSecret(config.api) : undefined;
  if (secret !== undefined) throw new PolicyConfigError(`${at("api")}: api.${secret}.`);
  if (Array.isArray(config.api)) throw new PolicyConfigError(`${at("api")}: api is a list, allowed is an object.`);
  const result = v.safeParse(Shape, config, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = pathOf(issue);
    const { known, depth } = describeLevel(path);
    throw new PolicyConfigError(`${at(...path)}: ${describeIssue(issue, known, depth)}.`);
  }
  for (const [ruleName, value] of Object.entries(config.rules ?? {})) {
    const rule = requireRule(ruleName, all, at("rules", ruleName));
    // To valibot, a list is an object, too.
    if (Array.isArray(value))
      throw new PolicyConfigError(
        `${at("rules", ruleName)}: rules.${ruleName} is a list, allowed is a level or an object.`,
      );
    const settings = settingsOf(toRuleConfig(value));
    resolveRuleSettings(rule, settings, (path) => `${at("rules", ruleName, ...path)}: rules.${ruleName}`);
  }
  checkWaivers(config.waivers ?? [], all, waiverIds, (index) => `${at("waivers", index)}: waivers.${index}`);
}

/** The keys that are allowed where a mistake is, and how deep they stand. */
function describeLevel(path: readonly PropertyKey[]): { readonly known: readonly string[]; readonly depth: number } {
  switch (path.length > 1 ? path[0] : undefined) {
    case "waivers":
      return { known: Object.keys(WaiverSchema.entries), depth: 3 };
    case "api":
      return { known: Object.keys(ApiSchema.entries), depth: 2 };
    case "guard":
      return { known: GUARD_KEYS, depth: 2 };
    default:
      return { known: Object.keys(Shape.entries).slice(1), depth: 1 };
  }
}

function checkWaivers(
  waivers: readonly Waiver[],
  all: readonly Rule[],
  ids: Set<string>,
  at: (index: number) => string,
): void {
  for (const [index, waiver] of waivers.entries()) {
    const rule = requireRule(waiver.rule, all, `${at(index)}.rule`);
    if (rule.waivable === false) throw new PolicyConfigError(`${at(index)}.rule: ${rule.name} cannot be waived.`);
    const refusal = refuseWaiver(waiver);
    if (refusal !== undefined) throw new PolicyConfigError(`${at(index)}: it ${refusal}.`);
    if (ids.has(waiver.id)) throw new PolicyConfigError(`${at(index)}.id: ${waiver.id} is used twice.`);
    ids.add(waiver.id);
  }
}

function requireRule(name: string, all: readonly Rule[], where: string): Rule {
  const rule = findRule(name, all);
  if (!rule) throw new PolicyConfigError(`${where}: there is no rule ${name}; ${suggestRule(name, all)}.`);
  return rule;
}
