import { AuditError } from "../audit/audit-error";
import { type Baseline, toBaseline } from "../audit/baseline";
import { isoText } from "./duckdb";
import type { Ledger } from "./ledger";

/** A run whose findings are known from now on. */
export interface AcceptedRun {
  readonly runId: number;
  /** ISO 8601. */
  readonly judgedAt: string;
  /** How many findings are known from it. Waived ones are not: they are new once their waiver ends. */
  readonly findings: number;
}

/**
 * Makes the findings of a run known. To be called inside {@link Ledger.write}.
 *
 * @param runId default: the run that was recorded last.
 * @throws AuditError if there is no such run, or it is not complete: what it missed would be new later.
 */
export async function acceptRun({ database, name }: Ledger, runId?: number): Promise<AcceptedRun> {
  const [run] = await database.rows(
    `SELECT run_id, is_complete, ${isoText("judged_at")} AS judged_at FROM token_ledger.runs
     WHERE run_id = coalesce($run, (SELECT max(run_id) FROM token_ledger.runs))`,
    { run: runId ?? null },
  );
  if (!run) {
    throw new AuditError(
      runId === undefined ? `${name}: no audit was recorded yet.` : `${name}: there is no run ${runId}.`,
    );
  }
  const accepted = Number(run.run_id);
  if (run.is_complete !== true) {
    throw new AuditError(
      `${name}: run ${accepted} is not complete, so what it missed would be new later. Accept a complete one with --run.`,
    );
  }
  await database.run(
    `INSERT INTO token_ledger.acceptances
     SELECT coalesce(max(acceptance_id), 0) + 1, $run, epoch_ms($now::BIGINT) FROM token_ledger.acceptances`,
    { run: accepted, now: Date.now() },
  );
  const [known] = await database.rows(
    `SELECT count(*)::INTEGER AS findings FROM token_ledger.observations o
     JOIN token_ledger.verdict_findings v USING (verdict_id) WHERE o.run_id = $run AND v.waiver_key IS NULL`,
    { run: accepted },
  );
  return { runId: accepted, judgedAt: String(run.judged_at), findings: Number(known?.findings) };
}

/**
 * What is known about each user: what the user had in the run that was accepted last, of those that read the user. To be
 * called inside {@link Ledger.read}.
 *
 * @returns `undefined` where no run was accepted.
 */
export async function acceptedFindings({ database }: Ledger): Promise<Baseline | undefined> {
  const [accepted] = await database.rows("SELECT 1 AS one FROM token_ledger.acceptances LIMIT 1");
  if (!accepted) return undefined;
  const rows = await database.rows(`
    WITH looked AS (
      SELECT o.verdict_id FROM token_ledger.acceptances a JOIN token_ledger.observations o USING (run_id)
      QUALIFY row_number() OVER (PARTITION BY o.user_id ORDER BY a.acceptance_id DESC) = 1
    )
    SELECT f.fingerprint, v.parts
    FROM looked JOIN token_ledger.verdict_findings v USING (verdict_id) JOIN token_ledger.findings f USING (finding_id)
    WHERE v.waiver_key IS NULL`);
  return toBaseline(
    rows.flatMap(({ fingerprint, parts }) => {
      const occurrences = parts === null ? [[]] : (JSON.parse(String(parts)) as string[][]);
      return occurrences.map((one) => ({ fingerprint: String(fingerprint), parts: one }));
    }),
  );
}
