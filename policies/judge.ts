import { describeWaiver, type Waiver, type WaiverMatcher } from "./waivers";
import type { UserEvidence, UserRule, Violation } from "./rule";
import type { TokenLimits } from "./token-facts";

/** A violation, and the waiver that holds for it. */
export interface JudgedViolation extends Violation {
  readonly username: string;
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
): JudgedViolation[] {
  const { username, origin } = user;
  return rule.check(user, settings, now, limits).map((violation) => {
    const { tokenId } = violation;
    const tokenName =
      tokenId === undefined ? undefined : (user.tokens.find(({ id }) => id === tokenId)?.name ?? undefined);
    const waivers =
      rule.waivable === false ? [] : findWaiver({ rule: rule.name, username, origin, tokenId, tokenName });
    const [waiver] = waivers;
    return {
      ...violation,
      username,
      ...(tokenName !== undefined && { tokenName }),
      ...(waiver && { waiver, waivers }),
    };
  });
}

/** The violation as the engine reports it: a waived one is an advisory note that names the waiver. */
export function toReported(violation: JudgedViolation): Violation {
  const { waiver } = violation;
  if (!waiver) return violation;
  return { ...violation, enforcementLevel: "advisory", message: `${violation.message} [${describeWaiver(waiver)}]` };
}
