import * as v from "valibot";
import { isBlank, quoted } from "../../core/printable";
import { PolicyConfigError } from "../config-error";
import { defineUserRule } from "../rule";
import { nameUserToken } from "../token-facts";

/** Fires on a token without a name, or with one that does not match the pattern. */
export const tokenNameRequired = defineUserRule({
  name: "token-name-required",
  displayName: "Tokens have a telling name",
  description: "Every token has a name, and it matches the pattern where one is set.",
  rationale: "The name is all that tells what a token is for: there is no other description, and no last use.",
  remediation: "A token cannot be renamed: create a replacement with a name that says what uses it.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 CM-8"],
  settings: v.strictObject({
    pattern: v.optional(
      v.pipe(
        v.string(),
        v.check(isRegExp, "a regular expression"),
        v.description("A regular expression that names match. Default: any that is not blank."),
      ),
    ),
    flags: v.optional(
      v.pipe(v.picklist(["", "i", "u", "iu"]), v.description("The regular expression's flags. Default: none.")),
      "",
    ),
  }),
  check(user, { pattern, flags }) {
    const expression = pattern === undefined ? undefined : compile(pattern, flags);
    return user.tokens.flatMap((token) => {
      const blank = isBlank(token.name ?? "");
      if (!blank && (expression === undefined || expression.test(token.name ?? ""))) return [];
      const fact = blank ? "has no name" : `its name does not match ${quoted(pattern ?? "", 100)}`;
      return {
        tokenId: token.id,
        message: `${nameUserToken(user.username, token)}: ${fact}. Create a replacement whose name says what uses it, revoke this one.`,
      };
    });
  },
});

// With the flag u, patterns are stricter; only here are both known.
function compile(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new PolicyConfigError(`configuration of policy token-name-required: pattern cannot be used: ${reason}.`);
  }
}

function isRegExp(text: string): boolean {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
}
