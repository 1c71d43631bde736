import { posix } from "node:path";
import type { Invocation, Location, Log, Notification, ReportingDescriptor, Result, Suppression } from "sarif";
import type { AuditClosing, AuditHeader, AuditRule, AuditSource, Failure, Finding } from "../audit/result";
import type { Severity } from "../policies/rule";
import { describeWaiver, type Waiver } from "../policies/waivers";
import type { ReportFormat } from "./report";
import { COULD_NOT_JUDGE, failureFingerprint, failuresOf, locationOf } from "./standing";
import { describeOutcome, describeScope, describeSource } from "./wording";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const VENDOR_PAGE = "https://motherduck.com/docs/key-tasks/service-accounts-guide/manage-service-accounts-and-tokens/";

// The scale of CVSS, by which GitHub sorts: critical above 9.0, high from 7.0, medium from 4.0.
const SECURITY_SEVERITY: Record<Severity, string> = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" };

/** SARIF 2.1.0. */
export const sarifReport: ReportFormat = (header) => {
  const found: Finding[] = [];
  return {
    user: ({ findings }) => {
      for (const finding of findings) found.push(finding);
      return "";
    },
    end: (closing) => `${JSON.stringify(toLog(header, [...found, ...closing.findings], closing), null, 2)}\n`,
  };
};

function toLog(header: AuditHeader, findings: readonly Finding[], closing: AuditClosing): Log {
  const ruleIndex = new Map(header.rules.map(({ name }, index) => [name, index]));
  const failures = failuresOf(closing);
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
            informationUri: VENDOR_PAGE,
            rules: [...header.rules.map(toDescriptor), ...(failures.length > 0 ? [FAILURE_DESCRIPTOR] : [])],
          },
        },
        automationDetails: {
          id: toAutomationId(header.source),
          description: { text: toText(`MotherDuck API tokens: ${describeSource(header.source)}`) },
        },
        columnKind: "utf16CodeUnits",
        invocations: [toInvocation(header, closing)],
        results: [
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
            return toResult(finding, ruleIndex.get(finding.rule), fingerprints, locationOf(header));
          }),
        ],
        properties: { now: header.now, summary: closing.summary },
      },
    ],
  };
}

/** Code hosts keep the results of one id apart from those of others: one for each file of evidence. */
function toAutomationId({ kind, name }: AuditSource): string {
  const file = kind === "api" || name === "-" ? "" : `${posix.basename(name.replaceAll("\\", "/"))}/`;
  return `motherduck-tokens/${kind}/${file}`;
}

function toDescriptor(rule: AuditRule): ReportingDescriptor {
  const controls = rule.controls.map((control) => `- ${control}`).join("\n");
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
        `More in \`docs/rules/${rule.name}.md\` of the package \`pulumi-motherduck-tokens\`.`,
      ].join("\n\n"),
    },
    helpUri: VENDOR_PAGE,
    defaultConfiguration:
      rule.enforcementLevel === "disabled"
        ? { enabled: false }
        : { enabled: true, level: LEVELS[rule.enforcementLevel] },
    properties: {
      tags: ["security", "tokens", ...rule.controls],
      precision: "very-high",
      "security-severity": SECURITY_SEVERITY[rule.severity],
      settings: rule.settings,
    },
  };
}

const LEVELS = { mandatory: "error", advisory: "warning" } as const;

function toInvocation(header: AuditHeader, closing: AuditClosing): Invocation {
  const failures = failuresOf(closing).map(({ subject, message }): Notification => ({
    descriptor: { id: COULD_NOT_JUDGE },
    level: "error",
    message: { text: toText(`${subject}: ${message}`) },
  }));
  const outcome: Notification = {
    descriptor: { id: "summary" },
    level: failures.length === 0 ? "note" : "error",
    message: { text: toText(`${describeOutcome(closing)} ${describeScope(header, closing)}`) },
  };
  return {
    executionSuccessful: failures.length === 0,
    exitCode: closing.summary.exitCode,
    toolExecutionNotifications: [...failures, outcome],
  };
}

const FAILURE_DESCRIPTOR: ReportingDescriptor = {
  id: COULD_NOT_JUDGE,
  name: "CouldNotJudge",
  shortDescription: { text: "Could not be judged" },
  fullDescription: { text: "Something could not be read or judged, so nobody knows whether it breaks rules." },
  help: { text: "Do what the message says, and audit again. What could not be judged is not clean." },
  helpUri: VENDOR_PAGE,
  defaultConfiguration: { enabled: true, level: "error" },
  properties: { tags: ["security", "tokens"], precision: "very-high", "security-severity": SECURITY_SEVERITY.critical },
};

/** Viewers of results do not show notifications: without a result, what could not be judged would look clean to them. */
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
    message: { text: toText(`Not judged: ${subject}: ${message}`) },
    locations: [toLocation({}, uri)],
    partialFingerprints,
    suppressions: [],
  };
}

function toFingerprints(fingerprint: string, occurrence: number): Record<string, string> {
  return {
    "motherduckTokens/v1": fingerprint,
    // The one that GitHub tells alerts apart by. It would make one of the line, which is the same for all.
    primaryLocationLineHash: `${fingerprint}:${occurrence}`,
  };
}

function toResult(
  finding: Finding,
  ruleIndex: number | undefined,
  partialFingerprints: Record<string, string>,
  uri: string,
): Result {
  const { waiver } = finding;
  return {
    ruleId: finding.rule,
    ...(ruleIndex !== undefined && { ruleIndex }),
    level: LEVELS[finding.enforcementLevel],
    message: { text: toText(finding.message) },
    locations: [toLocation(finding, uri)],
    partialFingerprints,
    // An empty list says that nothing is suppressed; none at all would say that nobody knows.
    suppressions: waiver ? [toSuppression(waiver)] : [],
    ...(finding.isKnown !== undefined && { baselineState: finding.isKnown ? "unchanged" : "new" }),
    properties: {
      severity: finding.severity,
      enforcementLevel: finding.enforcementLevel,
      ...(finding.username !== undefined && { username: finding.username }),
      ...(finding.tokenId !== undefined && { tokenId: finding.tokenId }),
      ...(finding.tokenName !== undefined && { tokenName: finding.tokenName }),
      ...(waiver && { waiver }),
    },
  };
}

function toLocation({ urn, username }: Pick<Finding, "urn" | "username">, uri: string): Location {
  const subject = urn ?? username;
  return {
    physicalLocation: {
      artifactLocation: {
        uri: encodeURI(uri.toWellFormed().replaceAll("\\", "/")).replace(/[#?]/g, encodeURIComponent),
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

/** The schema has no place for an owner or an end here; they are among the result's properties. */
function toSuppression(waiver: Waiver): Suppression {
  return { kind: "external", status: "accepted", justification: describeWaiver(waiver) };
}

/** SARIF takes `[text](target)` in a message for a link, and a token's name must not make one. */
function toText(text: string): string {
  return text.includes("](") ? text.replace(/[[\]\\]/g, "\\$&") : text;
}
