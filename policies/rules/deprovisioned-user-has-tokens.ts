import * as v from "valibot";
import { adviseRevocation } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import { isActive } from "../token-facts";

/** Fires on an active token of a user who was deprovisioned. */
export const deprovisionedUserHasTokens = defineUserRule({
  name: "deprovisioned-user-has-tokens",
  displayName: "Deprovisioned users hold no tokens",
  description: "A user who was deprovisioned holds no active token.",
  rationale:
    "Whoever has left must not have a way in. A token outlives the account it was made for when nobody revokes it.",
  remediation: "Revoke the tokens of the deprovisioned user.",
  severity: "critical",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 AC-2(3)", "CIS Controls v8 5.3", owaspNhi(1)],
  needsListing: true,
  settings: v.strictObject({}),
  findGap: ({ isDeprovisioned, isListingExpected = false }) =>
    isDeprovisioned === undefined && !isListingExpected
      ? "the evidence does not show whether they were deprovisioned"
      : undefined,
  check({ isDeprovisioned, isListingExpected = false, tokens }, _settings, now) {
    if (isDeprovisioned === false) return [];
    const active = tokens.filter((token) => isActive(token, now));
    if (isDeprovisioned === undefined) {
      // Evidence of `UserTokens` never tells; that of `OrganizationTokens` and `audit --all` should.
      if (!isListingExpected || active.length === 0) return [];
      return [
        {
          parts: active.map(({ id }) => id),
          fact: "it is not known whether this user is deprovisioned, because listing users was not allowed",
          fix: "Use an API token that may list all members, or disable this rule.",
        },
      ];
    }
    return active.map((token) => ({
      tokenId: token.id,
      fact: "an active token of a deprovisioned user",
      ...adviseRevocation(),
    }));
  },
});
