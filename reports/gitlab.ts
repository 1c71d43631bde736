import { createHash } from "node:crypto";
import type { AuditHeader, Failure, Finding } from "../audit/result";
import type { Severity } from "../policies/rule";
import type { ReportFormat } from "./report";
import { COULD_NOT_JUDGE, failureFingerprint, failuresOf, locationOf, standingOf } from "./standing";
import { describeFinding } from "./wording";

/** GitLab's Code Quality: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
interface Issue {
  readonly description: string;
  readonly check_name: string;
  /** Unique in the report: GitLab shows one issue a fingerprint. */
  readonly fingerprint: string;
  readonly severity: "info" | "minor" | "major" | "critical" | "blocker";
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

// The worst word is kept for what could not be judged.
const SEVERITIES = { critical: "critical", high: "critical", medium: "major", low: "minor" } satisfies Record<
  Severity,
  Issue["severity"]
>;

/** GitLab's Code Quality report: an issue a finding, and a blocker for each thing that could not be judged. */
export const gitlabReport: ReportFormat = (header) => {
  const toUnique = uniqueFingerprints();
  const location = { path: locationOf(header), lines: { begin: 1 } };
  const issues: Issue[] = [];
  const add = (finding: Finding) =>
    issues.push({ ...describe(finding, header), fingerprint: toUnique(finding.fingerprint, finding.urn), location });
  return {
    user: ({ findings }) => {
      findings.forEach(add);
      return "";
    },
    end: (closing) => {
      closing.findings.forEach(add);
      const blockers = failuresOf(closing).map((failure): Issue => ({
        ...describeFailure(failure),
        fingerprint: toUnique(failureFingerprint(failure)),
        location,
      }));
      return `${JSON.stringify([...blockers, ...issues], null, 2)}\n`;
    },
  };
};

function describe(finding: Finding, header: AuditHeader): Pick<Issue, "description" | "check_name" | "severity"> {
  const standing = standingOf(finding, header);
  return {
    description: describeFinding(finding),
    check_name: finding.rule,
    severity: standing === "waived" || standing === "known" ? "info" : SEVERITIES[finding.severity],
  };
}

function describeFailure({ subject, message }: Failure): Pick<Issue, "description" | "check_name" | "severity"> {
  return { description: `Not judged: ${subject}: ${message}`, check_name: COULD_NOT_JUDGE, severity: "blocker" };
}

/** Two resources with one user's evidence have the same findings: the URN tells them apart, then their order does. */
function uniqueFingerprints(): (fingerprint: string, urn?: string) => string {
  const used = new Set<string>();
  return (fingerprint, urn = "") => {
    let unique = fingerprint;
    for (let n = 1; used.has(unique); n++) unique = sha256(fingerprint, urn, String(n));
    used.add(unique);
    return unique;
  };
}

function sha256(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
