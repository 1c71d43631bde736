import type { AuditClosing } from "../../audit/result";
import { countChanges, describeChange, describeChanges, titleChanges } from "../vocabulary/since-last-run";
import type { ChangeFacts } from "./model";

/** Findings of each kind that the page names; the others are counted. */
const NAMED = 50;

/** What changed, for the page; `undefined` without a ledger. */
export function collectChanges(closing: AuditClosing): ChangeFacts | undefined {
  const { sinceLastRun } = closing;
  const sentence = describeChanges(closing);
  if (!sinceLastRun || sentence === undefined) return undefined;
  const counts = countChanges(closing);
  const { opened, fixed } = sinceLastRun;
  return {
    ...{ title: titleChanges(closing), sentence },
    ...(counts && { counts: { new: opened.length, fixed: fixed.length } }),
    opened: counts ? opened.slice(0, NAMED).map((finding) => describeChange(finding)) : [],
    fixed: fixed.slice(0, NAMED).map((finding) => ({
      text: describeChange(finding),
      ...{ since: Date.parse(finding.openSince), after: Date.parse(finding.lastSeenAt) },
      by: Date.parse(finding.fixedBy),
    })),
  };
}
