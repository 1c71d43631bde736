import * as v from "valibot";
import { count } from "../../core/count";
import { daysToMs, duration } from "../../core/duration";
import { parseInstant } from "../../core/instant";
import { quoted } from "../../core/printable";
import type { UserToken } from "../../core/user-token";
import { adviseChoice, adviseReplacement } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule, type Violation } from "../rule";
import * as setting from "../setting-types";
import { countReadWrite, exceeding, expiryOf, nameToken } from "../token-facts";

/** Fires on an administrator's active `read_write` tokens: on too many, and on each that lives too long. */
export const adminTokensLimited = defineUserRule({
  name: "admin-tokens-limited",
  displayName: "Administrators hold few and short-lived tokens",
  description: "An administrator holds few active read_write tokens, and none that lives long.",
  rationale:
    "An administrator's read_write token opens the whole organization: with it, users can be created and deleted, and tokens created for service accounts. It should exist only while somebody administers.",
  remediation:
    "Revoke the administrator's tokens that are not needed. Leave what needs no administrator to service accounts without the role, and give the remaining tokens a short ttl.",
  severity: "high",
  hasFixedSeverity: true,
  needsListing: true,
  // A new rule warns: whoever updates this package is not blocked by it.
  enforcementLevel: "advisory",
  controls: ["NIST 800-53r5 AC-6(5)", "NIST 800-53r5 IA-5 f", "CIS Controls v8 5.4", owaspNhi(5), owaspNhi(7)],
  settings: v.strictObject({
    max: v.optional(setting.wholeNumber("Active read_write tokens an administrator may hold. Default: 1."), 1),
    rotationOverlapDays: v.optional(
      setting.days(
        0,
        365,
        "One token more is tolerated while a counted one expires within this many days. Default: 7.",
      ),
      7,
    ),
    maxDays: v.optional(
      setting.days(
        1,
        365,
        "Days from creation to expiry of an administrator's active read_write token, at most; one that never expires exceeds all. Default: 30.",
      ),
      30,
    ),
    onUnknown: v.optional(
      v.pipe(
        v.picklist(["advisory", "mandatory"]),
        v.description(
          "The level of a user whose roles are missing from the listing of users, and whose tokens are beyond these limits. Evidence of UserTokens never includes roles, and is not judged. Default: advisory.",
        ),
      ),
      "advisory",
    ),
  }),
  findGap: ({ roles, isListingExpected = false }) =>
    roles === undefined && !isListingExpected ? "the evidence does not include roles" : undefined,
  check(user, { max, rotationOverlapDays, maxDays, onUnknown }, now, limits) {
    const { isAdministrator, isListingExpected = false } = user;
    // Evidence of `UserTokens` never tells; that of `OrganizationTokens` and `audit --all` should.
    if (isAdministrator === false || (isAdministrator === undefined && !isListingExpected)) return [];
    const { counted, isWithin } = countReadWrite(user.tokens, max, rotationOverlapDays, now);
    const tooLong = counted.flatMap((token): Violation[] => {
      const fact = findTooLong(token, maxDays);
      const advice = adviseReplacement(user, token, limits, { atMost: daysToMs(maxDays) });
      return fact === undefined ? [] : [{ tokenId: token.id, fact, ...advice }];
    });
    if (isWithin && tooLong.length === 0) return [];
    const parts = counted.map(({ id }) => id);
    if (isAdministrator === undefined) return [{ parts, ...UNKNOWN, enforcementLevel: onUnknown }];
    const tooMany: Violation = {
      parts,
      fact:
        `${exceeding(counted.length, "active read_write token")} the limit of ${max} for an administrator: ` +
        counted.map(nameToken).join(", "),
      fix: adviseChoice("Revoke those that are not needed"),
    };
    return isWithin ? tooLong : [tooMany, ...tooLong];
  },
});

const UNKNOWN = {
  // Another thing than too many tokens, so that a baseline which knows the one does not know the other.
  subject: "roles",
  fact: "it cannot be told whether this user is an administrator, whose read_write tokens may be neither so many nor so long-lived",
  fix: "Use an API token that may list all members, with their roles, or disable this rule.",
};

function findTooLong(token: UserToken, maxDays: number): string | undefined {
  const { expireAt, createdTs } = token;
  const [expiry, created] = [expiryOf(token), parseInstant(createdTs)];
  const limit = `an administrator's read_write token may live for ${count(maxDays, "day")}`;
  if (expiry === undefined) {
    const what = typeof expireAt === "string" ? `expireAt ${quoted(expireAt, 60)} is not a date` : "never expires";
    return `${what}; ${limit}`;
  }
  if (created === undefined) return `lifetime cannot be told, createdTs is not a date; ${limit}`;
  if (expiry - created <= daysToMs(maxDays)) return undefined;
  return `lifetime ${duration(expiry - created, "up")}; ${limit}`;
}
