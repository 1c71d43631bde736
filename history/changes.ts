import type { Row } from "./duckdb";
import type { Ledger } from "./ledger";

/** What changed: events about tokens and users, and findings that were opened or closed. */
export interface Changes {
  /** Absent in a ledger without a run. */
  readonly run?: Row;
  readonly events: readonly Row[];
  readonly findings: readonly Row[];
}

const UTC = "'%Y-%m-%dT%H:%M:%SZ'";

/**
 * To be called inside {@link Ledger.read}.
 *
 * @param since ISO 8601 in UTC: what was seen since then. Default: what the last run saw.
 */
export async function readChanges({ database }: Ledger, since?: string): Promise<Changes> {
  const [run] = await database.rows(
    `SELECT run_id, strftime(judged_at, ${UTC}) AS judged_at, source, source_name, scope, is_complete, users, failures
     FROM token_ledger.runs ORDER BY order_at DESC, run_id DESC LIMIT 1`,
  );
  if (!run) return { events: [], findings: [] };
  const seen = (by: string, at: string) =>
    since === undefined ? `${by} = ${Number(run.run_id)}` : `${at} >= CAST('${since}' AS TIMESTAMP)`;
  const events = await database.rows(
    `SELECT event, organization, username, token_id, name, successor_id, before, after_run, run_id,
       strftime(after_at, ${UTC}) AS after_at, strftime(by_at, ${UTC}) AS by_at
     FROM token_ledger.events WHERE ${seen("run_id", "by_at")} ORDER BY run_id, username, token_id, event`,
  );
  const columns = "organization, username, rule, level, token_id, message, waiver_id";
  const findings = await database.rows(
    `SELECT * FROM (
       SELECT opened_as AS change, ${columns}, opened_after_run AS after_run, first_seen_run AS run_id,
         strftime(opened_after_at, ${UTC}) AS after_at, strftime(first_seen_at, ${UTC}) AS by_at
       FROM token_ledger.findings_over_time WHERE ${seen("first_seen_run", "first_seen_at")}
       UNION ALL
       SELECT closed_as, ${columns}, last_seen_run, closed_by_run, strftime(last_seen_at, ${UTC}), strftime(closed_by_at, ${UTC})
       FROM token_ledger.findings_over_time WHERE closed_by_run IS NOT NULL AND ${seen("closed_by_run", "closed_by_at")}
     ) ORDER BY run_id, username, rule, token_id`,
  );
  return { run, events, findings };
}
