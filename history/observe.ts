import type { Database } from "./duckdb";
import { numbered } from "./keep";

/** A run that is being recorded. */
export interface NewRun {
  readonly runId: number;
  /** Whether the audit that records it has read the API. */
  readonly isLive: boolean;
  /** The last run that was in the ledger when it began. */
  readonly beganAfter: number;
}

/**
 * The wall clock's time of a read is used only for evidence from files and imported reports, and not even for those if the
 * clock went back meanwhile.
 */
const CLOCK_WENT_BACK = `EXISTS (
  FROM token_ledger.runs c
  WHERE c.is_live AND c.judged_at <= p.order_at
    AND EXISTS (FROM token_ledger.runs e WHERE e.is_live AND e.run_id <= c.began_after AND e.judged_at > c.judged_at)
    AND NOT EXISTS (
      FROM token_ledger.runs n
      WHERE n.is_live AND n.run_id > c.run_id AND n.judged_at <= p.order_at
        AND NOT EXISTS (FROM token_ledger.runs e WHERE e.is_live AND e.run_id <= n.began_after AND e.judged_at > n.judged_at)))`;

/** Notes who was read. */
export async function insertObservations(database: Database, { runId, isLive, beganAfter }: NewRun): Promise<void> {
  // An audit of the API is dated by its run; what is in files, by itself.
  const isRun = isLive ? "true" : "(p.kind = 'audit' OR p.fetched_ms IS NULL)";
  const dated = (column: string) => `CASE WHEN ${isRun} THEN r.${column} ELSE epoch_ms(p.fetched_ms) END`;
  const isComparable = isLive
    ? // The order of what concurrent reads saw is not known.
      `NOT EXISTS (FROM token_ledger.observations x WHERE x.user_id = p.user_id AND x.in_order AND x.run_id > ${beganAfter})`
    : `NOT (${CLOCK_WENT_BACK}) AND NOT EXISTS (
        FROM token_ledger.observations x
        WHERE x.user_id = p.user_id AND x.in_order AND p.order_at >= least(x.order_at, x.observed_at) AND p.order_at <= greatest(x.order_at, x.until_at))`;
  await database.run(
    `
    -- Two resources can hold the same user.
    WITH picked AS (
      SELECT arg_max(n, (coalesce(fetched_ms, ${Number.MIN_SAFE_INTEGER}), n)) AS n, min(state) <> max(state) AS is_contradictory
      FROM people GROUP BY user_id
    ),
    placed AS (
      SELECT p.user_id, p.n, ${dated("order_at")} AS order_at, ${dated("judged_at")} AS observed_at,
        ${dated(isLive ? "finished_at" : "judged_at")} AS until_at,
        -- What is dated later than it was judged has a wrong clock.
        p.kind = 'audit' OR (p.fetched_ms IS NOT NULL AND epoch_ms(p.fetched_ms) <= r.judged_at) AS is_dated,
        s.state_id, v.verdict_id, coalesce(is_contradictory, false) AS is_contradictory
      FROM picked JOIN people p USING (n)
      JOIN token_ledger.runs r ON r.run_id = $run_id
      LEFT JOIN token_ledger.states s ON s.user_id = p.user_id AND s.digest = p.state
      LEFT JOIN token_ledger.verdicts v ON v.user_id = p.user_id AND v.digest = p.verdict
    )
    INSERT INTO token_ledger.observations
    SELECT $run_id, p.user_id, p.state_id, p.verdict_id, p.order_at, p.observed_at, p.until_at,
      NOT p.is_contradictory AND p.is_dated AND ${isComparable}
    FROM placed p ORDER BY p.n`,
    { run_id: runId },
  );
}

/** Users who were in the organization, and are missing from a complete list of everybody, are gone. */
export async function insertMissing(database: Database, { runId, isLive, beganAfter }: NewRun): Promise<void> {
  const isComparable = isLive ? `p.last_run <= ${beganAfter}` : `NOT p.is_overlapping AND NOT (${CLOCK_WENT_BACK})`;
  await insertGone(
    database,
    `
    WITH absent AS (
      SELECT u.user_id, r.order_at, r.judged_at, r.finished_at
      FROM token_ledger.runs r JOIN token_ledger.users u ON u.organization_id = r.organization_id AND u.kind = 'user'
      WHERE r.run_id = ${runId} AND NOT EXISTS (FROM token_ledger.observations o WHERE o.run_id = ${runId} AND o.user_id = u.user_id)
    )
    SELECT ${runId} AS run_id, p.* EXCLUDE (state_id, last_run, is_overlapping)
    FROM (
      SELECT a.*, arg_max(o.state_id, o.order_at) FILTER (o.order_at < a.order_at) AS state_id, max(o.run_id) AS last_run,
        bool_or(a.order_at BETWEEN o.order_at AND o.until_at) AS is_overlapping
      FROM absent a JOIN token_ledger.observations o ON o.user_id = a.user_id AND o.in_order
      GROUP BY ALL
    ) p JOIN token_ledger.states s USING (state_id)
    WHERE s.is_listed AND ${isComparable}`,
  );
}

/**
 * Imported reports may be older than what the ledger has. A user whom they show may be missing from complete runs after them,
 * which were recorded before the ledger knew of that user.
 */
export async function settleMissing(database: Database): Promise<void> {
  await insertGone(
    database,
    `
    SELECT r.run_id, u.user_id, r.order_at, r.judged_at, r.finished_at
    FROM token_ledger.users u
    JOIN token_ledger.runs r ON r.organization_id = u.organization_id
    ASOF JOIN (FROM token_ledger.observations WHERE in_order) o ON o.user_id = u.user_id AND o.order_at < r.order_at
    JOIN token_ledger.states s ON s.state_id = o.state_id
    JOIN token_ledger.runs l ON l.run_id = o.run_id
    -- What overlaps has no order.
    WHERE o.until_at < r.order_at AND NOT (r.is_live AND l.is_live AND l.run_id > r.began_after)
      AND u.kind = 'user' AND r.scope = 'everybody' AND r.source = 'api' AND r.is_complete AND s.is_listed
      AND NOT EXISTS (FROM token_ledger.observations x WHERE x.run_id = r.run_id AND x.user_id = u.user_id)
    QUALIFY row_number() OVER (PARTITION BY u.user_id, o.order_at ORDER BY r.order_at) = 1`,
  );
}

/** @param missing a query for who was not listed, and by which run. */
async function insertGone(database: Database, missing: string): Promise<void> {
  await database.run(`CREATE OR REPLACE TEMP TABLE missing AS ${missing}`);
  const [row] = await database.rows("SELECT count(*)::INTEGER AS number FROM missing");
  if (row?.number === 0) return;
  await database.run(`
    INSERT INTO token_ledger.states
    SELECT ${numbered("states", "state_id", "user_id")}, user_id, 'gone', false, NULL, NULL, 0, NULL
    FROM (SELECT DISTINCT user_id FROM missing) m
    WHERE NOT EXISTS (FROM token_ledger.states s WHERE s.user_id = m.user_id AND NOT s.is_listed);

    INSERT INTO token_ledger.observations
    SELECT m.run_id, m.user_id, s.state_id, NULL, m.order_at, m.judged_at, m.finished_at, true
    FROM missing m JOIN token_ledger.states s ON s.user_id = m.user_id AND NOT s.is_listed ORDER BY m.run_id, m.user_id`);
}
