import type { FindingAge, FixedFinding, RecordedFinding, SinceLastRun } from "../audit/result";
import { printable } from "../core/printable";
import { isoText, type Row } from "./duckdb";
import type { Ledger } from "./ledger";

/**
 * To be called inside {@link Ledger.read} or {@link Ledger.write}.
 *
 * @param runId the run that was recorded last: a later sighting of a finding would hide it.
 */
export async function sinceLastRun({ database }: Ledger, runId: number): Promise<SinceLastRun> {
  const [previous] = await database.rows(
    `SELECT p.run_id, ${isoText("p.judged_at")} AS judged_at
     FROM token_ledger.runs r JOIN token_ledger.runs p
       ON p.scope = r.scope AND p.source = r.source AND p.source_name = r.source_name
       AND p.organization_id IS NOT DISTINCT FROM r.organization_id AND p.order_at < r.order_at
     WHERE r.run_id = $run AND p.is_complete AND NOT (r.is_live AND p.is_live AND p.run_id > r.began_after)
     ORDER BY p.order_at DESC LIMIT 1`,
    { run: runId },
  );
  await database.run(FINDINGS, { run: runId, previous: previous?.run_id ?? null });
  // Most findings are neither new nor fixed, and of those only the age is told: reading all columns takes longer than the query.
  const ages = await database.rows(`SELECT ${AGE} FROM compared WHERE standing <> 'fixed' ${IN_ORDER}`);
  const changed = await database.rows(`SELECT * FROM compared WHERE standing IN ('new', 'fixed') ${IN_ORDER}`);
  const unplaced = await database.rows(UNPLACED, { run: runId });
  return {
    ...(previous && { previousRun: { runId: Number(previous.run_id), judgedAt: String(previous.judged_at) } }),
    findings: Object.fromEntries([
      ...unplaced.map(({ fingerprint }): [string, FindingAge] => [String(fingerprint), { standing: "unknown" }]),
      ...ages.map((row): [string, FindingAge] => [String(row.fingerprint), toAge(row)]),
    ]),
    opened: changed.filter(({ standing }) => standing === "new").map(toRecordedFinding),
    fixed: changed.filter(({ standing }) => standing === "fixed").map(toFixed),
  };
}

/** Of users whose place in time is not certain, such as one whom two audits read at the same time. */
const UNPLACED = `
  SELECT DISTINCT f.fingerprint
  FROM token_ledger.observations o JOIN token_ledger.verdict_findings v USING (verdict_id)
  JOIN token_ledger.findings f USING (finding_id)
  WHERE o.run_id = $run AND NOT o.in_order ORDER BY ALL`;

const AGE = "fingerprint, standing, open_since, days_open";
const IN_ORDER = "ORDER BY username, rule, token_id, fingerprint";

/** Fills the table `compared`. */
const FINDINGS = `
  CREATE OR REPLACE TEMP TABLE compared AS
  WITH run AS (SELECT order_at FROM token_ledger.runs WHERE run_id = $run),
  previous AS (SELECT order_at FROM token_ledger.runs WHERE run_id = $previous),
  orders AS (SELECT run_id, order_at FROM token_ledger.runs),
  judged AS MATERIALIZED (
    SELECT f.*, f.last_seen_run = $run AS is_there, opened.order_at AS opened_order, looked.order_at AS looked_order,
      closed.order_at AS closed_order
    FROM token_ledger.findings_over_time f
    LEFT JOIN orders opened ON opened.run_id = f.first_seen_run
    LEFT JOIN orders looked ON looked.run_id = f.opened_after_run
    LEFT JOIN orders closed ON closed.run_id = f.closed_by_run
  )
  SELECT fingerprint, rule, severity, level, api_url, organization, username, token_id, message, is_waived, ${isoText("first_seen_at")} AS open_since,
    ${isoText("last_seen_at")} AS last_seen_at, ${isoText("closed_by_at")} AS fixed_by,
    date_diff('day', first_seen_at, last_seen_at)::INTEGER AS days_open,
    CASE
      WHEN NOT is_there THEN 'fixed'
      WHEN opened_order < (FROM run) AND opened_order <= coalesce((FROM previous), opened_order) THEN 'open'
      WHEN opened_as = 'new' AND looked_order >= (FROM previous) THEN 'new'
      ELSE 'unknown'
    END AS standing
  FROM judged j
  WHERE is_there OR (
    closed_as = 'fixed' AND closed_order > (FROM previous) AND closed_order <= (FROM run)
    -- It may have come back since, and who was not read may have it again.
    AND NOT EXISTS (FROM judged k WHERE k.is_there AND k.user_id = j.user_id AND k.fingerprint = j.fingerprint)
    AND EXISTS (FROM token_ledger.observations o WHERE o.run_id = $run AND o.user_id = j.user_id AND o.in_order))
  -- Of one that was fixed twice, the last time.
  QUALIFY row_number() OVER (PARTITION BY user_id, fingerprint ORDER BY first_seen_run DESC) = 1`;

function toAge({ standing, open_since: openSince, days_open: days }: Row): FindingAge {
  return { standing: standing as FindingAge["standing"], openSince: String(openSince), daysOpen: Number(days) };
}

function toRecordedFinding(row: Row): RecordedFinding {
  // Anybody may have written the file.
  const text = (column: string) => printable(String(row[column]), Infinity);
  return {
    ...{ fingerprint: text("fingerprint"), rule: text("rule"), severity: row.severity as RecordedFinding["severity"] },
    enforcementLevel: row.level as RecordedFinding["enforcementLevel"],
    ...(row.username !== null && { username: text("username") }),
    ...(row.api_url !== "" && {
      origin: { apiUrl: text("api_url"), ...(row.organization !== "" && { organization: text("organization") }) },
    }),
    ...(row.token_id !== null && { tokenId: text("token_id") }),
    ...{ message: text("message"), isWaived: row.is_waived === true },
  };
}

function toFixed(row: Row): FixedFinding {
  const times = { openSince: String(row.open_since), lastSeenAt: String(row.last_seen_at) };
  return { ...toRecordedFinding(row), ...times, fixedBy: String(row.fixed_by) };
}
