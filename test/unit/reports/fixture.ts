import { createHash } from "node:crypto";
import type {
  AuditClosing,
  AuditHeader,
  Failure,
  Finding,
  JudgedUser,
  SinceLastRun,
  TrendPoint,
} from "../../../audit/result";
import type { Owner } from "../../../core/owner";
import { encodeText } from "../../../core/printable";
import { encodeToken, type UserToken } from "../../../core/user-token";
import { maxTokenLifetime, rules, tokenExpiringSoon, tokensMustExpire } from "../../../policies/rules";
import { judgeUser } from "../../../policies/judge-user";
import { formatViolation, type UserRule } from "../../../policies/rule";
import { resolveRuleSettings } from "../../../policies/configuration/settings";
import type { ReportFormat, ReportTarget } from "../../../reports/report";
import { standingOf } from "../../../audit/standing";
import { at, endlessToken, LIMITS, NOW, userToken, waiver } from "../support";

/** What could be in a name: formulas, commands of pipelines, markup, a line break, an escape, and wide characters. */
export const HOSTILE_NAMES = [
  `=HYPERLINK("http://evil.example","ok")`,
  "::error::x,y:z%0A",
  "##vso[task.setvariable variable=a]b",
  "<script>alert(1)</script></details>",
  "a|b`c`` *d* _e_ [f](http://evil.example) @octocat #1 www.evil.example $x$ \\",
  "line\nbreak\u001b[2J\u202e",
  "日本語 🦆",
  " ",
] as const;

/** The rules that reports are tested with. A list of its own, so that a new rule does not change what reports are compared with. */
const REPORTED: readonly string[] = [
  "evidence-fresh",
  "tokens-must-expire",
  "max-read-write-tokens",
  "max-token-lifetime",
  "max-token-age",
  "token-expiring-soon",
  "no-expired-tokens",
  "max-tokens-per-user",
  "token-name-required",
  "unique-token-names",
  "read-scaling-only",
  "token-fields-consistent",
  "deprovisioned-user-has-tokens",
  "inventory-covered",
  "waiver-hygiene",
];

/** Those rules. */
export const reportedRules = rules.filter(({ name }) => REPORTED.includes(name));

/** An audit's header; one of its rules is disabled. */
export function auditHeader(fields: Partial<AuditHeader> = {}): AuditHeader {
  return {
    version: "1.2.3",
    now: at(0),
    source: { kind: "api", name: "https://api.motherduck.com" },
    rules: reportedRules.map((rule) => ({
      name: rule.name,
      displayName: rule.displayName,
      description: rule.description,
      rationale: rule.rationale,
      remediation: rule.remediation,
      severity: rule.severity,
      enforcementLevel: rule.name === "max-token-age" ? "disabled" : rule.enforcementLevel,
      controls: rule.controls,
      settings: resolveRuleSettings(rule, {}),
    })),
    failOn: "mandatory",
    failOnNew: false,
    ...fields,
  };
}

/** A user, judged by some rules. @param mark what else is said about a finding. */
export function judged(
  username: string,
  tokens: readonly UserToken[],
  by: readonly UserRule[] = [],
  mark: (finding: Finding) => Partial<Pick<Finding, "waiver" | "isKnown" | "owner">> = () => ({}),
): JudgedUser {
  const name = encodeText(username);
  const shown = tokens.map(encodeToken);
  const findings = by.flatMap((rule) =>
    judgeUser(rule, { username, tokens }, resolveRuleSettings(rule, {}), () => [], NOW, LIMITS).map(
      (violation): Finding => {
        const token = shown[tokens.findIndex(({ id }) => id === violation.tokenId)];
        const { fact, fix, remedy } = violation;
        const finding: Finding = {
          rule: rule.name,
          severity: rule.severity,
          enforcementLevel: rule.enforcementLevel === "advisory" ? "advisory" : "mandatory",
          ...{ fact, ...(fix !== undefined && { fix }), message: formatViolation(violation) },
          ...(remedy && { remedy }),
          username: name,
          ...(token && { tokenId: token.id }),
          ...(token?.name !== undefined && { tokenName: token.name }),
          fingerprint: fingerprintOf(rule.name, name, violation.tokenId),
        };
        return { ...finding, ...mark(finding) };
      },
    ),
  );
  return { username: name, isServiceAccount: name.startsWith("svc_"), fetchedAt: at(0), tokens: shown, findings };
}

/** A finding about the stack. */
export const STACK_FINDING: Finding = {
  rule: "inventory-covered",
  severity: "high",
  enforcementLevel: "mandatory",
  fact: "the user is expected, and has no evidence",
  fix: "Declare the user's tokens.",
  message: "svc_gone: the user is expected, and has no evidence. Declare the user's tokens.",
  fingerprint: fingerprintOf("inventory-covered", "svc_gone"),
};

/** Something that could not be read. */
export const FAILURE: Failure = {
  subject: "svc_etl",
  username: "svc_etl",
  message: "MotherDuck answered 403: the token is not one of an admin. Use a token of a user with the Admin role.",
  cause: "forbidden",
};

const nightly = userToken({ id: "7c1f0000-0000-4000-8000-000000000001", name: "nightly", createdTs: at(-200) });

/** Users with findings of each kind, and without. */
export const USERS: readonly JudgedUser[] = [
  judged("ada", [userToken({ id: "ada-1", name: "laptop" }), userToken({ id: "ada-2", name: "ci" })]),
  judged(
    "svc_bi",
    [
      nightly,
      endlessToken({ id: "b93b4bae-a030-4018-8718-59e7a1b1fcda", name: "dashboards" }),
      endlessToken({ id: "84b74c35-73ae-4402-8479-58b9915218e2", name: "vendor" }),
      userToken({ id: "4cf1213b-982f-4ab7-8b91-36c04d3c2aa2", name: "export", expireAt: at(3) }),
    ],
    [tokensMustExpire, maxTokenLifetime, tokenExpiringSoon],
    ({ rule, tokenName }) => ({
      isKnown: rule === "max-token-lifetime",
      ...(tokenName === "vendor" && { waiver: waiver({ id: "WVR-2026-014", ticket: "SEC-421" }) }),
    }),
  ),
  judged("grace", []),
];

/** The same audit's users with owners: of one, some tokens have another owner, and one has none. */
export const OWNED_USERS: readonly JudgedUser[] = USERS.map((user) => {
  const owned = <Item extends { readonly owner?: Owner }>(item: Item, tokenName: string | undefined): Item => {
    const owner = ownerOfToken(user.username, tokenName);
    return { ...item, ...(owner && { owner }) };
  };
  return {
    ...user,
    ...(user.username !== "grace" && { owner: ownerOf(user.username) }),
    tokens: user.tokens.map((token) => owned(token, token.name)),
    findings: user.findings.map((finding) => owned(finding, finding.tokenName)),
  };
});

function ownerOfToken(username: string, name: string | undefined): Owner | undefined {
  if (name === "export") return undefined;
  if (name === "nightly") return { name: "#night-shift", foundBy: "token setting" };
  return name === "vendor" ? { name: "data-platform", foundBy: "description" } : ownerOf(username);
}

function ownerOf(username: string): Owner {
  return username === "ada"
    ? { name: "ada@example.com", foundBy: "email" }
    : { name: "data-platform", foundBy: "user setting" };
}

/** A user whose tokens have hostile names, each with a finding, and whose own name is one. */
export const HOSTILE_USER: JudgedUser = {
  ...judged(
    "::set-output name=x|y::@octocat",
    HOSTILE_NAMES.map((name, index) => endlessToken({ id: `hostile-${index}`, name, description: name })),
    [tokensMustExpire],
  ),
  urn: "urn:pulumi:dev::tokens::pulumi-nodejs:dynamic/motherduck:UserTokens::](http://evil.example)|%,`",
};

/** The same, owned by people with such names. */
export const HOSTILE_OWNERS: JudgedUser = {
  ...HOSTILE_USER,
  owner: { name: encodeText(HOSTILE_NAMES[5] ?? ""), foundBy: "email" },
  tokens: HOSTILE_USER.tokens.map((token) => ({
    ...token,
    expireAt: at(9),
    owner: { name: token.name ?? "", foundBy: "description" },
  })),
  findings: HOSTILE_USER.findings.map((finding) => ({
    ...finding,
    owner: { name: finding.tokenName ?? "", foundBy: "description" },
  })),
};

/** What changed: of {@link USERS}, one finding is new, one is open, two are of unknown age; and one is fixed. */
export function changes(fields: Partial<SinceLastRun> = {}): SinceLastRun {
  const [isNew, , isOpen] = USERS[1]?.findings ?? [];
  if (!isNew || !isOpen) throw new Error("no findings");
  const { fingerprint, rule, severity, enforcementLevel, username = "", tokenId = "", message } = isNew;
  return {
    previousRun: { runId: 4, judgedAt: at(-1) },
    findings: {
      [isNew.fingerprint]: { standing: "new", openSince: at(0), daysOpen: 0 },
      [isOpen.fingerprint]: { standing: "open", openSince: at(-41), daysOpen: 41 },
      "of a user whom two audits read": { standing: "unknown" },
    },
    opened: [{ fingerprint, rule, severity, enforcementLevel, username, tokenId, message, isWaived: false }],
    fixed: [
      {
        ...{ fingerprint: fingerprintOf("fixed"), rule: "tokens-must-expire", severity: "high" },
        ...{ enforcementLevel: "mandatory", username: "svc_etl", tokenId: "etl-1", isWaived: true },
        origin: { apiUrl: "https://api.motherduck.com", organization: "acme" },
        message: `svc_etl / "::error::*nightly*" (etl-1): never expires.`,
        ...{ openSince: at(-9), lastSeenAt: at(-1), fixedBy: at(0) },
      },
    ],
    ...fields,
  };
}

/** Two runs; of the second, somebody was not read, and its settings were others. */
export const TREND: readonly TrendPoint[] = [
  {
    ...{ runId: 4, judgedAt: at(-1), usersNotRead: 0, settingsChanged: false },
    findings: { mandatory: 3, advisory: 0, waived: 1 },
    tokens: { expired: 0, within30Days: 1, within90Days: 2, later: 0, never: 3, unknown: 0 },
  },
  {
    ...{ runId: 5, judgedAt: at(0), usersNotRead: 1, settingsChanged: true },
    findings: { mandatory: 2, advisory: 1, waived: 1 },
    tokens: { expired: 0, within30Days: 2, within90Days: 1, later: 0, never: 3, unknown: 0 },
  },
];

/** {@link changes} of a first run. */
export function firstRun(): SinceLastRun {
  const { findings } = changes();
  return { findings, opened: [], fixed: [] };
}

/** What is known at the end, counted. */
export function closingOf(
  users: readonly JudgedUser[],
  { findings = [], failures = [], ...others }: Partial<Omit<AuditClosing, "summary">> = {},
  header: AuditHeader = auditHeader(),
): AuditClosing {
  const tally = { mandatory: 0, advisory: 0, waived: 0, known: 0 };
  for (const finding of [...users.flatMap((user) => user.findings), ...findings]) tally[standingOf(finding, header)]++;
  const failing = header.failOn === "none" ? 0 : tally.mandatory + (header.failOn === "advisory" ? tally.advisory : 0);
  return {
    findings,
    failures,
    ...others,
    summary: {
      users: users.length,
      tokens: users.reduce((sum, { tokens }) => sum + tokens.length, 0),
      ...tally,
      failures: failures.length,
      exitCode: failures.length > 0 ? 2 : failing > 0 ? 1 : 0,
    },
  };
}

/** A whole report. */
export function write(
  format: ReportFormat,
  users: readonly JudgedUser[],
  rest: Partial<Omit<AuditClosing, "summary">> = {},
  header: AuditHeader = auditHeader(),
  target: ReportTarget = { color: false },
): string {
  const report = format(header, target);
  return users.map((user) => report.user(user)).join("") + report.end(closingOf(users, rest, header));
}

/** The report on {@link USERS} and all that can be besides. */
export function writeAll(format: ReportFormat, fields: Partial<AuditHeader> = {}, target?: ReportTarget): string {
  return write(format, USERS, { findings: [STACK_FINDING], failures: [FAILURE] }, auditHeader(fields), target);
}

function fingerprintOf(...parts: (string | undefined)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
