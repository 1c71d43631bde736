import type { Severity } from "../../../policies/rule";
import type { FindingData, PageData, RuleData } from "../model";

/** What becomes of a finding: `open` ones count. */
export type Status = "open" | "waived" | "known";

export function statusOf({ waiver, excused }: FindingData): Status {
  return waiver !== undefined ? "waived" : excused ? "known" : "open";
}

export function levelOf(rules: readonly RuleData[], finding: FindingData): "mandatory" | "advisory" {
  return finding.level ?? (rules[finding.rule]?.level === "mandatory" ? "mandatory" : "advisory");
}

export function severityOf(rules: readonly RuleData[], finding: FindingData): Severity {
  return finding.severity ?? rules[finding.rule]?.severity ?? "critical";
}

/** From the worst. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** How urgent a finding is: less is more so. Mandatory before advisory, then by severity; waived and known ones last. */
export function urgency(rules: readonly RuleData[], finding: FindingData): number {
  const rank = SEVERITIES.indexOf(severityOf(rules, finding));
  if (statusOf(finding) !== "open") return 20 + rank;
  return (levelOf(rules, finding) === "mandatory" ? 0 : 10) + rank;
}

/** How findings look: what fails is red, what warns amber, what does not count grey. */
export type Tone = "fail" | "warn" | "calm";

export function toneOf(rules: readonly RuleData[], finding: FindingData): Tone {
  if (statusOf(finding) !== "open") return "calm";
  return levelOf(rules, finding) === "mandatory" ? "fail" : "warn";
}

/** Findings of each user, in their order. */
export function findingsByUser({ users, findings }: PageData): readonly (readonly FindingData[])[] {
  const lists: FindingData[][] = users.map(() => []);
  for (const finding of findings) if (finding.user !== undefined) lists[finding.user]?.push(finding);
  return lists;
}
