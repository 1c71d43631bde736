import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader, Failure, Finding } from "../audit/result";
import { isCounted, standingOf } from "../audit/standing";
import { count } from "../core/count";
import type { Severity } from "../policies/rule";
import { COULD_NOT_JUDGE, failureFingerprint, LEFT_OUT, locationOf, sha256 } from "./code-host";
import { findingsReport } from "./findings-report";
import { describeFinding } from "./vocabulary/finding";
import { describeMissing } from "./vocabulary/outcome";
import { mostUrgentFirst } from "./vocabulary/urgency";

/** GitLab's Code Quality: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
interface Issue {
  readonly description: string;
  readonly check_name: string;
  /** Unique in the report: GitLab shows one issue per fingerprint. */
  readonly fingerprint: string;
  readonly severity: "info" | "minor" | "major" | "critical" | "blocker";
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

// `blocker` is reserved for what could not be judged.
const GITLAB_SEVERITIES = { critical: "critical", high: "critical", medium: "major", low: "minor" } satisfies Record<
  Severity,
  Issue["severity"]
>;

/**
 * Bytes of the file, at most: what GitLab accepts of an artefact by default.
 * https://docs.gitlab.com/administration/settings/continuous_integration/#set-maximum-artifacts-size
 */
export const GITLAB_LIMIT = 100_000_000;
/** What rules could not judge because the evidence never tells, or nobody asked for: not a failure, but not clean either. */
const NOT_JUDGED = "not-judged";
/** Bytes reserved for the issue that says what was left out. */
const RESERVE = 2000;

/** GitLab's Code Quality report: one issue per finding, and a blocker for each thing that could not be judged. */
export const gitlabReport = findingsReport(fitArtifact);

/** As much as GitLab accepts: what could not be judged, then the most urgent findings. */
function fitArtifact(findings: readonly Finding[], closing: AuditClosing, header: AuditHeader): string {
  const location = { path: locationOf(header).replaceAll("\\", "/"), lines: { begin: 1 } };
  const toUnique = uniqueFingerprints();
  const write = (issue: Issue) => JSON.stringify(issue, null, 2).replaceAll("\n", "\n  ");
  const missing = describeMissing(header, closing);
  const blockers = [
    ...failuresOf(closing).map((failure) =>
      write({ ...failureIssue(failure), fingerprint: toUnique(failureFingerprint(failure)), location }),
    ),
    ...(missing === undefined
      ? []
      : [
          write({
            description: missing,
            check_name: NOT_JUDGED,
            severity: "info",
            fingerprint: sha256(NOT_JUDGED),
            location,
          }),
        ]),
  ];
  const issues = findings.map((finding) => ({
    finding,
    text: write({
      ...findingIssue(finding, header),
      fingerprint: toUnique(finding.fingerprint, finding.urn),
      location,
    }),
  }));
  const size = (texts: readonly string[]) => texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 4, 0);
  const all = [...blockers, ...issues.map(({ text }) => text)];
  if (size(all) <= GITLAB_LIMIT - RESERVE) return toList(all);

  const textOf = new Map(issues.map(({ finding, text }) => [finding, text]));
  const urgent = mostUrgentFirst(findings, header).flatMap((finding) => textOf.get(finding) ?? []);
  let room = GITLAB_LIMIT - RESERVE;
  const kept = [...blockers, ...urgent].filter((text) => (room -= size([text])) >= 0);
  const description =
    `Left out here: ${count(all.length - kept.length, "issue")}, because GitLab takes ${GITLAB_LIMIT / 1e6} MB. ` +
    `What could not be judged and the most severe are here; the other reports have all.`;
  const note = { description, check_name: LEFT_OUT, severity: "critical", fingerprint: sha256(LEFT_OUT), location };
  return toList([write(note as Issue), ...kept]);
}

function toList(texts: readonly string[]): string {
  return texts.length === 0 ? "[]\n" : `[\n  ${texts.join(",\n  ")}\n]\n`;
}

function findingIssue(finding: Finding, header: AuditHeader): Pick<Issue, "description" | "check_name" | "severity"> {
  const standing = standingOf(finding, header);
  return {
    description: describeFinding(finding),
    check_name: finding.rule,
    severity: isCounted(standing) ? GITLAB_SEVERITIES[finding.severity] : "info",
  };
}

function failureIssue({ subject, message }: Failure): Pick<Issue, "description" | "check_name" | "severity"> {
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
