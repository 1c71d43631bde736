import type { UserDetails } from "../core/user";
import type { UserToken } from "../core/user-token";
import { SEVERITIES, type Severity, type UserEvidence, type UserRule } from "./rule";
import { isReadWrite } from "./token-facts";

/** The default roles of an administrator: MotherDuck's own. */
export const DEFAULT_ADMIN_ROLES: readonly string[] = ["admin"];

/**
 * Whether a user is an administrator; `undefined` where the evidence does not include roles. Roles are compared without regard
 * to case. The listing holds the roles that a user was granted, not those that they include.
 */
export function isAdministrator({ roles }: UserDetails, adminRoles: readonly string[]): boolean | undefined {
  if (roles === undefined) return undefined;
  const wanted = new Set(adminRoles.map((role) => role.toLowerCase()));
  return roles.some((role) => wanted.has(role.toLowerCase()));
}

/**
 * The severity of a finding about an administrator: one step above the rule's own, because the token gives access to more.
 * `undefined` where the rule's own severity applies: for anybody else, for tokens that cannot write, at the highest severity,
 * and for rules whose severity is fixed.
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
