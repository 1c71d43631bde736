import type { InferOutput, ObjectEntries, StrictObjectSchema } from "valibot";
import type { UserToken } from "../core/user-token";

/** What is known about one user when a rule judges it. */
export interface UserEvidence {
  readonly username: string;
  /** In canonical order. */
  readonly tokens: readonly UserToken[];
  /** When the tokens were read, ISO 8601; absent where the evidence does not tell. */
  readonly fetchedAt?: string;
}

/** One thing that breaks a rule. */
export interface Violation {
  /** Who, which token, the fact, the limit with its unit, and how to fix it. Safe to print. */
  readonly message: string;
  /** The token that it is about; absent where it is about the user. */
  readonly tokenId?: string;
}

/** How bad a violation is, in CrossGuard's words. */
export type Severity = "low" | "medium" | "high" | "critical";

/** What a violation does: `mandatory` fails the deployment, `advisory` warns, `disabled` is not judged. */
export type EnforcementLevel = "advisory" | "mandatory" | "disabled";

/** What a rule is called, and what is said about it. */
export interface RuleMetadata {
  /** The policy's name. */
  readonly name: string;
  readonly displayName: string;
  /** One sentence: what must hold. */
  readonly description: string;
  /** Why the rule exists. */
  readonly rationale: string;
  /** How to fix what it finds. */
  readonly remediation: string;
  readonly severity: Severity;
  /** The level where nothing else is configured. */
  readonly enforcementLevel: EnforcementLevel;
  /** Controls it serves, for example `NIST 800-53r5 IA-5`. */
  readonly controls: readonly string[];
}

/** The settings of a rule: each key with its type, default and description. */
export type SettingsSchema = StrictObjectSchema<ObjectEntries, undefined>;

/**
 * A rule that one user's evidence decides. `check` is pure: the same evidence, settings and `now` give the same
 * violations, in the order of the tokens.
 */
export interface Rule<Schema extends SettingsSchema = SettingsSchema> extends RuleMetadata {
  /** The settings with their defaults: their one definition. */
  readonly settings: Schema;
  /** @param now milliseconds since the epoch. */
  check(user: UserEvidence, settings: InferOutput<Schema>, now: number): Violation[];
}

/** Gives a rule its type, from its settings. */
export function defineRule<Schema extends SettingsSchema>(rule: Rule<Schema>): Rule<Schema> {
  return rule;
}
