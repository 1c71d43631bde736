import * as v from "valibot";
import { parseInstant } from "../../core/instant";
import { quoted } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { defineRule } from "../rule";
import { DAY, expiryOf, isReadWrite, nameUserToken, SUGGESTED_TTL_SECONDS } from "../token-facts";

/** Fires on a token whose `expireAt` is missing or cannot be read. */
export const tokensMustExpire = defineRule({
  name: "tokens-must-expire",
  displayName: "Tokens must expire",
  description: "Every API token has a date on which it expires.",
  rationale:
    "A token that never expires works for whoever finds it, until somebody notices. MotherDuck makes such a token when no ttl is given, and has no policy against it.",
  remediation: "Create a replacement with a ttl, switch its consumers, then revoke the token that never expires.",
  severity: "high",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 IA-5 f", "NIST 800-53r5 IA-5 d"],
  settings: v.strictObject({
    tokenTypes: v.optional(
      v.pipe(
        v.array(v.picklist(["read_write", "read_scaling"])),
        v.minLength(1),
        v.description("The token types that must expire. Default: all, also types that are not known."),
      ),
    ),
    graceDays: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(365),
        v.description("Days after creation without a violation. Default: 0."),
      ),
      0,
    ),
  }),
  check(user, { tokenTypes, graceDays }, now) {
    return user.tokens
      .filter((token) => expiryOf(token) === undefined)
      .filter(
        (token) => tokenTypes === undefined || tokenTypes.includes(isReadWrite(token) ? "read_write" : "read_scaling"),
      )
      .filter((token) => !isNew(token, graceDays, now))
      .map((token) => ({
        tokenId: token.id,
        message:
          `${nameUserToken(user.username, token)}: ${describeExpiry(token)}. ` +
          `Create a replacement with ttl <= ${SUGGESTED_TTL_SECONDS}, switch its consumers, revoke this one.`,
      }));
  },
});

// A token from the future is not new but odd, and gets no grace.
function isNew(token: UserToken, graceDays: number, now: number): boolean {
  const age = now - (parseInstant(token.createdTs) ?? -Infinity);
  return graceDays > 0 && age >= 0 && age <= graceDays * DAY;
}

function describeExpiry(token: UserToken): string {
  return typeof token.expireAt === "string" ? `expireAt ${quoted(token.expireAt, 60)} is no date` : "never expires";
}
