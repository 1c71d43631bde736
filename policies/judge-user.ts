import { describeOwner, type Owner } from "../core/owner";
import { DEFAULT_ADMIN_ROLES, isAdministrator, raisedSeverity } from "./administrators";
import { checkSystemTokens, type SystemTokens } from "./system-tokens";
import { describeWaiver, type Waiver, type WaiverMatcher } from "./waivers";
import { formatViolation, type Severity, type UserEvidence, type UserRule, type Violation } from "./rule";
import { nameToken, nameUser, type TokenLimits } from "./token-facts";

/** A violation, and the waiver that holds for it. */
export interface JudgedViolation extends Violation {
  readonly username: string;
  readonly about: string;
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
  /** The name of the token that it is about; absent where the token has none. */
  readonly tokenName?: string;
  /** Who answers for the token, or for the user; absent where nobody does, and where nobody asked. */
  readonly owner?: Owner;
  /** With one, the violation is an advisory note, whatever its own level. Of several, the one that ends last. */
  readonly waiver?: Waiver;
  /** All waivers that hold for it: each of them is in use. Absent where none does. */
  readonly waivers?: readonly Waiver[];
}

/** What the settings say beside the rules' own. */
export interface Standards {
  readonly systemTokens: SystemTokens;
  /** The roles that make a user an administrator. */
  readonly adminRoles: readonly string[];
}

const DEFAULT_STANDARDS: Standards = { systemTokens: "judged", adminRoles: DEFAULT_ADMIN_ROLES };

/** Judges one user by one rule with its settings. */
export function judgeUser(
  rule: UserRule,
  user: UserEvidence,
  settings: Parameters<UserRule["check"]>[1],
  findWaiver: WaiverMatcher,
  now: number,
  limits: TokenLimits,
  { systemTokens, adminRoles }: Standards = DEFAULT_STANDARDS,
): JudgedViolation[] {
  const { username, origin } = user;
  const isAdmin = isAdministrator(user, adminRoles);
  const holder = isAdmin === undefined ? user : { ...user, isAdministrator: isAdmin };
  const check = (evidence: UserEvidence) => rule.check(evidence, settings, now, limits);
  return checkSystemTokens(rule, holder, systemTokens, check).map((violation) => {
    const { tokenId } = violation;
    const token = tokenId === undefined ? undefined : user.tokens.find(({ id }) => id === tokenId);
    const tokenName = token?.name ?? undefined;
    const waivers =
      rule.waivable === false ? [] : findWaiver({ rule: rule.name, username, origin, tokenId, tokenName });
    const [waiver] = waivers;
    const severity = raisedSeverity(rule, holder, token);
    // Not in the fact: the guard may know of a user what a resource does not hold, and both find the same.
    const who = severity === undefined ? nameUser(username) : `${nameUser(username)} (administrator)`;
    return {
      about: token ? `${who} / ${nameToken(token)}` : who,
      ...violation,
      ...(severity && { severity }),
      username,
      ...(tokenName !== undefined && { tokenName }),
      ...(waiver && { waiver, waivers }),
    };
  });
}

/** A violation as the engine reports it. */
export interface Report {
  readonly message: string;
  /** Where it differs from the rule's level. */
  readonly enforcementLevel?: "advisory" | "mandatory";
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
}

/** What the engine reports of a violation: a waived one is an advisory note that names the waiver. */
export function toReport(violation: Violation & Pick<JudgedViolation, "waiver" | "owner" | "severity">): Report {
  const { waiver, owner, enforcementLevel, severity } = violation;
  const message = [
    formatViolation(violation),
    ...(owner ? [`[${describeOwner(owner)}]`] : []),
    ...(waiver ? [`[${describeWaiver(waiver)}]`] : []),
  ].join(" ");
  const own = severity && { severity };
  if (waiver) return { message, enforcementLevel: "advisory", ...own };
  return { message, ...(enforcementLevel && { enforcementLevel }), ...own };
}
