import { posix, win32 } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Invocation, Location, Log, Notification, ReportingDescriptor, Result, Suppression } from "sarif";
import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader, AuditRule, AuditSource, Failure, Finding, FindingAge } from "../audit/result";
import { count, thousands } from "../core/count";
import { STANDARD_STREAM } from "../core/standard-stream";
import { TOKENS_PAGE } from "../core/vendor";
import type { Severity } from "../policies/rule";
import { pageOf } from "../policies/rules";
import { describeWaiver, type Waiver } from "../policies/waivers";
import { COULD_NOT_JUDGE, failureFingerprint, LEFT_OUT, locationOf, sha256 } from "./code-host";
import { findingsReport } from "./findings-report";
import { nameMessage, withOwner } from "./vocabulary/finding";
import { describeSource, nameWithOrganization } from "./vocabulary/names";
import { describeOutcome, describeScope } from "./vocabulary/outcome";
import { mostUrgentFirst } from "./vocabulary/urgency";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
// The scale of CVSS, by which GitHub sorts: critical above 9.0, high from 7.0, medium from 4.0.
const SECURITY_SEVERITY: Record<Severity, string> = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" };

// GitHub refuses a file with more, as a whole:
// https://docs.github.com/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
/** Results of one run, at most. */
export const MAX_RESULTS = 25_000;
/** Bytes of the file, compressed with gzip. */
const MAX_COMPRESSED_BYTES = 10_000_000;

/** SARIF 2.1.0. */
export const sarifReport = findingsReport(fitUpload);

/** What a report holds, and how much there was no room for. */
interface Content {
  readonly failures: readonly Failure[];
  readonly findings: readonly Finding[];
  readonly leftOut: { readonly failures: number; readonly findings: number };
}

/** As much as GitHub takes: what could not be judged, then the most severe. */
function choose(header: AuditHeader, all: readonly Finding[], closing: AuditClosing, limit: number): Content {
  const failures = failuresOf(closing);
  if (failures.length + all.length <= limit) {
    return { failures, findings: all, leftOut: { failures: 0, findings: 0 } };
  }
  // One place is for the result that says what was left out.
  const room = limit - 1;
  const kept = failures.slice(0, room);
  const findings = mostUrgentFirst(all, header).slice(0, room - kept.length);
  const leftOut = { failures: failures.length - kept.length, findings: all.length - findings.length };
  return { failures: kept, findings, leftOut };
}

/** The report; made smaller where GitHub would refuse it for its size. */
function fitUpload(findings: readonly Finding[], closing: AuditClosing, header: AuditHeader): string {
  for (let limit = MAX_RESULTS; ; limit = Math.floor(limit / 2)) {
    const text = `${JSON.stringify(toLog(header, choose(header, findings, closing, limit), closing), null, 2)}\n`;
    // Short text is below the limit in any case; compressing it takes time.
    if (limit <= 1 || text.length * 3 <= MAX_COMPRESSED_BYTES) return text;
    if (gzipSync(text).length <= MAX_COMPRESSED_BYTES) return text;
  }
}

function toLog(header: AuditHeader, { failures, findings, leftOut }: Content, closing: AuditClosing): Log {
  const ruleIndex = new Map(header.rules.map(({ name }, index) => [name, index]));
  const missing = describeLeftOut(leftOut);
  const own = [
    ...(failures.length > 0 ? [FAILURE_DESCRIPTOR] : []),
    ...(missing === undefined ? [] : [LEFT_OUT_DESCRIPTOR]),
  ];
  const occurrences = new Map<string, number>();
  const next = (fingerprint: string) => {
    const occurrence = (occurrences.get(fingerprint) ?? 0) + 1;
    occurrences.set(fingerprint, occurrence);
    return occurrence;
  };
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "motherduck-tokens",
            semanticVersion: header.version,
            informationUri: TOKENS_PAGE,
            rules: [...header.rules.map(toDescriptor), ...own],
          },
        },
        automationDetails: {
          id: toAutomationId(header.source),
          description: { text: escapeLinks(`MotherDuck API tokens: ${describeSource(header.source)}`) },
        },
        columnKind: "utf16CodeUnits",
        invocations: [toInvocation(header, closing, failures, missing)],
        results: [
          ...(missing === undefined ? [] : [toLeftOutResult(missing, header.rules.length + own.length - 1, header)]),
          ...failures.map((failure) => {
            const print = failureFingerprint(failure);
            return toFailureResult(
              failure,
              header.rules.length,
              toFingerprints(print, next(print)),
              locationOf(header),
            );
          }),
          ...findings.map((finding) => {
            const fingerprints = toFingerprints(finding.fingerprint, next(finding.fingerprint));
            const age = closing.sinceLastRun?.findings[finding.fingerprint];
            return toResult(finding, ruleIndex.get(finding.rule), fingerprints, locationOf(header), age);
          }),
        ],
        properties: { now: header.now, summary: closing.summary, ...toChanges(closing) },
      },
    ],
  };
}

/** Code hosts keep the results of one id apart from those of others: one for each file of evidence. */
function toAutomationId({ kind, name }: AuditSource): string {
  const file = kind === "api" || name === STANDARD_STREAM ? "" : `${posix.basename(name.replaceAll("\\", "/"))}/`;
  return `motherduck-tokens/${kind}/${file}`;
}

function toDescriptor(rule: AuditRule): ReportingDescriptor {
  const controls = rule.controls.map((control) => `- ${control}`).join("\n");
  const page = pageOf(rule.name);
  return {
    id: rule.name,
    name: rule.name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: rule.displayName },
    fullDescription: { text: `${rule.description} ${rule.rationale}` },
    help: {
      text: `${rule.description} ${rule.rationale} ${rule.remediation}`,
      markdown: [
        rule.description,
        `**Why**: ${rule.rationale}`,
        `**How to fix**: ${rule.remediation}`,
        ...(controls === "" ? [] : [`**Controls**:\n\n${controls}`]),
        ...(page === undefined ? [] : [`More in \`${page}\` of the package \`pulumi-motherduck-tokens\`.`]),
      ].join("\n\n"),
    },
    helpUri: TOKENS_PAGE,
    defaultConfiguration:
      rule.enforcementLevel === "disabled"
        ? { enabled: false }
        : { enabled: true, level: SARIF_LEVELS[rule.enforcementLevel] },
    properties: {
      tags: ["security", "tokens", ...rule.controls],
      precision: "very-high",
      "security-severity": SECURITY_SEVERITY[rule.severity],
      settings: rule.settings,
    },
  };
}

const SARIF_LEVELS = { mandatory: "error", advisory: "warning" } as const;

function toInvocation(
  header: AuditHeader,
  closing: AuditClosing,
  shown: readonly Failure[],
  missing: string | undefined,
): Invocation {
  const failures = shown.map(({ subject, message }): Notification => ({
    descriptor: { id: COULD_NOT_JUDGE },
    level: "error",
    message: { text: escapeLinks(`${subject}: ${message}`) },
  }));
  const outcome: Notification = {
    descriptor: { id: "summary" },
    level: failures.length === 0 ? "note" : "error",
    message: { text: escapeLinks(`${describeOutcome(closing)} ${describeScope(header, closing)}`) },
  };
  return {
    executionSuccessful: failures.length === 0,
    exitCode: closing.summary.exitCode,
    toolExecutionNotifications: [
      outcome,
      ...(missing === undefined
        ? []
        : [{ descriptor: { id: LEFT_OUT }, level: "error", message: { text: missing } } satisfies Notification]),
      ...failures,
    ],
  };
}

/** Shared by the two rules of the report itself, whose results tell that something is missing. */
const INCOMPLETE = {
  helpUri: TOKENS_PAGE,
  defaultConfiguration: { enabled: true, level: "error" },
  properties: { tags: ["security", "tokens"], precision: "very-high", "security-severity": SECURITY_SEVERITY.critical },
} satisfies Partial<ReportingDescriptor>;

const FAILURE_DESCRIPTOR: ReportingDescriptor = {
  id: COULD_NOT_JUDGE,
  name: "CouldNotJudge",
  shortDescription: { text: "Could not be judged" },
  fullDescription: { text: "Something could not be read or judged, so nobody knows whether it breaks rules." },
  help: { text: "Do what the message says, and audit again. What could not be judged is not clean." },
  ...INCOMPLETE,
};

const LEFT_OUT_DESCRIPTOR: ReportingDescriptor = {
  id: LEFT_OUT,
  name: "LeftOut",
  shortDescription: { text: "Not all findings are shown here" },
  fullDescription: { text: "There are more findings than GitHub takes from one file. The most severe ones are here." },
  help: { text: "Fix what is here, or look at another report of the same audit, which has them all." },
  ...INCOMPLETE,
};

function describeLeftOut({ failures, findings }: Content["leftOut"]): string | undefined {
  const parts = [
    ...(failures > 0 ? [`${count(failures, "thing")} that could not be judged`] : []),
    ...(findings > 0 ? [count(findings, "finding")] : []),
  ];
  if (parts.length === 0) return undefined;
  return `Left out here: ${parts.join(" and ")}. GitHub takes ${thousands(MAX_RESULTS)} results and 10 MB; the most severe are here, the other reports have them all.`;
}

function toLeftOutResult(text: string, ruleIndex: number, header: AuditHeader): Result {
  const print = sha256(LEFT_OUT);
  return {
    ruleId: LEFT_OUT,
    ruleIndex,
    level: "error",
    message: { text },
    locations: [toLocation({}, locationOf(header))],
    partialFingerprints: toFingerprints(print, 1),
    suppressions: [],
  };
}

/** SARIF viewers do not show notifications: without a result, what could not be judged would look clean. */
function toFailureResult(
  { subject, message }: Failure,
  ruleIndex: number,
  partialFingerprints: Record<string, string>,
  uri: string,
): Result {
  return {
    ruleId: COULD_NOT_JUDGE,
    ruleIndex,
    level: "error",
    message: { text: escapeLinks(`Not judged: ${subject}: ${message}`) },
    locations: [toLocation({}, uri)],
    partialFingerprints,
    suppressions: [],
  };
}

function toFingerprints(fingerprint: string, occurrence: number): Record<string, string> {
  return {
    "motherduckTokens/v2": fingerprint,
    // The one that GitHub tells alerts apart by. It would make one of the line, which is the same for all.
    primaryLocationLineHash: `${fingerprint}:${occurrence}`,
  };
}

function toResult(
  finding: Finding,
  ruleIndex: number | undefined,
  partialFingerprints: Record<string, string>,
  uri: string,
  age: FindingAge | undefined,
): Result {
  const { waiver, owner } = finding;
  const baselineState = toBaselineState(finding, age);
  return {
    ruleId: finding.rule,
    ...(ruleIndex !== undefined && { ruleIndex }),
    level: SARIF_LEVELS[finding.enforcementLevel],
    message: { text: escapeLinks(withOwner(nameMessage(finding), finding)) },
    locations: [toLocation(finding, uri)],
    partialFingerprints,
    // An empty list says that nothing is suppressed; none at all would say that nobody knows.
    suppressions: waiver ? [toSuppression(waiver)] : [],
    ...(baselineState && { baselineState }),
    properties: {
      severity: finding.severity,
      enforcementLevel: finding.enforcementLevel,
      ...(finding.username !== undefined && { username: finding.username }),
      ...(finding.origin && { origin: finding.origin }),
      ...(finding.tokenId !== undefined && { tokenId: finding.tokenId }),
      ...(finding.tokenName !== undefined && { tokenName: finding.tokenName }),
      ...(owner && { owner }),
      ...(waiver && { waiver }),
      ...(age && { age }),
    },
  };
}

/** Compared with the baseline where there is one, or else with the last run in the ledger; absent if neither tells. */
function toBaselineState({ isKnown }: Finding, age: FindingAge | undefined): Result["baselineState"] {
  if (isKnown !== undefined) return isKnown ? "unchanged" : "new";
  return { new: "new" as const, open: "unchanged" as const, unknown: undefined }[age?.standing ?? "unknown"];
}

/**
 * What was fixed is a property of the run, not a result of the state `absent`: GitHub ignores the
 * state, so the alert would stay open.
 */
function toChanges({ sinceLastRun }: AuditClosing): object {
  if (!sinceLastRun) return {};
  const { previousRun, fixed } = sinceLastRun;
  return {
    sinceLastRun: { ...(previousRun && { previousRun }), fixed: fixed.slice(0, MAX_FIXED), ...leftOutOf(fixed) },
  };
}

/** Fixed findings that a report names, at most. */
const MAX_FIXED = 1000;

function leftOutOf({ length }: readonly unknown[]): object {
  return length > MAX_FIXED ? { fixedLeftOut: length - MAX_FIXED } : {};
}

function toLocation({ urn, username, origin }: Pick<Finding, "urn" | "username" | "origin">, uri: string): Location {
  const subject = urn ?? (username === undefined ? undefined : nameWithOrganization(username, origin));
  return {
    physicalLocation: {
      artifactLocation: {
        uri: toUri(uri),
      },
      region: { startLine: 1 },
    },
    ...(subject !== undefined && {
      logicalLocations: [
        {
          fullyQualifiedName: subject,
          ...(username !== undefined && { name: username }),
          kind: urn === undefined ? "user" : "resource",
        },
      ],
    }),
  };
}

/**
 * A file as a URI: relative to the repository, or `file:` where the path is absolute, whichever system's it is. A drive
 * letter is not a scheme.
 */
function toUri(file: string): string {
  const text = file.toWellFormed();
  if (win32.isAbsolute(text) && /^(?:[a-z]:|[\\/]{2})/i.test(text)) return pathToFileURL(text, { windows: true }).href;
  if (posix.isAbsolute(text)) return pathToFileURL(text, { windows: false }).href;
  const relative = encodeURI(text.replaceAll("\\", "/")).replace(/[#?]/g, encodeURIComponent);
  // A colon before the first slash would end a scheme: https://www.rfc-editor.org/rfc/rfc3986#section-4.2
  return /^[^/]*:/.test(relative) ? `./${relative}` : relative;
}

/** The schema has no place for an owner or an end here; they are among the result's properties. */
function toSuppression(waiver: Waiver): Suppression {
  return { kind: "external", status: "accepted", justification: describeWaiver(waiver) };
}

/** SARIF takes `[text](target)` in a message for a link, and a token's name must not make one. */
function escapeLinks(text: string): string {
  return text.includes("](") ? text.replace(/[[\]\\]/g, "\\$&") : text;
}
