import type { InferInput, InferOutput, ObjectEntries, StrictObjectSchema } from "valibot";
import { isOfOrganization } from "../core/identity";
import type { UserOwners } from "../core/owner";
import type { Origin } from "../core/provenance";
import type { User, UserDetails } from "../core/user";
import type { UserToken } from "../core/user-token";
import type { TokenLimits } from "./token-facts";
import type { Waiver } from "./waivers";

/**
 * What is known about one user when a rule judges it. Texts are as MotherDuck has them: what prints makes them safe to
 * print.
 */
export interface UserEvidence extends User {
  /** In canonical order. */
  readonly tokens: readonly UserToken[];
  /** When the tokens were read, ISO 8601; absent if the evidence does not include it. */
  readonly fetchedAt?: string;
  /** Where they were read; absent if the evidence does not include it. */
  readonly origin?: Origin;
  /** Whether a provider other than this package's gave it. States and events tell; the engine hides it from policies. */
  readonly hasForeignProvider?: boolean;
  /**
   * Whether evidence of this kind holds what the listing of users tells, as that of `UserTokens` never does. Where it does, a
   * detail that is absent all the same could not be told: the listing was forbidden, or is silent. Default: false.
   */
  readonly isListingExpected?: boolean;
  /** Whether the user has one of the roles that the settings call an administrator's; absent if the evidence does not include it. */
  readonly isAdministrator?: boolean;
  /** What the judge read itself, for rules that ask for it; absent where nobody did. */
  readonly own?: OwnReading;
  /** Who owns the user and the tokens, for rules that ask for it; absent where nobody did. */
  readonly owners?: UserOwners;
}

/** What the pack, or the audit, knows of a user from the API itself, with its own credentials. */
export type OwnReading =
  | (UserDetails & {
      readonly kind: "tokens";
      /** In canonical order. */
      readonly tokens: readonly UserToken[];
      /** ISO 8601, by this machine's clock. */
      readonly fetchedAt: string;
    })
  /** They could not be read. */
  | {
      readonly kind: "failed";
      /** What happened, and what to do next. Safe to print. */
      readonly reason: string;
      /** Whether nobody asked for them, because the reads before had failed. Default: false. */
      readonly isNotAsked?: boolean;
    }
  /** Evidence that should hold the user does not. */
  | { readonly kind: "leftOut" };

/** What is known about a whole stack, or a whole audit. */
export interface StackEvidence {
  /** Users with evidence, in no particular order. */
  readonly usernames: readonly string[];
  /** The same with their organizations. Default: the usernames, of evidence that names none. */
  readonly users?: readonly Pick<UserEvidence, "username" | "origin">[];
  /** The organization that settings are about where they name no other; `undefined` is that of evidence which names none. */
  readonly organization?: string | undefined;
  /** Whether there is evidence whose username is not known yet, so that nobody can be called missing. */
  readonly hasUnknown: boolean;
  /** Whether everybody in the organization was judged, so that a name which matches nobody is a mistake. Default: false. */
  readonly isEverybody?: boolean;
  /** All waivers. */
  readonly waivers: readonly Waiver[];
  /** The ids of those that matched a violation. */
  readonly usedWaivers: ReadonlySet<string>;
  /** By waiver, whose users it held for, as keys of identity. Default: unknown. */
  readonly waiverOrigins?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The names of an organization's users with evidence. */
export function usernamesOf(
  { users, usernames }: Pick<StackEvidence, "users" | "usernames">,
  organization: string | undefined,
): readonly string[] {
  const known: readonly Pick<UserEvidence, "username" | "origin">[] =
    users ?? usernames.map((username) => ({ username }));
  return known.filter(({ origin }) => isOfOrganization(origin, organization)).map(({ username }) => username);
}

/** One thing that breaks a rule, as facts: {@link formatViolation} makes the message. All texts are safe to print. */
export interface Violation {
  /**
   * What is wrong, and the limit with its unit: `age 120 days exceeds 90 days`. It starts in lower case and does not end with
   * a period. Without a `fix`, it is the whole text.
   */
  readonly fact: string;
  /** What to do next, in whole sentences. Absent where the fact tells it. */
  readonly fix?: string;
  /** Whom or what it is about, as messages begin. Default: the user, with the token where it is about one. */
  readonly about?: string;
  /** The token that it is about; absent where it is about the user or the stack. */
  readonly tokenId?: string;
  /** What it is about besides the user, where that is not a token: a waiver's id, an expected username, a name. */
  readonly subject?: string;
  /**
   * What it is made of, where that can grow while it stays about the same: the ids of the tokens, the fault. A baseline
   * knows a violation only where it knows all of them.
   */
  readonly parts?: readonly string[];
  /** What ends it, where that can be told of the token alone. Absent where somebody has to choose. */
  readonly remedy?: Remedy;
  /** Where it differs from the rule's level. */
  readonly enforcementLevel?: "advisory" | "mandatory";
}

/** What ends a violation about a token: plans are made of it. */
export type Remedy =
  | { readonly action: "revoke" }
  | {
      /** Another token is made, its consumers are switched to it, and this one is revoked. */
      readonly action: "replace";
      /** The type of the other token. */
      readonly tokenType: "read_write" | "read_scaling";
      /** How long the other one may live, in seconds, so that it breaks no rule. */
      readonly maxTtlSeconds: number;
      /** Whether this token's name breaks a rule, so that somebody has to choose another one. */
      readonly needsName?: true;
    };

/** The message of a violation: `svc_etl / "nightly" (7c1f…): never expires. Create a replacement …`. */
export function formatViolation({ about, fact, fix }: Pick<Violation, "about" | "fact" | "fix">): string {
  return `${about === undefined ? "" : `${about}: `}${fact}${fix === undefined ? "" : `. ${fix}`}`;
}

/** CrossGuard's severities, the lowest first. */
export const SEVERITIES = ["low", "medium", "high", "critical"] as const;

/** How bad a violation is. */
export type Severity = (typeof SEVERITIES)[number];

/** CrossGuard's levels. */
export const ENFORCEMENT_LEVELS = ["advisory", "mandatory", "disabled"] as const;

/** What a violation does: `mandatory` fails the deployment, `advisory` warns, `disabled` is not judged. */
export type EnforcementLevel = (typeof ENFORCEMENT_LEVELS)[number];

/** A rule's level and its own settings, as they are configured. */
export type RuleConfig = { readonly enforcementLevel?: EnforcementLevel | undefined } & {
  readonly [setting: string]: unknown;
};

/** A rule's name, texts and level. */
export interface RuleMetadata<Name extends string = string> {
  /** The policy's name. */
  readonly name: Name;
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
  /** Controls it serves and risks it bounds, for example `NIST 800-53r5 IA-5 f` or `OWASP NHI7:2025 Long-Lived Secrets`. */
  readonly controls: readonly string[];
  /** Rules about the evidence itself, and about waivers, cannot be waived. Default: `true`. */
  readonly waivable?: boolean;
}

/** The settings of a rule: each key with its type, default and description. */
export type SettingsSchema = StrictObjectSchema<ObjectEntries, undefined>;

/** What the presets change in a rule. `strict` makes every rule mandatory, `audit` makes every rule advisory. */
export interface PresetSettings<Schema extends SettingsSchema = SettingsSchema> {
  readonly strict?: InferInput<Schema>;
  readonly audit?: { readonly enforcementLevel: EnforcementLevel };
}

/**
 * A rule that is decided by one user's evidence. `check` is pure: the same evidence, settings and `now` give the same
 * violations, in the order of the tokens. Its advice keeps within `limits`.
 */
export interface UserRule<
  Schema extends SettingsSchema = SettingsSchema,
  Name extends string = string,
> extends RuleMetadata<Name> {
  readonly kind: "user";
  /** Whether it compares the evidence with {@link UserEvidence.own}, so that the judge has to read, too. Default: false. */
  readonly needsOwnReading?: boolean;
  /** Whether it judges what only the listing of users tells. Default: false. */
  readonly needsListing?: boolean;
  /** Whether its severity is the same for all; else it is one step higher for administrators. Default: false. */
  readonly hasFixedSeverity?: boolean;
  /**
   * Whether `systemTokens` of the settings can make its violations advisory where they are due to a token that MotherDuck made
   * itself, as nobody chose how it was made. Default: false.
   */
  readonly canSpareSystemTokens?: boolean;
  /** Whether it judges {@link UserEvidence.owners}. Default: false. */
  readonly needsOwners?: boolean;
  /** Settings that do not depend on the user, so that groups cannot have their own. Default: none. */
  readonly settingsForAll?: readonly string[];
  /** The settings with their defaults, defined only here. */
  readonly settings: Schema;
  readonly presets?: PresetSettings<Schema>;
  /** @param now milliseconds since the epoch. */
  check(user: UserEvidence, settings: InferOutput<Schema>, now: number, limits: TokenLimits): Violation[];
  /** The usernames or globs in its settings; some may match nobody. Default: none. */
  namesIn?(settings: InferOutput<Schema>): readonly string[];
  /** Why the evidence is not enough to judge a user; `undefined` where it is. Default: it always is. */
  readonly findGap?: (user: UserEvidence) => string | undefined;
}

/** A rule that needs everything that a stack, or an audit, knows. As pure as a {@link UserRule}. */
export interface StackRule<
  Schema extends SettingsSchema = SettingsSchema,
  Name extends string = string,
> extends RuleMetadata<Name> {
  readonly kind: "stack";
  /** Waivers are about users. */
  readonly waivable: false;
  readonly settings: Schema;
  readonly presets?: PresetSettings<Schema>;
  /** Whether its settings decide what other rules report, so that a pack has to know them first. Default: false. */
  readonly decidesForOthers?: boolean;
  /** Whether it cannot judge where only some users were asked for. Default: false. */
  readonly needsEverybody?: boolean;
  /** @param now milliseconds since the epoch. */
  check(stack: StackEvidence, settings: InferOutput<Schema>, now: number): Violation[];
  /** The usernames or globs in its settings. Default: none. */
  namesIn?(settings: InferOutput<Schema>): readonly string[];
}

export type Rule = UserRule | StackRule;

/** Defines a rule about a user; its type follows from its settings. */
export function defineUserRule<Schema extends SettingsSchema, const Name extends string>(
  rule: Omit<UserRule<Schema, Name>, "kind">,
): UserRule<Schema, Name> {
  return { kind: "user", ...rule };
}

/** Defines a rule about a stack; its type follows from its settings. */
export function defineStackRule<Schema extends SettingsSchema, const Name extends string>(
  rule: Omit<StackRule<Schema, Name>, "kind" | "waivable">,
): StackRule<Schema, Name> {
  return { kind: "stack", ...rule, waivable: false };
}
