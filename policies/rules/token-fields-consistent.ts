import * as v from "valibot";
import { parseInstant } from "../../core/instant";
import { quoted } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { defineUserRule } from "../rule";
import { expiryOf, TOKEN_TYPES } from "../token-facts";

/** Fires on a token whose fields cannot all be true: nothing else that is said about it can be trusted. */
export const tokenFieldsConsistent = defineUserRule({
  name: "token-fields-consistent",
  displayName: "Token fields make sense",
  description: "A token's type, dates and access agree with each other.",
  rationale:
    "A type that is not known, a date that cannot be read or fields that contradict each other mean that the API, or something on the way to it, says something that the rules do not understand.",
  remediation:
    "Check the token at MotherDuck, and look for a newer version of this package, which may know the new value.",
  severity: "medium",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 IA-5 d"],
  settings: v.strictObject({
    clockSkewSeconds: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(86_400),
        v.description(
          "Seconds by which clocks may differ before a creation counts as one in the future. Default: 300.",
        ),
      ),
      300,
    ),
  }),
  check(user, { clockSkewSeconds }, now) {
    return user.tokens.flatMap((token) => {
      const oddities = findOddities(token, now + clockSkewSeconds * 1000);
      if (oddities.length === 0) return [];
      return {
        tokenId: token.id,
        parts: oddities,
        fact: oddities.join("; "),
        fix: "Check it at MotherDuck, and look for a newer version of this package.",
      };
    });
  },
});

function findOddities(token: UserToken, latestCreation: number): string[] {
  const created = parseInstant(token.createdTs);
  const expiry = expiryOf(token);
  const isKnown = (TOKEN_TYPES as readonly string[]).includes(token.tokenType);
  return [
    isKnown ? undefined : `tokenType ${quoted(token.tokenType, 60)} is not known`,
    // Whichever tokens the rules about expiry are set to judge.
    typeof token.expireAt === "string" && expiry === undefined
      ? `expireAt ${quoted(token.expireAt, 60)} is not a date`
      : undefined,
    created === undefined ? `createdTs ${quoted(token.createdTs, 60)} is not a date` : undefined,
    token.tokenType === "read_write" && token.readOnly ? "it is read_write, but readOnly" : undefined,
    created !== undefined && created > latestCreation ? `it was created in the future (${token.createdTs})` : undefined,
    created !== undefined && expiry !== undefined && expiry < created ? "it expired before it was created" : undefined,
  ].filter((oddity) => oddity !== undefined);
}
