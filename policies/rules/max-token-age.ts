import * as v from "valibot";
import { count } from "../../core/count";
import { daysToMs, duration } from "../../core/duration";
import { parseInstant } from "../../core/instant";
import { adviseReplacement } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { countedType, isActive } from "../token-facts";

/** Fires on an active token that was created too long ago. */
export const maxTokenAge = defineUserRule({
  name: "max-token-age",
  displayName: "Tokens are rotated",
  description: "An active token is not older than the limit.",
  rationale: "Rotation limits how long a token that leaked unnoticed is useful, and keeps its owners in practice.",
  remediation: "Rotate: create a replacement, switch its consumers, then revoke the old token.",
  severity: "medium",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 IA-5 f", "CIS AWS 1.14 (access keys rotated every 90 days)", owaspNhi(7)],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    maxDays: v.optional(setting.days(1, 3650, "Days since creation, at most. Default: 90."), 90),
    byType: v.optional(setting.daysByType(1, 3650), {}),
  }),
  check(user, { maxDays, byType }, now, limits) {
    return user.tokens.flatMap((token) => {
      const limit = byType[countedType(token)] ?? maxDays;
      const created = parseInstant(token.createdTs);
      const age = now - (created ?? -Infinity);
      if (!isActive(token, now) || age <= daysToMs(limit)) return [];
      const fact =
        created === undefined ? "age cannot be told, createdTs is not a date; it" : `age ${duration(age, "up")}`;
      return {
        tokenId: token.id,
        fact: `${fact} exceeds ${count(limit, "day")}`,
        ...adviseReplacement(user, token, limits, { atMost: daysToMs(limit) }),
      };
    });
  },
});
