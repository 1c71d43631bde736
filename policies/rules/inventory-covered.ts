import * as v from "valibot";
import { compileGlob, isGlob } from "../../core/glob";
import { defineStackRule, type StackEvidence, usernamesOf } from "../rule";
import * as setting from "../setting-types";
import { nameUser } from "../token-facts";

/** Fires where an expected user has no evidence in the stack, or the stack has none at all. */
export const inventoryCovered = defineStackRule({
  name: "inventory-covered",
  displayName: "Expected users are covered",
  description: "Every expected user's tokens are declared in the stack.",
  rationale:
    "Policies judge what is declared. A user who was removed from the program, or is only read by a function, would silently never be judged again.",
  remediation: "Declare UserTokens for the user, or take the user off the list.",
  severity: "high",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 CM-8", "CIS Controls v8 5.1"],
  settings: v.strictObject({
    users: v.optional(
      setting.usernames("Users who must be covered: names, or globs that match at least one. Default: none."),
      [],
    ),
    requireEvidence: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          "Whether a stack without any evidence is a violation; else it is an advisory note. Default: false.",
        ),
      ),
      false,
    ),
  }),
  presets: { strict: { requireEvidence: true } },
  needsEverybody: true,
  namesIn: ({ users }) => users,
  check(stack, { users, requireEvidence }) {
    if (stack.usernames.length === 0 && !stack.hasUnknown && users.length === 0) {
      return [
        {
          fact: "there is no evidence: nothing here declares UserTokens or OrganizationTokens, so no token was judged",
          fix: "Declare the users whose tokens matter; functions and reads by id are not seen.",
          ...(!requireEvidence && { enforcementLevel: "advisory" as const }),
        },
      ];
    }
    return users
      .filter((user) => !isCovered(user, stack))
      .map((user) => ({
        subject: user,
        about: nameUser(user),
        fact: `no evidence ${isGlob(user) ? "of any user of this pattern" : "of this user"}`,
        fix: "Declare UserTokens for it, or take it off the list.",
        // A username that is not known yet may be this one; the update will tell.
        ...(stack.hasUnknown && { enforcementLevel: "advisory" as const }),
      }));
  },
});

function isCovered(user: string, stack: StackEvidence): boolean {
  return usernamesOf(stack, stack.organization).some(compileGlob(user));
}
