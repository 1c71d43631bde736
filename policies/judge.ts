import { describeWaiver, type Waiver, type WaiverMatcher } from "./waivers";
import type { UserEvidence, UserRule, Violation } from "./rule";

/** A violation, and the waiver that holds for it. */
export interface JudgedViolation extends Violation {
  readonly username: string;
  readonly waiver?: Waiver;
}

/** Judges one user by one rule: what the pack and the audit have in common. */
export function judgeUser(
  rule: UserRule,
  user: UserEvidence,
  settings: Parameters<UserRule["check"]>[1],
  findWaiver: WaiverMatcher,
  now: number,
): JudgedViolation[] {
  return rule.check(user, settings, now).map((violation) => {
    const { username } = user;
    if (rule.waivable === false) return { ...violation, username };
    const { tokenId } = violation;
    const tokenName =
      tokenId === undefined ? undefined : (user.tokens.find(({ id }) => id === tokenId)?.name ?? undefined);
    const waiver = findWaiver({ rule: rule.name, username, tokenId, tokenName });
    return waiver
      ? {
          ...violation,
          username,
          waiver,
          enforcementLevel: "advisory",
          message: `${violation.message} [${describeWaiver(waiver)}]`,
        }
      : { ...violation, username };
  });
}
