import * as v from "valibot";
import { printable } from "../../core/printable";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { DAY, expiryOf, nameUserToken } from "../token-facts";

/** Fires on a token that has expired and is still listed. */
export const noExpiredTokens = defineUserRule({
  name: "no-expired-tokens",
  displayName: "Expired tokens are removed",
  description: "No expired token is still listed.",
  rationale: "Leftovers hide the tokens that matter, and each one is a rotation that nobody finished.",
  remediation: "Make sure that nothing uses the expired token any more, then delete it.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 CM-8", "CIS Controls v8 5.1"],
  settings: v.strictObject({
    graceDays: v.optional(setting.days(0, 365, "Days after expiry without a violation. Default: 0."), 0),
  }),
  check(user, { graceDays }, now) {
    return user.tokens
      .filter((token) => now - (expiryOf(token) ?? Infinity) > graceDays * DAY)
      .map((token) => ({
        tokenId: token.id,
        message:
          `${nameUserToken(user.username, token)}: expired at ${printable(token.expireAt ?? "", 60)} and is still listed` +
          `${graceDays > 0 ? ` after ${graceDays} days` : ""}. Delete it.`,
      }));
  },
});
