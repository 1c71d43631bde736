import * as v from "valibot";
import { count } from "../../core/count";
import { daysToMs, duration } from "../../core/duration";
import { printable } from "../../core/printable";
import { adviseReplacement } from "../advice";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { expiryOf } from "../token-facts";

/** Fires on a token that is about to expire: what uses it will stop working. */
export const tokenExpiringSoon = defineUserRule({
  name: "token-expiring-soon",
  displayName: "No token is about to expire",
  description: "No token expires within the coming days.",
  rationale: "What uses a token stops when it expires. A warning in time turns an outage into a task.",
  remediation: "Create a replacement now and switch its consumers before the old token expires.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 IA-5 f"],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    warnDays: v.optional(
      setting.days(1, 90, "Days before expiry at which the warning starts, that instant included. Default: 14."),
      14,
    ),
  }),
  check(user, { warnDays }, now, limits) {
    return user.tokens.flatMap((token) => {
      const left = (expiryOf(token) ?? Infinity) - now;
      if (left <= 0 || left > daysToMs(warnDays)) return [];
      return {
        tokenId: token.id,
        fact: `expires in ${duration(left, "down")} (${printable(token.expireAt ?? "", 60)}), within ${count(warnDays, "day")}`,
        ...adviseReplacement(user, token, limits, { endsByItself: true }),
      };
    });
  },
});
