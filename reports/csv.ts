import { stringify } from "csv-stringify/sync";
import { failuresOf } from "../audit/failure";
import type { AuditHeader, Failure, Finding, JudgedUser } from "../audit/result";
import { standingOf } from "../audit/standing";
import type { Owner } from "../core/owner";
import { ByOwner, partsByOwner } from "./vocabulary/by-owner";
import type { ReportFormat } from "./report";
import { describeOutcome, describeScope } from "./vocabulary/outcome";

/** The columns, in their order. New ones come last. */
export const CSV_COLUMNS = [
  "kind",
  "status",
  "username",
  "tokens",
  "rule",
  "severity",
  "enforcement_level",
  "known",
  "token_id",
  "token_name",
  "token_type",
  "token_created",
  "token_expires",
  "message",
  "waiver_id",
  "waiver_owner",
  "waiver_expires",
  "waiver_ticket",
  "waiver_reason",
  "service_account",
  "deprovisioned",
  "fetched_at",
  "urn",
  "fingerprint",
  "organization",
  "api_url",
  "token_description",
  "email",
  "roles",
  "system_token",
  "owner",
  "owner_found_by",
] as const;

type Row = Partial<Record<(typeof CSV_COLUMNS)[number], string>>;

/** RFC 4180: one row per finding, per user without findings, and per failure, and a last row that says how the audit ended. */
export const csvReport: ReportFormat = (header) => {
  let head = toCsv([Object.fromEntries(CSV_COLUMNS.map((name) => [name, name]))]);
  const withHead = (rows: Row[]) => {
    const text = head + toCsv(rows);
    head = "";
    return text;
  };
  const rowsOf = (user: JudgedUser) => (user.findings.length === 0 ? [cleanRow(user)] : findingRows(user, header));
  const byOwner = header.namesOwners && new ByOwner<readonly Row[]>(header);
  return {
    user(user) {
      if (!byOwner) return withHead(rowsOf(user));
      for (const part of partsByOwner(user)) byOwner.add(part.owner, rowsOf(part.user), part.user.findings);
      return "";
    },
    end: (closing) =>
      withHead([
        ...(byOwner ? byOwner.groups().flatMap(({ items }) => items.flat()) : []),
        ...closing.findings.map((finding) => findingRow(finding, header)),
        ...failuresOf(closing).map(failureRow),
        {
          kind: "summary",
          status: `exit code ${closing.summary.exitCode}`,
          tokens: String(closing.summary.tokens),
          message: `${describeOutcome(closing)} ${describeScope(header, closing)}`,
        },
      ]),
  };
};

function toCsv(rows: readonly Row[]): string {
  return stringify([...rows], {
    columns: [...CSV_COLUMNS],
    record_delimiter: "\r\n",
    // A spreadsheet would run a name that starts like a formula.
    escape_formulas: true,
  });
}

function cleanRow(user: JudgedUser): Row {
  return { kind: "user", status: "clean", ...userCells(user), ...ownerCells(user.owner) };
}

function findingRows(user: JudgedUser, header: AuditHeader): Row[] {
  const byId = new Map(user.tokens.map((token) => [token.id, token]));
  return user.findings.map((finding) => {
    const token = finding.tokenId === undefined ? undefined : byId.get(finding.tokenId);
    return {
      ...userCells(user),
      ...findingRow(finding, header),
      ...(token && {
        token_type: token.tokenType,
        token_created: token.createdTs,
        token_expires: token.expireAt ?? "never",
        ...(token.description !== undefined && { token_description: token.description }),
        system_token: String(token.isSystem === true),
      }),
    };
  });
}

function userCells(user: JudgedUser): Row {
  const { username, tokens, isServiceAccount, isDeprovisioned, email, roles, fetchedAt, origin, urn } = user;
  return defined({
    username,
    tokens: String(tokens.length),
    service_account: isServiceAccount?.toString(),
    deprovisioned: isDeprovisioned?.toString(),
    fetched_at: fetchedAt,
    urn,
    organization: origin?.organization,
    api_url: origin?.apiUrl,
    email,
    roles: roles?.join(", "),
  });
}

function ownerCells(owner: Owner | undefined): Row {
  return owner ? { owner: owner.name, owner_found_by: owner.foundBy } : {};
}

function findingRow(finding: Finding, header: AuditHeader): Row {
  const { waiver } = finding;
  return defined({
    kind: "finding",
    status: standingOf(finding, header),
    username: finding.username,
    rule: finding.rule,
    severity: finding.severity,
    enforcement_level: finding.enforcementLevel,
    known: finding.isKnown?.toString(),
    token_id: finding.tokenId,
    token_name: finding.tokenName,
    message: finding.message,
    waiver_id: waiver?.id,
    waiver_owner: waiver?.owner,
    waiver_expires: waiver?.expires,
    waiver_ticket: waiver?.ticket,
    waiver_reason: waiver?.reason,
    urn: finding.urn,
    fingerprint: finding.fingerprint,
    organization: finding.origin?.organization,
    api_url: finding.origin?.apiUrl,
    ...ownerCells(finding.owner),
  });
}

function failureRow({ subject, username, urn, message }: Failure): Row {
  return defined({ kind: "failure", status: "not judged", username, message: `${subject}: ${message}`, urn });
}

function defined(cells: Record<string, string | undefined>): Row {
  return Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== undefined));
}
