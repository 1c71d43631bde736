import * as v from "valibot";
import { daysToMs } from "../../core/duration";
import { parseInstant } from "../../core/instant";
import { quoted } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { adviseReplacement } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { countedType, expiryOf } from "../token-facts";

/** Fires on a token whose `expireAt` is missing or cannot be read. */
export const tokensMustExpire = defineUserRule({
  name: "tokens-must-expire",
  displayName: "Tokens must expire",
  description: "Every API token has a date on which it expires.",
  rationale:
    "A token that never expires works for whoever finds it, until somebody notices. MotherDuck makes such a token when no ttl is given, and has no policy against it.",
  remediation: "Create a replacement with a ttl, switch its consumers, then revoke the token that never expires.",
  severity: "high",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 IA-5 f", "CIS Controls v8 5.1", owaspNhi(7)],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    tokenTypes: v.optional(
      setting.tokenTypes("The token types that must expire. Default: all, also types that are not known."),
    ),
    graceDays: v.optional(setting.days(0, 365, "Days after creation without a violation. Default: 0."), 0),
  }),
  check(user, { tokenTypes, graceDays }, now, limits) {
    return user.tokens
      .filter((token) => expiryOf(token) === undefined)
      .filter((token) => tokenTypes === undefined || tokenTypes.includes(countedType(token)))
      .filter((token) => !isNew(token, graceDays, now))
      .map((token) => ({
        tokenId: token.id,
        fact: describeExpiry(token),
        ...adviseReplacement(user, token, limits),
      }));
  },
});

// A token from the future is not new but odd, and gets no grace.
function isNew(token: UserToken, graceDays: number, now: number): boolean {
  const age = now - (parseInstant(token.createdTs) ?? -Infinity);
  return graceDays > 0 && age >= 0 && age <= daysToMs(graceDays);
}

function describeExpiry(token: UserToken): string {
  return typeof token.expireAt === "string" ? `expireAt ${quoted(token.expireAt, 60)} is not a date` : "never expires";
}
