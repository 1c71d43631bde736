import { encodeText } from "./printable";
import { encodeToken, isTokenList, sameTokens, type UserToken } from "./user-token";

/** One user or service account of an organization, with its tokens. */
export interface OrganizationUser {
  /** Characters that are unsafe to print are escaped, as in `\u001b`. */
  readonly username: string;
  /** Absent if the API does not tell, or does not allow this API token to list users. */
  readonly isServiceAccount?: boolean;
  /** Absent if the API does not tell, or does not allow this API token to list users. */
  readonly isDeprovisioned?: boolean;
  /** In the order of their creation. */
  readonly tokens: UserToken[];
}

/** Returns the users in canonical order, by username. */
export function sortUsers(users: readonly OrganizationUser[]): OrganizationUser[] {
  return [...users].sort((a, b) => (a.username < b.username ? -1 : a.username > b.username ? 1 : 0));
}

/** The user as the engine receives it, with texts that are safe to print. */
export function encodeUser(user: OrganizationUser): OrganizationUser {
  return { ...user, username: encodeText(user.username), tokens: user.tokens.map(encodeToken) };
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
  return (
    a.username === b?.username &&
    a.isServiceAccount === b.isServiceAccount &&
    a.isDeprovisioned === b.isDeprovisioned &&
    sameTokens(a.tokens, b.tokens)
  );
}

function isUser(value: unknown): value is OrganizationUser {
  if (typeof value !== "object" || value === null) return false;
  const { username, isServiceAccount, isDeprovisioned, tokens } = value as Record<string, unknown>;
  return typeof username === "string" && isFlag(isServiceAccount) && isFlag(isDeprovisioned) && isTokenList(tokens);
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === "boolean";
}
