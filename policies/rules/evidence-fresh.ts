import * as v from "valibot";
import { count } from "../../core/count";
import { duration, hoursToMs, MINUTE } from "../../core/duration";
import { parseInstant } from "../../core/instant";
import { quoted } from "../../core/printable";
import { defineUserRule } from "../rule";

/** Clocks of two machines may differ by this much. */
const CLOCK_SKEW = 5 * MINUTE;

/**
 * Fires where the tokens were not read in this run but long ago: `--target` and `--exclude` leave old evidence in place.
 * Tokens that are not known yet, or not readable, and users whom `ignoreChanges` keeps, are reported by the adapter under this
 * rule's name.
 */
export const evidenceFresh = defineUserRule({
  name: "evidence-fresh",
  displayName: "Evidence is fresh",
  description: "The tokens that are judged were read recently.",
  rationale:
    "With --target or --exclude the engine does not ask a provider again, so policies judge what was read in an earlier run.",
  remediation: "Run the preview or update again without --target and --exclude.",
  severity: "high",
  enforcementLevel: "mandatory",
  controls: ["NIST 800-53r5 CM-8"],
  waivable: false,
  hasFixedSeverity: true,
  settingsForAll: ["onUnknown", "onIgnoreChanges"],
  presets: { strict: { onIgnoreChanges: "mandatory" } },
  settings: v.strictObject({
    maxAgeHours: v.optional(
      v.pipe(v.number(), v.gtValue(0), v.maxValue(8760), v.description("Hours that evidence may be old. Default: 24.")),
      24,
    ),
    onUnknown: v.optional(
      v.pipe(
        v.picklist(["advisory", "mandatory"]),
        v.description("The level of tokens that are not known yet in a preview. Default: advisory."),
      ),
      "advisory",
    ),
    onIgnoreChanges: v.optional(
      v.pipe(
        v.picklist(["advisory", "mandatory"]),
        v.description(
          "The level of a resource whose ignoreChanges keeps the users of an earlier run. Default: advisory.",
        ),
      ),
      "advisory",
    ),
  }),
  check(user, { maxAgeHours }, now) {
    const fact = staleness(user.fetchedAt, hoursToMs(maxAgeHours), now);
    if (fact === undefined) return [];
    return [
      {
        parts: [user.fetchedAt ?? "never"],
        fact: `${fact}; the limit is ${count(maxAgeHours, "hour")}`,
        fix: "Run again without --target and --exclude, so that the tokens are read again.",
      },
    ];
  },
});

function staleness(fetchedAt: string | undefined, maxAge: number, now: number): string | undefined {
  if (fetchedAt === undefined) return "it is not known when the tokens were read";
  const instant = parseInstant(fetchedAt);
  if (instant === undefined) return `the tokens were read at ${quoted(fetchedAt, 60)}, which is not a date`;
  if (instant > now + CLOCK_SKEW) return `the tokens were read at ${fetchedAt}, which is in the future`;
  if (now - instant <= maxAge) return undefined;
  return `the tokens were read ${duration(now - instant, "up", "hour")} ago (${fetchedAt})`;
}
