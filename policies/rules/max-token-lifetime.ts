import * as v from "valibot";
import { count } from "../../core/count";
import { daysToMs, duration } from "../../core/duration";
import { parseInstant } from "../../core/instant";
import { adviseReplacement } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { countedType, expiryOf } from "../token-facts";

/** Fires on a token that was made for longer than allowed. */
export const maxTokenLifetime = defineUserRule({
  name: "max-token-lifetime",
  displayName: "Tokens are short-lived",
  description: "A token expires no later than the limit after its creation.",
  rationale:
    "The longer a token lives, the longer a leaked one works. A token for a year is nearly one that never expires: MotherDuck allows up to 365 days.",
  remediation: "Create a replacement with a shorter ttl, switch its consumers, then revoke the long-lived token.",
  severity: "medium",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 IA-5 f", "CIS Controls v8 5.2", owaspNhi(7)],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    maxDays: v.optional(setting.days(1, 365, "Days from creation to expiry, at most. Default: 90."), 90),
    byType: v.optional(setting.daysByType(1, 365), {}),
  }),
  presets: { strict: { maxDays: 30 } },
  check(user, { maxDays, byType }, _now, limits) {
    return user.tokens.flatMap((token) => {
      const limit = byType[countedType(token)] ?? maxDays;
      const expiry = expiryOf(token);
      // Tokens that never expire are left to tokens-must-expire.
      if (expiry === undefined) return [];
      const created = parseInstant(token.createdTs);
      const lifetime = expiry - (created ?? -Infinity);
      if (lifetime <= daysToMs(limit)) return [];
      const fact =
        created === undefined
          ? "lifetime cannot be told, createdTs is not a date; it"
          : `lifetime ${duration(lifetime, "up")}`;
      return {
        tokenId: token.id,
        fact: `${fact} exceeds ${count(limit, "day")}`,
        ...adviseReplacement(user, token, limits, { atMost: daysToMs(limit) }),
      };
    });
  },
});
