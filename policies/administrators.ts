import type { UserDetails } from "../core/user";
import type { UserToken } from "../core/user-token";
import { SEVERITIES, type Severity, type UserEvidence, type UserRule } from "./rule";
import { isReadWrite } from "./token-facts";

/** The roles that make a user an administrator where the settings name no others: MotherDuck's own. */
export const DEFAULT_ADMIN_ROLES: readonly string[] = ["admin"];

/**
 * Whether a user is an administrator; `undefined` where the evidence does not tell roles. Case makes no difference, as it makes
 * none to people. The listing has the roles that a user was given, not those that come with these.
 */
export function isAdministrator({ roles }: UserDetails, adminRoles: readonly string[]): boolean | undefined {
  if (roles === undefined) return undefined;
  const wanted = new Set(adminRoles.map((role) => role.toLowerCase()));
  return roles.some((role) => wanted.has(role.toLowerCase()));
}

/**
 * The severity of what a rule finds about an administrator, one step above the rule's own: the token opens more. `undefined`
 * where it is the rule's: for anybody else, for tokens that cannot write, at the top, and where the rule says so.
 *
 * @param token that it is about; absent where it is about the user.
 */
export function raisedSeverity(
  { severity, hasFixedSeverity = false }: Pick<UserRule, "severity" | "hasFixedSeverity">,
  user: UserEvidence,
  token: UserToken | undefined,
): Severity | undefined {
  if (hasFixedSeverity || user.isAdministrator !== true) return undefined;
  if (!(token ? [token] : user.tokens).some(isReadWrite)) return undefined;
  return SEVERITIES[SEVERITIES.indexOf(severity) + 1];
}
