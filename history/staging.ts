import { createHash, type Hash } from "node:crypto";
import type { DuckDBAppender } from "@duckdb/node-api";
import { digestOf } from "./digest";
import { groupBy } from "../core/group-by";
import { parseInstant } from "../core/instant";
import type { AuditClosing, AuditHeader, Finding, JudgedUser } from "../audit/result";
import { sortRoles } from "../core/user";
import type { UserToken } from "../core/user-token";
import type { Database } from "./duckdb";

// In DuckDB's memory, from where they go to a temporary folder when there are too many.
const TABLES = `
  CREATE OR REPLACE TABLE memory.main.stage_organizations (n INTEGER, api_url VARCHAR, organization VARCHAR);
  CREATE OR REPLACE TABLE memory.main.stage_users (n INTEGER, origin INTEGER, kind VARCHAR, username VARCHAR,
    is_service_account BOOLEAN, deprovisioned VARCHAR, fetched_ms BIGINT, state VARCHAR, verdict VARCHAR, tokens INTEGER,
    roles VARCHAR);
  CREATE OR REPLACE TABLE memory.main.stage_tokens (n INTEGER, digest VARCHAR, token_id VARCHAR, name VARCHAR, token_type VARCHAR, read_only BOOLEAN,
    created_ts VARCHAR, expire_at VARCHAR, created_ms BIGINT, expires_ms BIGINT, description VARCHAR);
  CREATE OR REPLACE TABLE memory.main.stage_findings (n INTEGER, fingerprint VARCHAR, rule VARCHAR, severity VARCHAR, token_id VARCHAR,
    message VARCHAR, level VARCHAR, waiver VARCHAR, parts VARCHAR);
  CREATE OR REPLACE TABLE memory.main.stage_waivers (digest VARCHAR, waiver_id VARCHAR, owner VARCHAR, reason VARCHAR, expires VARCHAR, ticket VARCHAR);
  CREATE OR REPLACE TABLE memory.main.stage_failures (subject VARCHAR, message VARCHAR);
  CREATE OR REPLACE TABLE memory.main.stage_rules (n INTEGER, digest VARCHAR, rule VARCHAR, level VARCHAR, settings VARCHAR, judges_as VARCHAR);`;

const NAMES = ["organizations", "users", "tokens", "findings", "waivers", "failures", "rules"] as const;
type Name = (typeof NAMES)[number];
type Cell = string | number | boolean | null;

/** Rows of an appender are kept in memory until they are flushed. */
const FLUSH_ROWS = 20_000;

/** Collects what an audit finds, until it is over and becomes a run of the ledger. */
export class Staging {
  readonly #appenders: Readonly<Record<Name, DuckDBAppender>>;
  readonly #digest: Hash = createHash("sha256");
  readonly #waivers = new Set<string>();
  /** The number of each organization, by its API and its name. */
  readonly #origins = new Map<string, number>();
  #rows = 0;
  #users = 0;

  private constructor(appenders: Record<Name, DuckDBAppender>) {
    this.#appenders = appenders;
  }

  static async start({ connection }: Database, header: AuditHeader): Promise<Staging> {
    await connection.run(TABLES);
    const entries = await Promise.all(
      NAMES.map(async (name) => [name, await connection.createAppender(`stage_${name}`, "main", "memory")] as const),
    );
    const staging = new Staging(Object.fromEntries(entries) as Record<Name, DuckDBAppender>);
    const { now, source } = header;
    staging.#digest.update(JSON.stringify([now, source.kind, source.name]));
    for (const [n, { name, enforcementLevel, settings, groups }] of header.rules.entries()) {
      const text = JSON.stringify(groups === undefined ? settings : { ...settings, groups });
      const judgesAs = digestOf(name, text, header.version);
      staging.#append("rules", n, digestOf(judgesAs, enforcementLevel), name, enforcementLevel, text, judgesAs);
    }
    return staging;
  }

  /** The organization of a user whose evidence tells no origin is that of the API which was asked, if one was. */
  add(user: JudgedUser, header: AuditHeader): void {
    const n = this.#users++;
    const { username, isServiceAccount, isDeprovisioned, roles, fetchedAt, tokens, findings } = user;
    const { apiUrl, organization } = originOf(user, header);
    const origin = this.#addOrganization(apiUrl, organization);
    const deprovisioned =
      isDeprovisioned === undefined ? null : isDeprovisioned === "unknown" ? "unknown" : isDeprovisioned ? "yes" : "no";
    const digests = tokens.map((token) => this.#addToken(n, token));
    const shownRoles = roles ? JSON.stringify(sortRoles(roles)) : null;
    // A user without roles has the digest that it had before there were any.
    const details = [isServiceAccount ?? null, deprovisioned, ...(shownRoles === null ? [] : [shownRoles])];
    const state = digestOf(...details, ...digests.sort());
    const verdict = this.#addFindings(n, findings);
    const fetched = fetchedAt === undefined ? null : (parseInstant(fetchedAt) ?? null);
    const seen = [isServiceAccount ?? null, deprovisioned, fetched, state, verdict, tokens.length, shownRoles] as const;
    this.#append("users", n, origin, "user", username, ...seen);
    this.#digest.update(JSON.stringify([apiUrl, organization, username, fetched, state, verdict]));
  }

  /**
   * The findings about the stack and the configuration belong to no user. They can be compared where nothing failed.
   *
   * @param subject what they are about: the same for audits that can be compared.
   * @returns the digest that makes two audits the same one.
   */
  end({ findings, failures }: AuditClosing, subject: string): string {
    for (const failure of failures) this.#append("failures", failure.subject, failure.message);
    if (failures.length === 0) {
      const n = this.#users++;
      const verdict = this.#addFindings(n, findings);
      const [only] = this.#origins.values();
      const origin = only !== undefined && this.#origins.size === 1 ? only : this.#addOrganization("", "");
      this.#append("users", n, origin, "audit", subject, null, null, null, null, verdict, 0, null);
      this.#digest.update(JSON.stringify(verdict));
    }
    this.#digest.update(JSON.stringify(failures));
    for (const appender of Object.values(this.#appenders)) appender.closeSync();
    return this.#digest.digest("hex");
  }

  #addOrganization(apiUrl: string, organization: string): number {
    const key = JSON.stringify([apiUrl, organization]);
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const n = this.#origins.size;
    this.#origins.set(key, n);
    this.#append("organizations", n, apiUrl, organization);
    return n;
  }

  #addToken(n: number, { id, name, description, tokenType, readOnly, createdTs, expireAt }: UserToken): string {
    const [title, end] = [name ?? null, expireAt ?? null];
    // A token without a description has the digest that it had before there were any.
    const digest = digestOf(id, title, tokenType, readOnly, createdTs, end, ...(description ? [description] : []));
    const expires = end === null ? null : (parseInstant(end) ?? null);
    const created = parseInstant(createdTs) ?? null;
    this.#append(
      "tokens",
      n,
      digest,
      id,
      title,
      tokenType,
      readOnly,
      createdTs,
      end,
      created,
      expires,
      description ?? null,
    );
    return digest;
  }

  #addFindings(n: number, findings: readonly Finding[]): string | null {
    if (findings.length === 0) return null;
    // A rule can find a token twice; to the ledger that is one finding, whose occurrences have their own parts.
    const own = groupBy(findings, ({ fingerprint }) => fingerprint);
    const marks = [...own].map(([fingerprint, occurrences]) => {
      const { rule, severity, tokenId, message, enforcementLevel, waiver } = occurrences.at(-1) as Finding;
      const waived = waiver ? digestOf(waiver) : null;
      if (waiver && waived !== null && !this.#waivers.has(waived)) {
        this.#waivers.add(waived);
        const { id, owner, reason, expires, ticket } = waiver;
        this.#append("waivers", waived, id, owner ?? null, reason ?? null, expires, ticket ?? null);
      }
      const parts = partsOf(occurrences);
      this.#append(
        "findings",
        n,
        fingerprint,
        rule,
        severity,
        tokenId ?? null,
        message,
        enforcementLevel,
        waived,
        parts,
      );
      return JSON.stringify([fingerprint, rule, enforcementLevel, waived, parts]);
    });
    return digestOf(...marks.sort());
  }

  #append(name: Name, ...cells: readonly Cell[]): void {
    const appender = this.#appenders[name];
    for (const cell of cells) {
      if (cell === null) appender.appendNull();
      else if (typeof cell === "string") appender.appendVarchar(cell);
      else if (typeof cell === "boolean") appender.appendBoolean(cell);
      // DuckDB casts it to the column's type.
      else appender.appendBigInt(BigInt(cell));
    }
    appender.endRow();
    if (++this.#rows % FLUSH_ROWS === 0) for (const one of Object.values(this.#appenders)) one.flushSync();
  }
}

function originOf(user: JudgedUser, { source }: AuditHeader): { apiUrl: string; organization: string } {
  const { origin } = user as { origin?: { apiUrl: string; organization?: string } };
  if (origin) return { apiUrl: origin.apiUrl, organization: origin.organization ?? "" };
  return { apiUrl: source.kind === "api" ? source.name : "", organization: "" };
}

/** The same for the same parts in another order; `null` where no occurrence has any. */
function partsOf(occurrences: readonly Finding[]): string | null {
  if (occurrences.every(({ parts }) => parts === undefined)) return null;
  return JSON.stringify(occurrences.map(({ parts = [] }) => [...parts].sort()));
}
