import * as v from "valibot";
import { adviseChoice } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { exceeding, isActive } from "../token-facts";

/** Fires on a user with more active tokens, of all types, than allowed. */
export const maxTokensPerUser = defineUserRule({
  name: "max-tokens-per-user",
  displayName: "Few tokens per user",
  description: "A user holds no more active tokens, of all types, than allowed.",
  rationale: "Nobody keeps track of a heap of tokens; the forgotten one is the one that leaks.",
  remediation: "Revoke the tokens that are not needed.",
  severity: "low",
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 AC-6", "NIST 800-53r5 CM-8", owaspNhi(1)],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    max: v.optional(setting.wholeNumber("Active tokens that a user may hold. Default: 5."), 5),
  }),
  check(user, { max }, now) {
    const active = user.tokens.filter((token) => isActive(token, now));
    if (active.length <= max) return [];
    return [
      {
        parts: active.map(({ id }) => id),
        fact: `${exceeding(active.length, "active token")} the limit of ${max}`,
        fix: adviseChoice("Revoke those that are not needed"),
      },
    ];
  },
});
