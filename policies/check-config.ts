import { readFileSync } from "node:fs";
import { printable } from "../core/printable";
import { PolicyConfigError, suggest } from "./config-error";
import { readConfigFile } from "./config-file";
import { type Configuration, type ConfigSource, resolveConfiguration } from "./configuration";
import { findRule, suggestRule } from "./find-rule";
import { ENFORCEMENT_LEVELS, type Rule } from "./rule";
import { rules, waiverHygiene } from "./rules";
import { resolveRuleSettings } from "./settings";
import { findWaiverFaults } from "./waivers";

/** What a look at a configuration found. */
export interface ConfigCheck {
  /** A settings file of this package, or JSON for `--policy-pack-config`. */
  readonly kind: "settings file" | "CrossGuard configuration";
  /** What is wrong, a sentence each. */
  readonly mistakes: readonly string[];
  /** The rules that it switches off. */
  readonly disabled: readonly string[];
}

/**
 * Checks a settings file, or JSON for `--policy-pack-config`: also what the engine hides from a pack, which is policy
 * names that do not exist, and policies that are disabled.
 *
 * @param file an absolute path.
 * @param now milliseconds since the epoch, at which waivers must hold.
 */
export function checkConfigFile(file: string, now = Date.now()): ConfigCheck {
  let source: ConfigSource;
  try {
    source = readConfigFile(file);
  } catch (error) {
    return { kind: "settings file", mistakes: [messageOf(error)], disabled: [] };
  }
  const keys = Object.keys(source.config);
  const isCrossGuard = keys.some((key) => key === "all" || findRule(key)) && !keys.includes("rules");
  return isCrossGuard ? checkCrossGuard(source) : checkSettings(source, now);
}

function checkSettings(source: ConfigSource, now: number): ConfigCheck {
  let configuration: Configuration;
  try {
    configuration = resolveConfiguration(source);
  } catch (error) {
    return { kind: "settings file", mistakes: [messageOf(error)], disabled: [] };
  }
  // What the preset leaves off is not switched off here.
  const { preset } = source.config;
  const before = resolveConfiguration({ name: source.name, config: preset === undefined ? {} : { preset } });
  const isOff = (rule: Rule) => configuration.level(rule) === "disabled" && before.level(rule) !== "disabled";
  const disabled = rules.filter(isOff).map(({ name }) => name);
  const mistakes = disabled.includes(waiverHygiene.name) ? [] : findWaiverMistakes(configuration, source, now);
  return { kind: "settings file", mistakes, disabled };
}

/** What the gate would report of the waivers, whoever is judged. */
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

function checkCrossGuard({ name: file, config, locate = () => "" }: ConfigSource): ConfigCheck {
  const mistakes = findJsonMistake(file);
  const levels = new Map<string, string>();
  for (const [name, value] of Object.entries(config as Record<string, unknown>)) {
    const { enforcementLevel: level, ...settings } = toObject(value);
    if (typeof level === "string") levels.set(name, level);
    const mistake = findLevelMistake(level) ?? findRuleMistake(name, settings);
    if (mistake !== undefined) mistakes.push(`${file}${locate([name])}: ${name}: ${mistake}`);
  }
  const all = levels.get("all");
  const disabled = rules.map(({ name }) => name).filter((name) => (levels.get(name) ?? all) === "disabled");
  return { kind: "CrossGuard configuration", mistakes, disabled };
}

/** The engine reads JSON alone: no comments, no comma behind the last entry, no byte order mark. */
function findJsonMistake(file: string): string[] {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [printable(`${file}: the engine cannot read it, it takes strict JSON: ${reason}.`, 1000)];
  }
}

/** A policy's configuration is a level, or an object with a level and settings. */
function toObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : { enforcementLevel: value };
}

function findLevelMistake(level: unknown): string | undefined {
  if (level === undefined || ENFORCEMENT_LEVELS.some((known) => known === level)) return undefined;
  const found = JSON.stringify(level);
  return `${found} is no level; ${suggest(found, ENFORCEMENT_LEVELS)}`;
}

function findRuleMistake(name: string, settings: object): string | undefined {
  if (name === "all") return undefined;
  const rule = findRule(name);
  if (!rule) return `there is no such policy; ${suggestRule(name)}`;
  try {
    resolveRuleSettings(rule, settings, () => "its settings");
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof PolicyConfigError) return error.message;
  throw error;
}
