import type { Row } from "./duckdb";
import type { Ledger } from "./ledger";

/** How a finding of a run stands, compared with {@link SinceLastRun.previousRun}. */
export interface FindingAge {
  /**
   * `new`: whoever looked at the previous run or since did not find it, and would have. `open`: it was there. `unknown`: nobody
   * can tell, because nobody looked, or by other settings.
   */
  readonly standing: "new" | "open" | "unknown";
  /** The first run that saw it without an interruption, ISO 8601. */
  readonly openSince: string;
  /** Whole days from then to this run. */
  readonly daysOpen: number;
}

/** A finding that is not there any more, though the same rule looked again. */
export interface FixedFinding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly level: "mandatory" | "advisory";
  /** Absent where it was about the stack or the configuration. */
  readonly username?: string;
  /** Absent where it was about the user as a whole. */
  readonly tokenId?: string;
  readonly message: string;
  readonly openSince: string;
  /** It was fixed after this instant, ISO 8601. */
  readonly lastSeenAt: string;
  /** And before this one. */
  readonly fixedBy: string;
}

/** What a run changed. */
export interface SinceLastRun {
  /** The last complete one of the same scope, source and organization; absent where there is none. */
  readonly previousRun?: { readonly runId: number; readonly judgedAt: string };
  /** The findings of this run, by their fingerprints; without those of users whose place in time is not certain. */
  readonly findings: ReadonlyMap<string, FindingAge>;
  /** About users whom this run read; empty without a previous run. */
  readonly fixed: readonly FixedFinding[];
}

const ISO = (column: string) => `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%gZ')`;

/**
 * To be called inside of {@link Ledger.read} or {@link Ledger.write}.
 *
 * @param runId the run that was recorded last: a later sighting of a finding would hide it.
 */
export async function sinceLastRun({ database }: Ledger, runId: number): Promise<SinceLastRun> {
  const [previous] = await database.rows(
    `SELECT p.run_id, ${ISO("p.judged_at")} AS judged_at
     FROM token_ledger.runs r JOIN token_ledger.runs p
       ON p.scope = r.scope AND p.source = r.source AND p.source_name = r.source_name
       AND p.organization_id IS NOT DISTINCT FROM r.organization_id AND p.order_at < r.order_at
     WHERE r.run_id = $run AND p.is_complete AND NOT (r.is_live AND p.is_live AND p.run_id > r.began_after)
     ORDER BY p.order_at DESC LIMIT 1`,
    { run: runId },
  );
  const rows = await database.rows(FINDINGS, { run: runId, previous: previous?.run_id ?? null });
  const ages = rows.filter(({ standing }) => standing !== "fixed");
  return {
    ...(previous && { previousRun: { runId: Number(previous.run_id), judgedAt: String(previous.judged_at) } }),
    findings: new Map(ages.map((row) => [String(row.fingerprint), toAge(row)])),
    fixed: rows.filter(({ standing }) => standing === "fixed").map(toFixed),
  };
}

const FINDINGS = `
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
  SELECT fingerprint, rule, level, username, token_id, message, ${ISO("first_seen_at")} AS open_since,
    ${ISO("last_seen_at")} AS last_seen_at, ${ISO("closed_by_at")} AS fixed_by,
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
  QUALIFY row_number() OVER (PARTITION BY user_id, fingerprint ORDER BY first_seen_run DESC) = 1
  ORDER BY username, rule, token_id, fingerprint`;

function toAge({ standing, open_since: openSince, days_open: days }: Row): FindingAge {
  return { standing: standing as FindingAge["standing"], openSince: String(openSince), daysOpen: Number(days) };
}

function toFixed(row: Row): FixedFinding {
  return {
    ...{ fingerprint: String(row.fingerprint), rule: String(row.rule), level: row.level as FixedFinding["level"] },
    ...(row.username !== null && { username: String(row.username) }),
    ...(row.token_id !== null && { tokenId: String(row.token_id) }),
    ...{ message: String(row.message), openSince: String(row.open_since) },
    ...{ lastSeenAt: String(row.last_seen_at), fixedBy: String(row.fixed_by) },
  };
}
