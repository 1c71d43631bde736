import { failuresOf, THE_AUDIT } from "../audit/failure";
import type { AuditClosing, AuditHeader, Failure, Finding, JudgedUser } from "../audit/result";
import { standingOf } from "../audit/standing";
import { COULD_NOT_JUDGE } from "./code-host";
import type { ReportFormat } from "./report";
import { describeFinding, nameFindingToken } from "./vocabulary/finding";
import { describeSource, nameShownToken, nameWithOrganization } from "./vocabulary/names";
import { describeOutcome, describeScope } from "./vocabulary/outcome";
import { describeChanges, titleChanges } from "./vocabulary/since-last-run";
import { toXml, toXmlText, type XmlElement } from "./xml";

interface Suite {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
  readonly errorOutput?: string;
}

interface Case {
  readonly name: string;
  readonly outcome: "passed" | "skipped" | "failure" | "error";
  /** What a test runner's class is: what it is about. */
  readonly classname: string;
  readonly type?: string;
  readonly message?: string;
}

/**
 * JUnit's XML, valid against both Jenkins' schema and Windy Road's. One suite per user, written as the user is judged: a case
 * per finding, and one for each token, or user without tokens, that has none.
 */
export const junitReport: ReportFormat = (header) => {
  let id = 0;
  const nameSuite = uniqueNames();
  const auditName = nameSuite(THE_AUDIT);
  let head = `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n`;
  const write = (suite: Suite) => {
    const text = head + toXml({ testsuite: toSuite(suite, id++, header) });
    head = "";
    return text;
  };
  return {
    user: (user) =>
      write(toUserSuite(nameSuite(nameWithOrganization(user.username, user.origin), user.urn), user, header)),
    end: (closing) => `${write(toAuditSuite(auditName, closing, header))}</testsuites>\n`,
  };
};

/**
 * Makes names unique: consumers know a case by its class and name, and keep only the first of two. A suite's name is the
 * class of its cases, so that names need to be unique within a suite.
 *
 * @returns a function that gives the name, with what else is known about the thing, or a number, where it was given before.
 */
function uniqueNames(): (name: string, detail?: string) => string {
  const used = new Set<string>();
  return (name, detail) => {
    const first = toXmlText(name);
    const detailed = detail === undefined ? first : toXmlText(`${name} (${detail})`);
    let unique = used.has(first) ? detailed : first;
    for (let n = 2; used.has(unique); n++) unique = `${detailed} #${n}`;
    used.add(unique);
    return unique;
  };
}

function toUserSuite(name: string, user: JudgedUser, header: AuditHeader): Suite {
  const found = new Set(user.findings.map(({ tokenId }) => tokenId));
  const clean = user.tokens.filter(({ id }) => !found.has(id));
  const names = clean.map(nameShownToken);
  if (user.tokens.length === 0 && user.findings.length === 0) names.push("no tokens");
  return {
    name,
    properties: {
      tokens: String(user.tokens.length),
      ...(user.isServiceAccount !== undefined && { serviceAccount: String(user.isServiceAccount) }),
      ...(user.isDeprovisioned !== undefined && { deprovisioned: String(user.isDeprovisioned) }),
      ...(user.roles && { roles: user.roles.join(", ") }),
      ...(user.owner && { owner: user.owner.name, ownerFoundBy: user.owner.foundBy }),
      ...(user.fetchedAt !== undefined && { fetchedAt: user.fetchedAt }),
      ...(user.origin?.organization !== undefined && { organization: user.origin.organization }),
      ...(user.origin && { apiUrl: user.origin.apiUrl }),
      ...(user.urn !== undefined && { urn: user.urn }),
    },
    cases: [
      ...user.findings.map((finding) => toCase(finding, name, header)),
      ...names.map((token): Case => ({ name: `all rules: ${token}`, classname: name, outcome: "passed" })),
    ],
  };
}

/** The last suite: findings that are not about a user, what could not be judged, and how the audit ended. */
function toAuditSuite(name: string, closing: AuditClosing, header: AuditHeader): Suite {
  const failures = failuresOf(closing);
  const changes = describeChanges(closing);
  const cases = [
    ...failures.map((failure) => toErrorCase(failure, name)),
    ...closing.findings.map((finding) => toCase(finding, name, header)),
  ];
  return {
    name,
    properties: {
      version: header.version,
      source: describeSource(header.source),
      now: header.now,
      failOn: header.failOn,
      exitCode: String(closing.summary.exitCode),
      outcome: `${describeOutcome(closing)} ${describeScope(header, closing)}`,
      ...(changes !== undefined && { sinceLastRun: `${titleChanges(closing)}: ${changes}` }),
    },
    cases: cases.length > 0 ? cases : [{ name: "everything was judged", classname: name, outcome: "passed" }],
    errorOutput: failures.map(({ subject, message }) => `${subject}: ${message}`).join("\n"),
  };
}

function toCase(finding: Finding, classname: string, header: AuditHeader): Case {
  const { rule, subject, severity, enforcementLevel } = finding;
  const standing = standingOf(finding, header);
  const about = nameFindingToken(finding) ?? subject;
  // JUnit has no warnings: what does not fail the audit is skipped, and its text is in the output.
  const fails = standing === "mandatory" || (standing === "advisory" && header.failOn === "advisory");
  return {
    name: about === undefined ? rule : `${rule}: ${about}`,
    classname,
    outcome: fails ? "failure" : "skipped",
    type: `${enforcementLevel}, ${severity}`,
    message: describeFinding(finding),
  };
}

function toErrorCase({ subject, message }: Failure, classname: string): Case {
  return { name: `not judged: ${subject}`, classname, outcome: "error", type: COULD_NOT_JUDGE, message };
}

function toSuite(suite: Suite, id: number, header: AuditHeader): XmlElement {
  const { name, properties, errorOutput = "" } = suite;
  const toUnique = uniqueNames();
  const cases = suite.cases.map((one) => ({ ...one, name: toUnique(one.name) }));
  const number = (outcome: Case["outcome"]) => String(cases.filter((one) => one.outcome === outcome).length);
  const skipped = cases.filter(({ outcome }) => outcome === "skipped");
  return {
    "@name": name,
    "@package": "motherduck-tokens",
    "@id": String(id),
    "@tests": String(cases.length),
    "@failures": number("failure"),
    "@errors": number("error"),
    "@skipped": number("skipped"),
    "@time": "0",
    // Windy Road's schema admits no fractions and no offset.
    "@timestamp": new Date(header.now).toISOString().slice(0, 19),
    "@hostname": hostOf(header),
    properties: { property: Object.entries(properties).map(([key, value]) => ({ "@name": key, "@value": value })) },
    testcase: cases.map(toTestcase),
    // Windy Road's schema has no output in a case, and Jenkins' no message in `skipped`.
    "system-out": skipped.map((one) => `skipped ${one.name} [${one.type}] ${one.message}`).join("\n"),
    "system-err": errorOutput,
  };
}

function toTestcase({ name, classname, outcome, type = "", message = "" }: Case): XmlElement {
  const reason = { "@type": type, "@message": message, "#text": message };
  return {
    "@name": name,
    "@classname": classname,
    "@time": "0",
    ...(outcome === "skipped" && { skipped: "" }),
    ...(outcome === "error" && { error: reason }),
    ...(outcome === "failure" && { failure: reason }),
  };
}

function hostOf({ source }: AuditHeader): string {
  return source.kind === "api" && URL.canParse(source.name) ? new URL(source.name).hostname : "localhost";
}
