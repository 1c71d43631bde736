import type { TrendPoint } from "../audit/result";
import { isoText, type Row } from "./duckdb";
import type { Ledger } from "./ledger";

/** How many points a trend has, at most. Of more runs, it has the last one of each of so many equal parts. */
export const TREND_POINTS = 365;

/**
 * The runs of a run's organization up to that run, the oldest first; none where it read users of several organizations, or
 * nobody. To be called inside {@link Ledger.read} or {@link Ledger.write}.
 */
export async function readTrend({ database }: Ledger, runId: number): Promise<readonly TrendPoint[]> {
  return (await database.rows(TREND, { run: runId })).map(toPoint);
}

const TREND = `
  WITH points AS MATERIALIZED (
    SELECT p.*, o.api_url, o.organization, ntile(${TREND_POINTS}) OVER (ORDER BY p.order_at, p.run_id) AS part
    FROM token_ledger.run_coverage p JOIN token_ledger.organizations o USING (organization_id)
    JOIN token_ledger.runs r ON r.run_id = $run AND r.organization_id = p.organization_id AND p.order_at <= r.order_at
  ),
  found AS (
    SELECT run_id, bool_or(settings_changed) AS settings_changed,
      ${["mandatory", "advisory", "waived"].map((level) => sumWhere("findings", "level", level)).join(", ")}
    FROM token_ledger.finding_trend SEMI JOIN points USING (run_id, api_url, organization) GROUP BY run_id
  ),
  held AS (
    SELECT run_id,
      ${["expired", "30 days", "90 days", "later", "never", "unknown"].map((left) => sumWhere("tokens", "expires_within", left)).join(", ")}
    FROM token_ledger.token_trend SEMI JOIN points USING (run_id, api_url, organization) GROUP BY run_id
  )
  SELECT p.run_id, ${isoText("p.judged_at")} AS judged_at, f.* EXCLUDE (run_id, settings_changed), h.* EXCLUDE (run_id),
    max(p.users_not_read) OVER (PARTITION BY part) AS users_not_read,
    bool_or(f.settings_changed) OVER (PARTITION BY part) AS settings_changed
  FROM points p LEFT JOIN found f USING (run_id) LEFT JOIN held h USING (run_id)
  QUALIFY row_number() OVER (PARTITION BY part ORDER BY p.order_at DESC, p.run_id DESC) = 1
  ORDER BY p.order_at, p.run_id`;

function sumWhere(column: string, by: string, value: string): string {
  return `sum(${column}) FILTER (${by} = '${value}')::INTEGER AS "${value}"`;
}

function toPoint(row: Row): TrendPoint {
  // A kind that never occurred has no rows.
  const number = (column: string) => Number(row[column] ?? 0);
  return {
    ...{ runId: number("run_id"), judgedAt: String(row.judged_at) },
    findings: { mandatory: number("mandatory"), advisory: number("advisory"), waived: number("waived") },
    tokens: {
      ...{ expired: number("expired"), within30Days: number("30 days"), within90Days: number("90 days") },
      ...{ later: number("later"), never: number("never"), unknown: number("unknown") },
    },
    usersNotRead: number("users_not_read"),
    settingsChanged: row.settings_changed === true,
  };
}
