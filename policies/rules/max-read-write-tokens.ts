import * as v from "valibot";
import { mostSpecific } from "../../core/glob";
import { adviseChoice } from "../advice";
import { owaspNhi } from "../owasp-nhi";
import { defineUserRule } from "../rule";
import * as setting from "../setting-types";
import { countReadWrite, exceeding, nameToken } from "../token-facts";

const Limit = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Fires on a user with more active `read_write` tokens than allowed. */
export const maxReadWriteTokens = defineUserRule({
  name: "max-read-write-tokens",
  displayName: "Few read_write tokens per user",
  description: "A user holds no more active read_write tokens than allowed.",
  rationale:
    "Every read_write token is a full key to the user's data. One, and its successor while it is being rotated, is enough; more are usually forgotten ones.",
  remediation:
    "Revoke the read_write tokens that are not needed, or replace those that only read by read_scaling ones.",
  severity: "medium",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 AC-6", "NIST 800-53r5 IA-5 d", owaspNhi(5)],
  canSpareSystemTokens: true,
  settings: v.strictObject({
    max: v.optional(v.pipe(Limit, v.description("Active read_write tokens a user may hold. Default: 2.")), 2),
    perUser: v.optional(
      v.pipe(
        setting.byName(Limit),
        v.description("Limits of their own, by username or glob; the most specific one holds. Default: none."),
      ),
      {},
    ),
    rotationOverlapDays: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.maxValue(365),
        v.description("One token more is tolerated while a counted one expires within this many days. Default: 0."),
      ),
      0,
    ),
  }),
  presets: { strict: { max: 1 } },
  namesIn: ({ perUser }) => Object.keys(perUser),
  check(user, { max, perUser, rotationOverlapDays }, now) {
    const own = mostSpecific(Object.keys(perUser), user.username).map((key) => perUser[key] ?? max);
    const limit = own.length > 0 ? Math.min(...own) : max;
    const { counted, isWithin } = countReadWrite(user.tokens, limit, rotationOverlapDays, now);
    if (isWithin) return [];
    return [
      {
        parts: counted.map(({ id }) => id),
        fact:
          `${exceeding(counted.length, "active read_write token")} the limit of ${limit}: ` +
          counted.map(nameToken).join(", "),
        fix: `${adviseChoice("Revoke those that are not needed")} Where they only read, replace them by read_scaling tokens.`,
      },
    ];
  },
});
