import { checkSystemTokens, type SystemTokens } from "./system-tokens";
import { describeWaiver, type Waiver, type WaiverMatcher } from "./waivers";
import { formatViolation, type UserEvidence, type UserRule, type Violation } from "./rule";
import { nameUser, nameUserToken, type TokenLimits } from "./token-facts";

/** A violation, and the waiver that holds for it. */
export interface JudgedViolation extends Violation {
  readonly username: string;
  readonly about: string;
  /** The name of the token that it is about; absent where the token has none. */
  readonly tokenName?: string;
  /** With one, the violation is an advisory note, whatever its own level. Of several, the one that ends last. */
  readonly waiver?: Waiver;
  /** All waivers that hold for it: each of them is in use. Absent where none does. */
  readonly waivers?: readonly Waiver[];
}

/** Judges one user by one rule: what the pack and the audit have in common. */
export function judgeUser(
  rule: UserRule,
  user: UserEvidence,
  settings: Parameters<UserRule["check"]>[1],
  findWaiver: WaiverMatcher,
  now: number,
  limits: TokenLimits,
  systemTokens: SystemTokens = "judged",
): JudgedViolation[] {
  const { username, origin } = user;
  const check = (evidence: UserEvidence) => rule.check(evidence, settings, now, limits);
  return checkSystemTokens(rule, user, systemTokens, check).map((violation) => {
    const { tokenId } = violation;
    const token = tokenId === undefined ? undefined : user.tokens.find(({ id }) => id === tokenId);
    const tokenName = token?.name ?? undefined;
    const waivers =
      rule.waivable === false ? [] : findWaiver({ rule: rule.name, username, origin, tokenId, tokenName });
    const [waiver] = waivers;
    return {
      about: token ? nameUserToken(username, token) : nameUser(username),
      ...violation,
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
}

/** What the engine reports of a violation: a waived one is an advisory note that names the waiver. */
export function toReport(violation: Violation & Pick<JudgedViolation, "waiver">): Report {
  const { waiver, enforcementLevel } = violation;
  const message = formatViolation(violation);
  if (waiver) return { message: `${message} [${describeWaiver(waiver)}]`, enforcementLevel: "advisory" };
  return { message, ...(enforcementLevel && { enforcementLevel }) };
}
