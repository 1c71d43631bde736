import { createHash } from "node:crypto";
import type { AuditClosing, AuditHeader, Failure, Finding } from "../audit/result";
import type { Severity } from "../policies/rule";

/** What a finding counts as in the tally: its level, unless it is waived, or known where only new ones count. */
export type Standing = "mandatory" | "advisory" | "known" | "waived";

export function standingOf(finding: Finding, { failOnNew }: AuditHeader): Standing {
  if (finding.waiver !== undefined) return "waived";
  return failOnNew && finding.isKnown === true ? "known" : finding.enforcementLevel;
}

/** Whether a finding is one that nobody has waived or recorded in the baseline. */
export function isCounted(finding: Finding, header: AuditHeader): boolean {
  const standing = standingOf(finding, header);
  return standing === "mandatory" || standing === "advisory";
}

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];
const STANDINGS: readonly Standing[] = ["mandatory", "advisory", "known", "waived"];

/** The findings with what to look at first in front: those that count, then the mandatory, then the severe. */
export function mostUrgentFirst(findings: readonly Finding[], header: AuditHeader): Finding[] {
  const rank = (finding: Finding) =>
    STANDINGS.indexOf(standingOf(finding, header)) * SEVERITIES.length + SEVERITIES.indexOf(finding.severity);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

/** What could not be judged. An audit that says so by its exit code alone is not clean either. */
export function failuresOf({ failures, summary }: AuditClosing): readonly Failure[] {
  if (failures.length > 0 || (summary.exitCode !== 2 && summary.failures === 0)) return failures;
  return [{ subject: "the audit", message: "something could not be judged" }];
}

/** What a failure is called where findings have their rule. */
export const COULD_NOT_JUDGE = "could-not-judge";

/** The same for the same subject in every run, whatever the message. */
export function failureFingerprint({ subject }: Failure): string {
  return createHash("sha256")
    .update(JSON.stringify([COULD_NOT_JUDGE, subject]))
    .digest("hex");
}

/** Where code hosts shall show the findings. */
export function locationOf({ location = "Pulumi.yaml" }: AuditHeader): string {
  return location;
}
