import * as v from "valibot";
import { compileGlob } from "../../core/glob";
import { adviseReplacement } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { isActive, isReadWrite } from "../token-facts";

/** Fires on an active `read_write` token of a user who should only read. */
export const readScalingOnly = defineUserRule({
  name: "read-scaling-only",
  displayName: "Readers hold read_scaling tokens only",
  description: "Users who only read hold no active read_write token.",
  rationale: "A dashboard that only reads must not be able to drop a table when its token leaks.",
  remediation: "Create a read_scaling token, switch the consumers, then revoke the read_write token.",
  severity: "high",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 AC-6", owaspNhi(5)],
  settings: v.strictObject({
    users: v.optional(setting.usernames("Users who only read: names or globs. Default: none."), []),
  }),
  namesIn: ({ users }) => users,
  check(user, { users }, now, limits) {
    if (!users.some((glob) => compileGlob(glob)(user.username))) return [];
    return user.tokens
      .filter((token) => isReadWrite(token) && isActive(token, now))
      .map((token) => ({
        tokenId: token.id,
        fact: "an active read_write token of a user who only reads",
        ...adviseReplacement(user, token, limits, { what: "a read_scaling token", type: "read_scaling" }),
      }));
  },
});
