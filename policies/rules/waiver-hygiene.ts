import * as v from "valibot";
import { compileGlob } from "../../core/glob";
import { printable } from "../../core/printable";
import { defineStackRule, type StackEvidence, usernamesOf } from "../rule";
import * as setting from "../setting-types";
import { nameUser } from "../token-facts";
import { findUnmatchedNames } from "../unmatched-names";
import { findWaiverFaults, type Waiver } from "../waivers";

/** Fires on a waiver that is expired, unused, valid for too long, or without an owner or a reason. */
export const waiverHygiene = defineStackRule({
  name: "waiver-hygiene",
  displayName: "Waivers are owned, and end",
  description: "Every waiver has an owner and a reason, ends in time, and is still needed.",
  rationale:
    "An exception that nobody owns, or that never ends, becomes the rule. A stale one waits for the next violation.",
  remediation: "Renew the waiver with its owner's consent, complete it, or delete it.",
  severity: "medium",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 CA-5", "NIST 800-53r5 IA-5 d"],
  decidesForOthers: true,
  settings: v.strictObject({
    maxDays: v.optional(
      setting.days(1, 365, "Days from now to the beginning of a waiver's last day, at most. Default: 90."),
      90,
    ),
    requireTicket: v.optional(
      v.pipe(v.boolean(), v.description("Whether every waiver needs a ticket. Default: false.")),
      false,
    ),
  }),
  check(stack, settings, now) {
    return stack.waivers.flatMap((waiver) => {
      const { id, user, organization } = waiver;
      const faults = findWaiverFaults(waiver, settings, now);
      // A waiver with a fault hides nothing, so it is unused anyway.
      if (faults.length === 0 && isUnused(waiver, stack)) faults.push("no violation matches it any more");
      const organizations = stack.waiverOrigins?.get(id)?.size ?? 0;
      if (organizations > 1) {
        faults.push(
          `it holds for users of ${organizations} organizations that it cannot tell apart; name each of them ` +
            `(motherduck-tokens:organization), and the waiver's`,
        );
      }
      const violations = faults.map((fault) => ({
        subject: id,
        parts: [fault],
        about: `waiver ${printable(id, 60)} (${printable(waiver.rule, 60)}, ${nameUser(user)})`,
        fact: fault,
        fix: "Renew, complete or delete it.",
      }));
      if (stack.isEverybody !== true) return violations;
      const unmatched = findUnmatchedNames(`waiver ${printable(id, 60)}`, [user], usernamesOf(stack, organization));
      return [
        ...violations,
        ...unmatched.map((violation) => ({ ...violation, subject: id, parts: ["its user matches nobody"] })),
      ];
    });
  },
});

// Only where its user was judged here: a file that serves many stacks names users of the others, too.
function isUnused({ id, user, organization }: Waiver, stack: StackEvidence): boolean {
  if (stack.hasUnknown || stack.usedWaivers.has(id)) return false;
  return usernamesOf(stack, organization).some(compileGlob(user));
}
