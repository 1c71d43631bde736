// The advice about tokens, in one place, because who can act on it depends on whose token it is.
import { duration, SECOND } from "../core/duration";
import { type SystemPurpose, systemPurposeOf } from "../core/system-tokens";
import type { UserToken } from "../core/user-token";
import type { UserEvidence, Violation } from "./rule";
import { type CountedType, countedType, type TokenLimits } from "./token-facts";

/** The token that is to replace another one. */
export interface Replacement {
  /** Default: a replacement. */
  readonly what?: string;
  /** Default: that of the token. */
  readonly type?: CountedType;
  /** How long it may live, in milliseconds, besides the limits. Default: as long as those allow. */
  readonly atMost?: number;
  /** Whether the old token ends by itself. Default: it has to be revoked. */
  readonly endsByItself?: boolean;
  /** Whether it needs another name than the old one. Default: it may have the same. */
  readonly needsName?: boolean;
}

/** The same thing to do, in words and as data. */
export type Advice = Required<Pick<Violation, "fix">> & Pick<Violation, "remedy">;

/** What is known of whoever holds a token. */
type Holder = Pick<UserEvidence, "isServiceAccount" | "isDeprovisioned" | "isAdministrator" | "tokens">;

const CREATE = "POST /v1/users/{username}/tokens";
const REVOKE = "DELETE /v1/users/{username}/tokens/{token_id}";

/**
 * How to revoke a token without a replacement: an administrator can do that, whoever holds it.
 *
 * @param what to do, as the message says it.
 */
export function adviseRevocation(what = "Revoke it"): Advice {
  return { fix: adviseChoice(what), remedy: { action: "revoke" } };
}

/** How to revoke some of several tokens; somebody has to choose which. @param what to do, as the message says it. */
export function adviseChoice(what: string): string {
  return `${what} (${REVOKE}).`;
}

/**
 * How to replace a token with one that breaks no other rule. An administrator can create tokens for service accounts only;
 * people make their own, in their settings; and MotherDuck makes some by itself.
 */
export function adviseReplacement(
  holder: Holder,
  token: UserToken,
  limits: TokenLimits,
  replacement: Replacement = {},
): Advice {
  if (holder.isDeprovisioned === true) return adviseRevocation();
  const { type = countedType(token), atMost = Infinity, needsName = false } = replacement;
  const life = Math.min(limits.longestLife(type, holder.isAdministrator), atMost);
  const ttl = Math.floor(life / SECOND);
  const purpose = systemPurposeOf(token, holder.tokens);
  // A replacement for a token that MotherDuck made is useful only once MotherDuck is told about it.
  if (purpose !== undefined) return { fix: adviseOwnToken(purpose, replacement, ttl) };
  return {
    fix: describeReplacement(holder, type, life, replacement),
    remedy: { action: "replace", tokenType: type, maxTtlSeconds: ttl, ...(needsName && { needsName }) },
  };
}

function describeReplacement(
  { isServiceAccount }: Holder,
  type: CountedType,
  life: number,
  { what = "a replacement", endsByItself = false }: Replacement,
): string {
  const made = `${what} with ttl <= ${Math.floor(life / SECOND)}`;
  const rest = endsByItself ? "switch its consumers before that" : "switch its consumers, revoke this one";
  if (isServiceAccount === true) {
    const ofType = type === "read_scaling" ? ", token_type read_scaling" : "";
    return `Create ${made} (${CREATE}${ofType}), ${rest}${endsByItself ? "" : ` (${REVOKE})`}.`;
  }
  if (isServiceAccount === false) {
    const within = `to expire within ${duration(life, "down")}`;
    return `Only its holder can create ${what}: in their settings at MotherDuck, under Access Tokens, ${within}. Then ${rest}.`;
  }
  return `Create ${made} (people create theirs in their own settings), ${rest}.`;
}

function adviseOwnToken(purpose: SystemPurpose, { what = "a replacement" }: Replacement, ttl: number): string {
  return `By its name, MotherDuck made this token itself, ${SYSTEM_ADVICE[purpose](`${what} with ttl <= ${ttl}`)}`;
}

const SYSTEM_ADVICE: Readonly<Record<SystemPurpose, (made: string) => string>> = {
  flights: (made) => `for Flights. Name ${made} as the access_token_name of each Flight, then revoke this one.`,
  extension: (made) => `for its DuckDB extension. Give DuckDB ${made} in motherduck_token, then revoke this one.`,
};
