import type { AuditHeader, Finding } from "../../audit/result";
import { type Standing, standingOf, STANDINGS } from "../../audit/standing";
import { SEVERITIES, type Severity } from "../../policies/rule";

/** How urgent a finding is: less is more urgent. Mandatory comes before advisory, then known, then waived; then the severe. */
export function urgencyOf(standing: Standing, severity: Severity): number {
  return STANDINGS.indexOf(standing) * SEVERITIES.length - SEVERITIES.indexOf(severity);
}

/** The findings with what to look at first in front. */
export function mostUrgentFirst(findings: readonly Finding[], header: AuditHeader): Finding[] {
  const urgency = (finding: Finding) => urgencyOf(standingOf(finding, header), finding.severity);
  return [...findings].sort((a, b) => urgency(a) - urgency(b));
}

/** Findings of one rule. */
interface RuleFindings {
  /** That of the most urgent one. */
  readonly urgency: number;
  /** How many of them count. */
  readonly counted: number;
}

/** Sorts rules with findings: what to deal with first is in front. */
export function compareRules(a: RuleFindings, b: RuleFindings): number {
  return a.urgency - b.urgency || b.counted - a.counted;
}
