import * as v from "valibot";
import { count } from "../../core/count";
import { daysToMs } from "../../core/duration";
import { printable } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { adviseRevocation } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { expiryOf, isActive } from "../token-facts";

/** Fires on a token that has expired and is still listed. */
export const noExpiredTokens = defineUserRule({
  name: "no-expired-tokens",
  displayName: "Expired tokens are removed",
  description: "No expired token is still listed.",
  rationale: "Leftovers hide the tokens that matter, and each one is a rotation that nobody finished.",
  remediation: "Make sure that nothing uses the expired token any more, then delete it.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 CM-8", "CIS Controls v8 5.1", owaspNhi(1)],
  settings: v.strictObject({
    graceDays: v.optional(
      setting.days(
        0,
        365,
        "Days after expiry without a violation; with 0 it comes at the instant of the expiry. Default: 0.",
      ),
      0,
    ),
  }),
  check(user, { graceDays }, now) {
    return user.tokens
      .filter((token) => !isActive(token, now) && (graceDays === 0 || isOver(token, graceDays, now)))
      .map((token) => ({
        tokenId: token.id,
        fact:
          `expired at ${printable(token.expireAt ?? "", 60)} and is still listed` +
          (graceDays > 0 ? ` after ${count(graceDays, "day")}` : ""),
        ...adviseRevocation("Delete it"),
      }));
  },
});

// Without days of grace there is no limit that could still be kept: what is not active is expired.
function isOver(token: UserToken, graceDays: number, now: number): boolean {
  return now - (expiryOf(token) ?? Infinity) > daysToMs(graceDays);
}
