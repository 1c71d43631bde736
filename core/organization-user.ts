import { decodeText, encodeText } from "./printable";
import { hasDetails, mapUserTexts, sameDetails, type User } from "./user";
import { decodeToken, encodeToken, isTokenList, sameTokens, type UserToken } from "./user-token";

/** One user or service account of an organization, with its tokens. */
export interface OrganizationUser extends User {
  /** Characters that are unsafe to print are escaped, as in `\u001b`. */
  readonly username: string;
  /** In the order of their creation. */
  readonly tokens: UserToken[];
}

/** Any user with tokens. */
type TokenHolder = User & { readonly tokens: readonly UserToken[] };

/** Returns the users in canonical order, by username. */
export function sortUsers(users: readonly OrganizationUser[]): OrganizationUser[] {
  return [...users].sort((a, b) => (a.username < b.username ? -1 : a.username > b.username ? 1 : 0));
}

/** The user as the engine and reports receive it, with texts that are safe to print. */
export function encodeUser<Holder extends TokenHolder>(user: Holder): Holder & { tokens: UserToken[] } {
  return { ...mapUserTexts(user, encodeText), tokens: user.tokens.map(encodeToken) };
}

/** Restores the user that {@link encodeUser} encoded: what rules judge. */
export function decodeUser<Holder extends TokenHolder>(user: Holder): Holder & { tokens: UserToken[] } {
  return { ...mapUserTexts(user, decodeText), tokens: user.tokens.map(decodeToken) };
}

/** Whether two values, in canonical order, hold the same users with the same tokens. */
export function sameUsers(a: unknown, b: unknown): boolean {
  return isUserList(a) && isUserList(b) && a.length === b.length && a.every((user, index) => sameUser(user, b[index]));
}

/** Whether a value is a non-empty list of users as this version writes them. */
export function isUserList(value: unknown): value is OrganizationUser[] {
  return Array.isArray(value) && value.length > 0 && value.every(isUser);
}

function sameUser(a: OrganizationUser, b: OrganizationUser | undefined): boolean {
  return a.username === b?.username && sameDetails(a, b) && sameTokens(a.tokens, b.tokens);
}

function isUser(value: unknown): value is OrganizationUser {
  if (typeof value !== "object" || value === null) return false;
  const { username, tokens } = value as Record<string, unknown>;
  return typeof username === "string" && hasDetails(value) && isTokenList(tokens);
}
