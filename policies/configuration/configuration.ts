import * as v from "valibot";
import { type ApiSettings, ApiSchema, refuseSecret } from "./api";
import { PolicyConfigError } from "./config-error";
import { checkCustomRules } from "./custom-rules";
import { findRule, suggestRule } from "./find-rule";
import {
  compileGroups,
  type Group,
  GroupSchema,
  GroupsSchema,
  type GroupUser,
  refuseInGroup,
  RulesShape,
} from "./groups";
import {
  findNotifyMistake,
  findNotifySecret,
  NOTIFY_KEYS,
  type NotifyConfig,
  type NotifyMistake,
  NotifySchema,
} from "./notify";
import { GUARD_KEYS, type GuardConfig, GuardSchema, type GuardSettings, toGuardSettings } from "./guard";
import { presetConfig, PRESETS, type Preset } from "./presets";
import { type EnforcementLevel, type Rule, type RuleConfig, type StackRule, type UserRule } from "../rule";
import {
  type RulesConfig,
  rules,
  stackRules as builtInStackRules,
  userRules as builtInUserRules,
  waiverHygiene,
} from "../rules";
import {
  compileOwners,
  describeOwnersLevel,
  type FindOwner,
  findRepeatedToken,
  type OwnersConfig,
  OwnersSchema,
  usernamesInOwners,
} from "../owners";
import { NonEmptyText } from "../setting-types";
import { configIn, settingsOf, toRuleConfig, withoutUndefined } from "./rule-config";
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
  /** What all other settings build on. Default: `recommended`. */
  readonly preset?: Preset;
  /** The organization that waivers and lists of users are about where they name no other. */
  readonly organization?: string;
  /** How violations due to MotherDuck's own tokens, known by their names, are treated. Default: `judged`. */
  readonly systemTokens?: SystemTokens;
  /** The roles that make a user an administrator. Default: `admin`. */
  readonly adminRoles?: readonly string[];
  /** By rule name: a level, or an object with `enforcementLevel` and the rule's own settings. */
  readonly rules?: RulesConfig<Custom>;
  /** Groups of users with levels and settings of their own. Of a user's groups, the last one wins. Default: none. */
  readonly groups?: readonly Group<Custom>[];
  /** Who owns users and tokens. With this key, reports name owners. */
  readonly owners?: OwnersConfig;
  /** Exceptions, with owner, reason and end. */
  readonly waivers?: readonly Waiver[];
  /** Users whom the pack reads and judges on its own, whatever the program declares. Default: nobody. */
  readonly guard?: GuardConfig;
  /** How the pack does its own reads. */
  readonly api?: ApiSettings;
  /** The ledger in which audits are recorded: a file, or `md:` and a database of MotherDuck. The pack does not use it. */
  readonly history?: string;
  /** Who is told where and when, by `motherduck-tokens notify`. The pack does not use it. */
  readonly notify?: NotifyConfig;
}

/** What each rule is set to, for some users. */
export interface RulesInForce {
  /** The rule's level. */
  level(rule: Rule): EnforcementLevel;
  /** The same where a group of these users gives it; `undefined` where none does. */
  groupLevel(rule: Rule): EnforcementLevel | undefined;
  /**
   * The rule's settings, with all defaults.
   *
   * @param override CrossGuard's own configuration of the policy, which wins over everything else, setting by setting.
   * @throws PolicyConfigError for a mistake in `override`.
   */
  settings<R extends Rule>(rule: R, override?: object): v.InferOutput<R["settings"]>;
}

/** The configuration, checked and complete: what each rule is set to, where no group says otherwise. */
export interface Configuration extends RulesInForce {
  /** All rules, those of this package first, in the order in which they judge. */
  readonly rules: readonly Rule[];
  readonly userRules: readonly UserRule[];
  readonly stackRules: readonly StackRule[];
  /** Groups of users, of whose levels and settings the last one's win. */
  readonly groups: readonly Group<Rule>[];
  /**
   * The settings by which a user is judged. Where groups depend on whether the user is a service account, and that is not
   * known, there are two of them, and the findings by either count.
   */
  rulesFor(user: GroupUser): readonly RulesInForce[];
  /** The level that the policy has: the rule's, or where it is disabled, the strongest that a group gives it. */
  policyLevel(rule: Rule): EnforcementLevel;
  readonly findOwner: FindOwner;
  /** The usernames and globs in the settings' owners. */
  readonly ownedUsernames: readonly string[];
  /** Whether the settings tell who owns what, so that reports name owners. */
  readonly namesOwners: boolean;
  /** The organization that is meant where none is named; `undefined` is that of evidence which names none. */
  readonly organization?: string | undefined;
  /** How violations due to MotherDuck's own tokens are treated. */
  readonly systemTokens: SystemTokens;
  /** The roles that make a user an administrator. */
  readonly adminRoles: readonly string[];
  /** Each with its organization. */
  readonly waivers: readonly Waiver[];
  /** The limits that a waiver must keep to take effect. */
  readonly waiverLimits: WaiverLimits;
  /** Whom the pack reads and judges on its own; absent: nobody. */
  readonly guard?: GuardSettings;
  /** How it reads. */
  readonly api: ApiSettings;
  /** The ledger of audits, as it is written. */
  readonly history?: string | undefined;
  /** Who is told where and when; absent: nobody. */
  readonly notify?: NotifyConfig | undefined;
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
  const groupNames = new Set<string>();
  for (const source of sources) {
    const at = placesIn(source);
    checkSource(source, all, at);
    checkGroups(source.config.groups ?? [], all, groupNames, at);
    checkWaivers(source.config.waivers ?? [], all, waiverIds, at);
  }
  const preset = sources.findLast(({ config }) => config.preset !== undefined)?.config.preset ?? "recommended";
  const organization = sources.findLast(({ config }) => config.organization !== undefined)?.config.organization;
  const home = organization === undefined ? {} : { organization };
  const merged = (rule: Rule): RuleConfig =>
    Object.assign(
      {},
      presetConfig(preset, rule),
      ...sources.map(({ config }) => configIn(config.rules, rule)),
    ) as RuleConfig;

  const configs = new Map(all.map((rule) => [rule.name, merged(rule)]));
  const configOf = (rule: Rule) => configs.get(rule.name) ?? {};
  const base = toRulesInForce(configOf);
  const groups = sources.flatMap(({ config }) => config.groups ?? []) as readonly Group<Rule>[];
  const owners = sources.flatMap(({ config }) => config.owners ?? []);
  const guard = sources.findLast(({ config }) => config.guard !== undefined)?.config.guard;
  return {
    ...base,
    rules: all,
    userRules,
    stackRules,
    groups,
    rulesFor: compileRulesFor(groups, base, configOf),
    policyLevel: (rule) => (base.level(rule) === "disabled" ? strongestIn(groups, rule) : base.level(rule)),
    findOwner: compileOwners(owners),
    ownedUsernames: usernamesInOwners(owners),
    namesOwners: owners.length > 0,
    organization,
    systemTokens: sources.findLast(({ config }) => config.systemTokens !== undefined)?.config.systemTokens ?? "judged",
    adminRoles:
      sources.findLast(({ config }) => config.adminRoles !== undefined)?.config.adminRoles ?? DEFAULT_ADMIN_ROLES,
    waivers: sources.flatMap(({ config }) => (config.waivers ?? []).map((waiver) => ({ ...home, ...waiver }))),
    waiverLimits: base.settings(waiverHygiene),
    ...(guard !== undefined && { guard: toGuardSettings(guard) }),
    api: Object.assign({}, ...sources.map(({ config }) => withoutUndefined(config.api))) as ApiSettings,
    history: sources.findLast(({ config }) => config.history !== undefined)?.config.history,
    notify: sources.findLast(({ config }) => config.notify !== undefined)?.config.notify,
  };
}

/** @param groupConfig the groups' settings, which override those for everybody. */
function toRulesInForce(
  baseConfig: (rule: Rule) => RuleConfig,
  groupConfig: (rule: Rule) => RuleConfig = () => ({}),
): RulesInForce {
  const configOf = (rule: Rule): RuleConfig => ({ ...baseConfig(rule), ...groupConfig(rule) });
  return {
    level: (rule) => configOf(rule).enforcementLevel ?? rule.enforcementLevel,
    groupLevel: (rule) => groupConfig(rule).enforcementLevel,
    settings: (rule, override = {}) => resolveRuleSettings(rule, { ...settingsOf(configOf(rule)), ...override }),
  };
}

/** Users of the same groups share the answer. */
function compileRulesFor(
  groups: readonly Group<Rule>[],
  base: RulesInForce,
  baseConfig: (rule: Rule) => RuleConfig,
): Configuration["rulesFor"] {
  const placesFor = compileGroups(groups);
  const known = new Map<string, RulesInForce>([["", base]]);
  return (user) =>
    placesFor(user).map((places) => {
      const key = places.join();
      const inForce =
        known.get(key) ??
        toRulesInForce(
          baseConfig,
          (rule) => Object.assign({}, ...places.map((place) => configIn(groups[place]?.rules, rule))) as RuleConfig,
        );
      known.set(key, inForce);
      return inForce;
    });
}

/** The strongest level that a group gives a rule. */
function strongestIn(groups: readonly Group<Rule>[], rule: Rule): EnforcementLevel {
  const levels = groups.map(({ rules }) => configIn(rules, rule).enforcementLevel);
  return (["mandatory", "advisory"] as const).find((level) => levels.includes(level)) ?? "disabled";
}

const Shape = v.strictObject({
  $schema: v.optional(v.string()),
  preset: v.optional(v.picklist(PRESETS)),
  organization: v.optional(NonEmptyText),
  systemTokens: v.optional(v.picklist(SYSTEM_TOKENS)),
  adminRoles: v.optional(v.pipe(v.array(NonEmptyText), v.minLength(1))),
  rules: v.optional(RulesShape),
  groups: v.optional(GroupsSchema),
  owners: v.optional(OwnersSchema),
  waivers: v.optional(v.array(WaiverSchema)),
  guard: v.optional(GuardSchema),
  api: v.optional(ApiSchema),
  history: v.optional(NonEmptyText),
  notify: v.optional(NotifySchema),
});

/** Names the place of a key in errors: the source, and where it can be told, the line. */
type At = (...path: PropertyKey[]) => string;

function placesIn({ name, locate = () => "" }: ConfigSource): At {
  return (...path) => `${name}${locate(path)}`;
}

function checkSource({ config }: ConfigSource, all: readonly Rule[], at: At): void {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new PolicyConfigError(`${at()}: it is not an object with keys such as preset, rules and waivers.`);
  }
  for (const key of ["rules", "api", "owners", "notify"] as const) {
    if (Array.isArray(config[key])) throw listRefused(at(key), key);
  }
  const secret = typeof config.api === "object" && config.api !== null ? refuseSecret(config.api) : undefined;
  if (secret !== undefined) throw new PolicyConfigError(`${at("api")}: api.${secret}.`);
  const hidden = findNotifySecret(config.notify);
  if (hidden) throw notifyRefused(hidden, at);
  const result = v.safeParse(Shape, config, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = pathOf(issue);
    const { known, depth } = describeLevel(path);
    throw new PolicyConfigError(`${at(...path)}: ${describeIssue(issue, known, depth)}.`);
  }
  checkRules(config.rules ?? {}, all, "rules", (...path) => at("rules", ...path));
  checkOwners(config.owners ?? {}, at);
  const mistake = config.notify && findNotifyMistake(config.notify);
  if (mistake) throw notifyRefused(mistake, at);
}

function notifyRefused({ path, message }: NotifyMistake, at: At): PolicyConfigError {
  return new PolicyConfigError(`${at("notify", ...path)}: notify.${path.join(".")} ${message}.`);
}

/** To valibot, a list is an object, too. */
function listRefused(where: string, key: string, allowed = "an object"): PolicyConfigError {
  return new PolicyConfigError(`${where}: ${key} is a list, allowed is ${allowed}.`);
}

/** The keys that are allowed at the place of a mistake, and their depth. */
function describeLevel(path: readonly PropertyKey[]): { readonly known: readonly string[]; readonly depth: number } {
  switch (path.length > 1 ? path[0] : undefined) {
    case "waivers":
      return { known: Object.keys(WaiverSchema.entries), depth: 3 };
    case "groups":
      return { known: Object.keys(GroupSchema.entries), depth: 3 };
    case "owners":
      return describeOwnersLevel(path);
    case "api":
      return { known: Object.keys(ApiSchema.entries), depth: 2 };
    case "notify":
      return { known: NOTIFY_KEYS, depth: 2 };
    case "guard":
      return { known: GUARD_KEYS, depth: 2 };
    default:
      return { known: Object.keys(Shape.entries).slice(1), depth: 1 };
  }
}

/** @param key the key that holds the rules, for errors. @returns those that are set. */
function checkRules(config: object, all: readonly Rule[], key: string, at: At): Rule[] {
  return Object.entries(config).map(([name, value]: [string, EnforcementLevel | RuleConfig]) => {
    const rule = requireRule(name, all, at(name));
    if (Array.isArray(value)) throw listRefused(at(name), `${key}.${name}`, "a level or an object");
    resolveRuleSettings(rule, settingsOf(toRuleConfig(value)), (path) => `${at(name, ...path)}: ${key}.${name}`);
    return rule;
  });
}

function checkGroups(groups: readonly Group<Rule>[], all: readonly Rule[], names: Set<string>, at: At): void {
  for (const [index, { name, rules: config }] of groups.entries()) {
    const key = `groups.${index}`;
    if (names.has(name)) throw new PolicyConfigError(`${at("groups", index)}: ${key}.name: ${name} is used twice.`);
    names.add(name);
    const atRule: At = (...path) => at("groups", index, "rules", ...path);
    if (Array.isArray(config)) throw listRefused(atRule(), `${key}.rules`);
    for (const rule of checkRules(config, all, `${key}.rules`, atRule)) {
      const refusal = refuseInGroup(rule, configIn(config, rule));
      if (refusal === undefined) continue;
      throw new PolicyConfigError(`${atRule(rule.name)}: ${key}.rules.${rule.name}: ${refusal}`);
    }
  }
}

function checkOwners(owners: OwnersConfig, at: At): void {
  if (Array.isArray(owners.users)) throw listRefused(at("owners", "users"), "owners.users");
  const repeated = findRepeatedToken(owners);
  if (repeated === undefined) return;
  throw new PolicyConfigError(
    `${at("owners", "tokens", repeated)}: owners.tokens.${repeated}: an entry before it names the same user and token.`,
  );
}

function checkWaivers(waivers: readonly Waiver[], all: readonly Rule[], ids: Set<string>, at: At): void {
  for (const [index, waiver] of waivers.entries()) {
    const where = `${at("waivers", index)}: waivers.${index}`;
    const rule = requireRule(waiver.rule, all, `${where}.rule`);
    if (rule.waivable === false) throw new PolicyConfigError(`${where}.rule: ${rule.name} cannot be waived.`);
    const refusal = refuseWaiver(waiver);
    if (refusal !== undefined) throw new PolicyConfigError(`${where}: it ${refusal}.`);
    if (ids.has(waiver.id)) throw new PolicyConfigError(`${where}.id: ${waiver.id} is used twice.`);
    ids.add(waiver.id);
  }
}

function requireRule(name: string, all: readonly Rule[], where: string): Rule {
  const rule = findRule(name, all);
  if (!rule) throw new PolicyConfigError(`${where}: there is no rule ${name}; ${suggestRule(name, all)}.`);
  return rule;
}
