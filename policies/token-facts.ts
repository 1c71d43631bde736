import { parseInstant } from "../core/instant";
import { quotedName, shownName } from "../core/printable";
import type { UserToken } from "../core/user-token";

/** A day in milliseconds: 24 hours, in UTC. */
export const DAY = 86_400_000;

/** The `ttl` in seconds that fix hints name: 90 days, the default limit of a token's lifetime. */
export const SUGGESTED_TTL_SECONDS = 7_776_000;

/** How to fix a token that must be replaced. */
export const REPLACE_TOKEN = `Create a replacement with ttl <= ${SUGGESTED_TTL_SECONDS}, switch its consumers, revoke this one.`;

/** The token types that the API names. */
export const TOKEN_TYPES = ["read_write", "read_scaling"] as const;

/**
 * The instant at which a token expires, in milliseconds since the epoch; `undefined` where it never does or where the
 * date cannot be read, which no rule may take for "expired".
 */
export function expiryOf(token: UserToken): number | undefined {
  return typeof token.expireAt === "string" ? parseInstant(token.expireAt) : undefined;
}

/** Whether a token can be used: it expires later than now, or never, or at a date that cannot be read. */
export function isActive(token: UserToken, now: number): boolean {
  const expiry = expiryOf(token);
  return expiry === undefined || expiry > now;
}

/** Whether a token can write. A type that is not known counts as one that can. */
export function isReadWrite(token: UserToken): boolean {
  return token.tokenType !== "read_scaling";
}

/** The type as settings name it: one that is not known counts as `read_write`. */
export function countedType(token: UserToken): (typeof TOKEN_TYPES)[number] {
  return isReadWrite(token) ? "read_write" : "read_scaling";
}

/** A length of time for messages, in days, rounded up so that what is over a limit reads as over it. */
export function inDays(milliseconds: number): string {
  const days = Math.ceil((milliseconds / DAY) * 10) / 10;
  return `${days} ${days === 1 ? "day" : "days"}`;
}

/** How messages name a token: `"nightly" (7c1f…)`; the whole id, because revoking needs it. */
export function nameToken(token: UserToken): string {
  const name = typeof token.name === "string" ? quotedName(token.name, 100) : "(no name)";
  return `${name} (${shownName(token.id, 60)})`;
}

/** How messages name a user's token: `svc_etl / "nightly" (7c1f…)`. */
export function nameUserToken(username: string, token: UserToken): string {
  return `${shownName(username, 255)} / ${nameToken(token)}`;
}
