import path from "node:path";
import { DAY } from "../../../core/duration";
import { describeRules } from "../../../audit/judge";
import type { AuditClosing, AuditHeader, Failure, Finding, JudgedUser } from "../../../audit/result";
import type { UserToken } from "../../../core/user-token";
import type { Recorded, Scope } from "../../../history/append";
import { Recorder } from "../../../history/record";
import { Ledger } from "../../../history/ledger";
import type { Row } from "../../../history/duckdb";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import { makeFolder } from "../support";
import { fingerprint } from "../../../audit/baseline";

export const API = "https://api.example.com";
export const START = Date.parse("2026-01-01T02:00:00Z");

/** ISO 8601, days after {@link START}. */
export function day(days: number): string {
  return new Date(START + days * DAY).toISOString();
}

/** A token that never expires, made before {@link START}. */
export function token(id: string, fields: Partial<UserToken> = {}): UserToken {
  return { id, name: id, createdTs: "2025-12-01T00:00:00Z", readOnly: false, tokenType: "read_write", ...fields };
}

/** A finding of a rule about a user, or about one of the user's tokens. */
export function finding(username: string, tokenId?: string, fields: Partial<Finding> = {}): Finding {
  const rule = fields.rule ?? "tokens-must-expire";
  const about = { username, ...(tokenId !== undefined && { tokenId }) };
  return {
    ...{ rule, severity: "high", enforcementLevel: "mandatory", fact: "not good", message: `${username}: not good` },
    ...about,
    fingerprint: fingerprint({ rule, ...about }),
    ...fields,
  };
}

/** One audit, as it is recorded. */
export interface Run {
  /** Milliseconds since the epoch, or days after {@link START}. */
  readonly now: number;
  readonly users?: Readonly<Record<string, readonly UserToken[] | Partial<JudgedUser>>>;
  /** Who could not be read. */
  readonly failing?: readonly string[];
  readonly failures?: readonly Failure[];
  readonly scope?: Scope;
  readonly source?: AuditHeader["source"];
  readonly organization?: string;
  readonly config?: PolicyConfig;
  readonly header?: Partial<AuditHeader>;
  readonly findings?: readonly Finding[];
  /** Milliseconds that reading takes. Default: a minute. */
  readonly takes?: number;
}

export function headerOf({ now, source, config, header }: Run): AuditHeader {
  return {
    version: "1.0.0",
    now: new Date(now < 100_000 ? START + now * DAY : now).toISOString(),
    source: source ?? { kind: "api", name: API },
    rules: describeRules(resolveConfiguration(...(config ? [{ name: "test", config }] : []))),
    failOn: "mandatory",
    failOnNew: false,
    ...header,
  };
}

export function usersOf(run: Run): JudgedUser[] {
  const { organization } = run;
  return Object.entries(run.users ?? {}).map(([username, what]) => ({
    ...{ username, fetchedAt: headerOf(run).now, tokens: [], findings: [] },
    ...(organization !== undefined && { origin: { apiUrl: API, organization } }),
    ...("length" in what ? { tokens: what } : what),
  }));
}

export function closingOf(run: Run): AuditClosing {
  const message = "MotherDuck answered 500";
  const failures = run.failures ?? (run.failing ?? []).map((subject) => ({ subject, message }));
  const users = usersOf(run);
  const counts = { mandatory: 0, advisory: 0, waived: 0, known: 0, failures: failures.length };
  const tokens = users.reduce((sum, user) => sum + user.tokens.length, 0);
  return {
    findings: run.findings ?? [],
    failures,
    summary: { users: users.length, tokens, ...counts, exitCode: failures.length > 0 ? 2 : 0 },
  };
}

/** An audit that has begun and is not over. */
export async function begin(place: string, run: Run): Promise<{ recorder: Recorder; end: () => Promise<Recorded> }> {
  const header = headerOf(run);
  const recorder = await Recorder.start(place, header, { env: {} });
  const end = async () => {
    try {
      for (const user of usersOf(run)) recorder.add(user);
      const finished = Date.parse(header.now) + (run.takes ?? 60_000);
      return await recorder.finish(closingOf(run), run.scope ?? "everybody", {}, finished);
    } finally {
      recorder.close();
    }
  };
  return { recorder, end };
}

/** Records audits, one after the other. */
export async function record(place: string, ...runs: readonly Run[]): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (const run of runs) recorded.push(await (await begin(place, run)).end());
  return recorded;
}

/** What a query gives. */
export async function query(place: string, sql: string): Promise<readonly Row[]> {
  const ledger = await Ledger.open(place, { env: {} });
  try {
    return await ledger.read(() => ledger.database.rows(sql));
  } finally {
    ledger.close();
  }
}

/** The events about tokens, as short texts in the order of their runs: `2>3 revoked ada/a`. */
export async function eventsOf(place: string, where = "token_id IS NOT NULL"): Promise<string[]> {
  const rows = await query(
    place,
    `SELECT concat(coalesce(after_run, 0), '>', run_id, ' ', event, ' ', username, '/' || token_id) AS text
     FROM token_ledger.events WHERE ${where} ORDER BY run_id, text`,
  );
  return rows.map(({ text }) => String(text));
}

/** How findings went, as short texts: `new 2 fixed 5 ada/a`. */
export async function findingsOf(place: string): Promise<string[]> {
  const rows = await query(
    place,
    `SELECT concat(opened_as, ' ', first_seen_run, ' ', closed_as || ' ' || closed_by_run || ' ', coalesce(username, 'the stack'), '/' || token_id) AS text
     FROM token_ledger.findings_over_time ORDER BY first_seen_run, text`,
  );
  return rows.map(({ text }) => String(text));
}

let folder: string | undefined;
let files = 0;
/** The path of a ledger that is not there yet. */
export function newPlace(): string {
  folder ??= makeFolder("motherduck-tokens-history-");
  return path.join(folder, `ledger-${files++}.duckdb`);
}
