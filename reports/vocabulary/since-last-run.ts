import { failuresOf } from "../../audit/failure";
import type { AuditClosing, RecordedFinding } from "../../audit/result";
import { nameMessage } from "./finding";
import { describeDays } from "./words";

/** How many findings there are of each standing. Waived and known ones are among them. */
export interface ChangeCounts {
  readonly new: number;
  readonly open: number;
  readonly unknown: number;
  readonly fixed: number;
  /** The days for which the oldest open one is known. */
  readonly oldestDays: number;
}

/** Counts what changed; `undefined` where there is no earlier run to compare with. */
export function countChanges({ sinceLastRun, findings }: AuditClosing): ChangeCounts | undefined {
  if (!sinceLastRun?.previousRun) return undefined;
  const counts = { new: 0, open: 0, unknown: 0 };
  let oldestDays = 0;
  for (const { standing, daysOpen = 0 } of Object.values(sinceLastRun.findings)) {
    counts[standing]++;
    if (standing === "open") oldestDays = Math.max(oldestDays, daysOpen);
  }
  // An incomplete audit does not compare what is about the whole.
  counts.unknown += findings.filter(({ fingerprint }) => !(fingerprint in sinceLastRun.findings)).length;
  return { ...counts, fixed: sinceLastRun.fixed.length, oldestDays };
}

/** `Since the last run`, and when that was. */
export function titleChanges({ sinceLastRun }: AuditClosing): string {
  const judgedAt = sinceLastRun?.previousRun?.judgedAt;
  return `Since the last run${judgedAt === undefined ? "" : ` (${judgedAt.slice(0, 16)}Z)`}`;
}

/** `2 new, 5 still open, the oldest for 41 days; 3 fixed.`; `undefined` without a ledger. */
export function describeChanges(closing: AuditClosing): string | undefined {
  if (!closing.sinceLastRun) return undefined;
  const counts = countChanges(closing);
  if (!counts) return "nothing to compare with, because the ledger has no earlier complete run of this kind.";
  const { open, unknown, oldestDays } = counts;
  const parts = [
    `${counts.new} new`,
    `${open} still open`,
    ...(open > 0 ? [`the oldest for ${describeDays(oldestDays)}`] : []),
    ...(unknown > 0 ? [`${unknown} of unknown age`] : []),
  ];
  const gap = failuresOf(closing).length > 0 ? " What could not be read is not compared." : "";
  return `${parts.join(", ")}; ${counts.fixed} fixed.${gap}`;
}

/** A finding that is new or fixed. */
export interface Change {
  readonly what: "new" | "fixed";
  readonly finding: RecordedFinding;
}

/** The findings that are new and that are fixed, and how many are left out: so many of each are kept. */
export function listChanges(
  { sinceLastRun }: AuditClosing,
  limit: number,
): { readonly changes: readonly Change[]; readonly leftOut: { readonly new: number; readonly fixed: number } } {
  const { opened = [], fixed = [] } = sinceLastRun?.previousRun ? sinceLastRun : {};
  const of = (what: Change["what"], findings: readonly RecordedFinding[]) =>
    findings.slice(0, limit).map((finding): Change => ({ what, finding }));
  return {
    changes: [...of("new", opened), ...of("fixed", fixed)],
    leftOut: { new: Math.max(0, opened.length - limit), fixed: Math.max(0, fixed.length - limit) },
  };
}

/** A changed finding's rule and message. */
export function describeChange(finding: RecordedFinding): string {
  return `${finding.rule}: ${nameMessage(finding)}${finding.isWaived ? " (waived)" : ""}`;
}

/** `and 3 more new, 2 more fixed`; `undefined` where nothing is left out. */
export function describeOtherChanges(leftOut: Readonly<Record<Change["what"], number>>): string | undefined {
  const parts = (["new", "fixed"] as const)
    .filter((what) => leftOut[what] > 0)
    .map((what) => `${leftOut[what]} more ${what}`);
  return parts.length === 0 ? undefined : `and ${parts.join(", ")}`;
}
