import { count } from "../core/count";
import { daysToMs } from "../core/duration";
import { parseInstant } from "../core/instant";
import { quotedName, shownName } from "../core/printable";
import type { UserToken } from "../core/user-token";

/** The token types that the API names. */
export const TOKEN_TYPES = ["read_write", "read_scaling"] as const;

/** A token's type as settings name it. */
export type CountedType = (typeof TOKEN_TYPES)[number];

/** What the other rules require of a replacement: whoever follows the advice must not break the next rule. */
export interface TokenLimits {
  /** How long a token of this type may live, at most: milliseconds. @param isAdministrator whether its holder is one. */
  longestLife(type: CountedType, isAdministrator?: boolean): number;
}

/**
 * The instant at which a token expires, in milliseconds since the epoch; `undefined` where it never does or where the
 * date cannot be read, which no rule may take for "expired".
 */
export function expiryOf(token: UserToken): number | undefined {
  return typeof token.expireAt === "string" ? parseInstant(token.expireAt) : undefined;
}

/**
 * Whether a token can be used: it expires later than now, or never, or at a date that cannot be read. Every other token is
 * expired, also at the very instant at which it expires.
 */
export function isActive(token: UserToken, now: number): boolean {
  const expiry = expiryOf(token);
  return expiry === undefined || expiry > now;
}

/** Whether a token can write. A type that is not known counts as one that can. */
export function isReadWrite(token: UserToken): boolean {
  return token.tokenType !== "read_scaling";
}

/**
 * The active tokens that can write, and whether they are within a limit.
 *
 * @param overlapDays one more is tolerated while one of them expires within so many days.
 */
export function countReadWrite(
  tokens: readonly UserToken[],
  limit: number,
  overlapDays: number,
  now: number,
): { readonly counted: readonly UserToken[]; readonly isWithin: boolean } {
  const counted = tokens.filter((token) => isReadWrite(token) && isActive(token, now));
  const isRotating =
    overlapDays > 0 && counted.some((token) => (expiryOf(token) ?? Infinity) <= now + daysToMs(overlapDays));
  return { counted, isWithin: counted.length <= limit + (isRotating ? 1 : 0) };
}

/** The type as settings name it: one that is not known counts as `read_write`. */
export function countedType(token: UserToken): CountedType {
  return isReadWrite(token) ? "read_write" : "read_scaling";
}

/** `1 active token exceeds`, `2 active tokens exceed`. */
export function exceeding(number: number, noun: string): string {
  return `${count(number, noun)} exceed${number === 1 ? "s" : ""}`;
}

/** How messages name a token: `"nightly" (7c1f…)`; the whole id, because revoking needs it. */
export function nameToken(token: Pick<UserToken, "id" | "name">): string {
  const name = typeof token.name === "string" ? quotedName(token.name, 100) : "(no name)";
  return `${name} (${shownName(token.id, 60)})`;
}

/** How messages name a user. */
export function nameUser(username: string): string {
  return shownName(username, 255);
}
