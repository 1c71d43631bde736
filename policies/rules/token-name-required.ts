import * as v from "valibot";
import { isBlank, quoted } from "../../core/printable";
import { adviseReplacement } from "../advice";
import { compilePattern, isPattern } from "../pattern";
import { defineUserRule } from "../rule";

/** Fires on a token without a name, or with one that does not match the pattern. */
export const tokenNameRequired = defineUserRule({
  name: "token-name-required",
  displayName: "Tokens have a meaningful name",
  description: "Every token has a name, and it matches the pattern where one is set.",
  rationale:
    "The name tells what a token is for, everywhere it is listed: a description is optional and often missing, and nothing tells the last use.",
  remediation: "A token cannot be renamed: create a replacement with a name that says what uses it.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 CM-8"],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    pattern: v.optional(
      v.pipe(
        v.string(),
        v.check(isPattern, "a regular expression in the syntax of RE2"),
        v.description(
          "A regular expression (RE2) that is found somewhere in every name: ^ and $ ask for the whole. Default: any name of which something can be seen.",
        ),
      ),
    ),
    flags: v.optional(
      v.pipe(
        v.picklist(["", "i", "u", "iu"]),
        v.description("i: case is ignored. u changes nothing: patterns see whole characters anyway. Default: none."),
      ),
      "",
    ),
  }),
  check(user, { pattern, flags }, _now, limits) {
    const matches = pattern === undefined ? () => true : compilePattern(pattern, flags);
    return user.tokens.flatMap((token) => {
      const blank = isBlank(token.name ?? "");
      if (!blank && matches(token.name ?? "")) return [];
      return {
        tokenId: token.id,
        fact: blank ? "has no name" : `its name does not match ${quoted(pattern ?? "", 100)}`,
        ...adviseReplacement(user, token, limits, { what: "a replacement named after what uses it", needsName: true }),
      };
    });
  },
});
