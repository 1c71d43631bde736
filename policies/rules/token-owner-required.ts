import * as v from "valibot";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import { isActive } from "../token-facts";

/** Fires on an active token that nobody owns. */
export const tokenOwnerRequired = defineUserRule({
  name: "token-owner-required",
  displayName: "Tokens have an owner",
  description:
    "Every active token has an owner: by the settings, by its description where a pattern is set, or by its user's e-mail.",
  rationale:
    "A token that nobody answers for is rotated by nobody. Who is told when it leaks, and who knows what stops when it is revoked?",
  remediation: "Name the owner of the token or of its user under owners in the settings.",
  severity: "low",
  // Off until somebody has named owners: before, it would fire on every service account.
  enforcementLevel: "disabled",
  controls: ["NIST 800-53r5 CM-8", "NIST 800-53r5 AC-2", "CIS Controls v8 5.5", owaspNhi(1)],
  needsListing: true,
  needsOwners: true,
  settings: v.strictObject({}),
  presets: { audit: { enforcementLevel: "disabled" } },
  check({ tokens, owners }, _settings, now) {
    return tokens
      .filter((token) => isActive(token, now) && !owners?.tokens.has(token.id))
      .map(({ id }) => ({
        tokenId: id,
        fact: "nobody owns it",
        fix: "Name its owner, or that of its user, under owners in the settings.",
      }));
  },
});
