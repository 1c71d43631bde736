import { readFileSync } from "node:fs";
import * as v from "valibot";
import { count } from "../../core/count";
import { messageOf } from "../../core/error-message";
import { printable, quoted } from "../../core/printable";
import { PolicyConfigError, suggest } from "./config-error";
import type { ConfigSource } from "./configuration";
import { findRule, suggestRule } from "./find-rule";
import { ENFORCEMENT_LEVELS, type Rule } from "../rule";
import { rules } from "../rules";
import { NonEmptyText } from "../setting-types";
import { describeIssue, pathOf, resolveRuleSettings } from "./settings";

/** The result of checking the JSON for `--policy-pack-config`. */
export interface CrossGuardCheck {
  /** The faults, one sentence each. */
  readonly mistakes: readonly string[];
  /** The rules that it switches off. */
  readonly disabled: readonly string[];
  /** The rules that judge only some users, because of the engine's own exceptions or of groups; one sentence each. */
  readonly excepted: readonly string[];
}

const Names = v.pipe(v.array(NonEmptyText), v.minLength(1));

/** One of the engine's own exceptions: from any policy, for any resource, with no end date. */
const ExceptionSchema = v.strictObject({
  reason: v.pipe(v.string(), v.regex(/\S/, "a text")),
  match: v.pipe(v.array(v.strictObject({ policies: Names, targets: Names })), v.minLength(1)),
});

type Exception = v.InferOutput<typeof ExceptionSchema>;

/** The file in the form that newer CLIs accept and older ones reject. They ignore keys that are not listed here. */
const VersionedSchema = v.strictObject({
  version: v.literal(2),
  environments: v.optional(v.array(v.string())),
  policies: v.optional(v.record(v.string(), v.unknown()), {}),
  exceptions: v.optional(v.record(v.string(), ExceptionSchema), {}),
});

const VERSIONED_KEYS = Object.keys(VersionedSchema.entries);

/** Whether the keys are those of CrossGuard, and not of a settings file. */
export function isCrossGuard(keys: readonly string[], all: readonly Rule[]): boolean {
  return (
    keys.some((key) => key === "all" || VERSIONED_KEYS.includes(key) || findRule(key, all)) && !keys.includes("rules")
  );
}

/** Also checks what the engine ignores: names and keys that do not exist. */
export function checkCrossGuard(source: ConfigSource): CrossGuardCheck {
  const all = [...rules, ...(source.customRules ?? [])];
  const content = source.config as Record<string, unknown>;
  const mistakes = findJsonMistake(source.name);
  // The engine tells the two forms apart by a number; otherwise `version` is a policy's name.
  const check =
    typeof content.version === "number" ? checkVersioned(content, source, all) : checkPolicies(content, source, all);
  return { ...check, mistakes: [...mistakes, ...check.mistakes] };
}

function checkVersioned(content: Record<string, unknown>, source: ConfigSource, all: readonly Rule[]): CrossGuardCheck {
  const at = (path: readonly PropertyKey[]) => `${source.name}${source.locate?.(path) ?? ""}`;
  const result = v.safeParse(VersionedSchema, content);
  if (!result.success) {
    const mistakes = result.issues.map((issue) => `${at(pathOf(issue))}: ${describeIssue(issue, VERSIONED_KEYS)}.`);
    return { mistakes, disabled: [], excepted: [] };
  }
  const { policies, exceptions } = result.output;
  const check = checkPolicies(policies, source, all, ["policies"]);
  const unknown = Object.entries(exceptions).flatMap(([id, exception]) =>
    findUnknownRules(exception, all).map((mistake) => `${at(["exceptions", id])}: exceptions.${id}: ${mistake}`),
  );
  return {
    ...check,
    mistakes: [...check.mistakes, ...unknown],
    excepted: Object.entries(exceptions).flatMap(([id, exception]) => describeException(id, exception, all)),
  };
}

/** @param around the keys under which the policies are listed. */
function checkPolicies(
  { ...policies }: Record<string, unknown>,
  { name: file, locate = () => "" }: ConfigSource,
  all: readonly Rule[],
  around: readonly string[] = [],
): CrossGuardCheck {
  // No policy, with a version and without one.
  delete policies.environments;
  const mistakes: string[] = [];
  const levels = new Map<string, string>();
  for (const [name, value] of Object.entries(policies)) {
    const { enforcementLevel: level, ...settings } = toObject(value);
    if (typeof level === "string") levels.set(name, level);
    const mistake = findLevelMistake(level) ?? findRuleMistake(name, settings, all);
    if (mistake !== undefined) mistakes.push(`${file}${locate([...around, name])}: ${name}: ${mistake}`);
  }
  const everywhere = levels.get("all");
  const disabled = all.map(({ name }) => name).filter((name) => (levels.get(name) ?? everywhere) === "disabled");
  return { mistakes, disabled, excepted: [] };
}

/** The engine reads plain JSON only: no comments, no trailing comma, no byte order mark. */
function findJsonMistake(file: string): string[] {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return [];
  } catch (error) {
    const reason = messageOf(error);
    return [printable(`${file}: the engine cannot read it, as it accepts strict JSON only: ${reason}.`, 1000)];
  }
}

/** A policy's configuration is a level, or an object with a level and settings. */
function toObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : { enforcementLevel: value };
}

function findLevelMistake(level: unknown): string | undefined {
  if (level === undefined || ENFORCEMENT_LEVELS.some((known) => known === level)) return undefined;
  const found = JSON.stringify(level);
  return `${found} is not a level; ${suggest(found, ENFORCEMENT_LEVELS)}`;
}

function findRuleMistake(name: string, settings: object, all: readonly Rule[]): string | undefined {
  if (name === "all") return undefined;
  if (VERSIONED_KEYS.includes(name)) return `the engine accepts it only beside "version": 2`;
  const rule = findRule(name, all);
  if (!rule) return `there is no such policy; ${suggestRule(name, all)}`;
  try {
    resolveRuleSettings(rule, settings, () => "its settings");
    return undefined;
  } catch (error) {
    return mistakeOf(error);
  }
}

/** The engine warns about them and continues. */
function findUnknownRules({ match }: Exception, all: readonly Rule[]): string[] {
  return [...new Set(match.flatMap(({ policies }) => policies))]
    .filter((name) => !findRule(name, all))
    .map((name) => `there is no policy ${quoted(name, 255)}; ${suggestRule(name, all)}.`);
}

function describeException(id: string, { match, reason }: Exception, all: readonly Rule[]): string[] {
  return all.flatMap(({ name }) => {
    const targets = new Set(match.filter(({ policies }) => policies.includes(name)).flatMap(({ targets }) => targets));
    if (targets.size === 0) return [];
    return [
      `${name} fails no run on ${count(targets.size, "resource")}: exception ${printable(id, 60)}, without end ` +
        `(${printable(reason, 200)})`,
    ];
  });
}

/** The message of a mistake in the configuration. @throws any other error. */
export function mistakeOf(error: unknown): string {
  if (error instanceof PolicyConfigError) return error.message;
  throw error;
}
