import type { AuditClosing, AuditHeader } from "../audit/result";
import { digestOf } from "./digest";
import type { Database } from "./duckdb";
import { keepWhatIsNew } from "./keep";
import type { Ledger } from "./ledger";
import { insertMissing, insertObservations, type NewRun } from "./observe";

/** Whom an audit looked at. */
export type Scope = "everybody" | "selection" | "stack" | "unknown";

/** A run, apart from what it found. */
export interface RunFacts {
  readonly header: AuditHeader;
  readonly closing: AuditClosing;
  readonly scope: Scope;
  /** The same for the same audit. */
  readonly digest: string;
  /** Milliseconds since the epoch: after the last read, and now. */
  readonly finishedAt: number;
  /** The last run that was in the ledger when this one began; `undefined` for one that is imported. */
  readonly beganAfter?: number;
}

/** The outcome of recording a run. */
export interface Recorded {
  readonly runId: number;
  /** Whether it was in the ledger already, so that nothing was recorded. */
  readonly isKnown: boolean;
}

/** Turns what was collected into a run. To be called inside {@link Ledger.write}: it takes effect as a whole or not at all. */
export async function appendRun(
  { database, name }: Pick<Ledger, "database" | "name">,
  facts: RunFacts,
): Promise<Recorded> {
  const { header, closing, digest } = facts;
  const [found] = await database.rows(
    "SELECT max(run_id) FILTER (digest = $digest) AS known, coalesce(max(run_id), 0) + 1 AS next FROM token_ledger.runs",
    { digest },
  );
  if (found?.known != null) return { runId: Number(found.known), isKnown: true };
  const runId = Number(found?.next);
  await keepWhatIsNew(database, name);
  const isApi = header.source.kind === "api";
  const run = { runId, isLive: isApi && facts.beganAfter !== undefined, beganAfter: facts.beganAfter ?? 0 };
  await insertRun(database, facts, run);
  await insertObservations(database, run);
  if (facts.scope === "everybody" && isApi && closing.failures.length === 0) await insertMissing(database, run);
  return { runId, isKnown: false };
}

async function insertRun(database: Database, facts: RunFacts, { runId, isLive }: NewRun): Promise<void> {
  const { header, closing, scope, digest, finishedAt, beganAfter } = facts;
  const { summary } = closing;
  const judged = Date.parse(header.now);
  await database.run(
    `
    INSERT INTO token_ledger.runs BY NAME
    SELECT $run_id AS run_id, $digest AS digest, epoch_ms($recorded::BIGINT) AS recorded_at, epoch_ms($judged::BIGINT) AS judged_at,
      epoch_ms($finished::BIGINT) AS finished_at,
      -- Whatever the clock says: what was recorded when this run began is older.
      CASE WHEN $is_live THEN greatest(epoch_ms($judged::BIGINT),
        (SELECT max(greatest(r.order_at, r.finished_at)) + INTERVAL 1 MILLISECOND FROM token_ledger.runs r WHERE r.run_id <= $began_after))
        ELSE epoch_ms($judged::BIGINT) END AS order_at,
      $began_after AS began_after, $is_live AS is_live, $source AS source, $source_name AS source_name, $scope AS scope,
      (SELECT any_value(organization_id) FROM people WHERE kind = 'user' HAVING count(DISTINCT organization_id) = 1) AS organization_id,
      $is_complete AS is_complete, $version AS version, $config_file AS config_file, $settings_digest AS settings_digest,
      $fail_on_new AS fail_on_new, $users AS users, $tokens AS tokens, $mandatory AS mandatory, $advisory AS advisory, $waived AS waived,
      $known AS known, $failures AS failures, $exit_code AS exit_code`,
    {
      run_id: runId,
      digest,
      recorded: Date.now(),
      judged,
      finished: Math.max(finishedAt, judged),
      is_live: isLive,
      began_after: beganAfter ?? null,
      source: header.source.kind,
      source_name: header.source.name,
      scope,
      is_complete: closing.failures.length === 0,
      version: header.version,
      config_file: header.configFile ?? null,
      settings_digest: settingsDigest(header),
      fail_on_new: header.failOnNew,
      users: summary.users,
      tokens: summary.tokens,
      mandatory: summary.mandatory,
      advisory: summary.advisory,
      waived: summary.waived,
      known: summary.known,
      failures: summary.failures,
      exit_code: summary.exitCode,
    },
  );
  await database.run(`
    INSERT INTO token_ledger.run_failures SELECT ${runId}, subject, message FROM memory.main.stage_failures;
    INSERT INTO token_ledger.run_rules
    SELECT ${runId}, config_id FROM memory.main.stage_rules JOIN token_ledger.rule_configs USING (digest) ORDER BY ALL`);
}

/** Changes where the rules would judge otherwise: by other settings, at another level, or in another version. */
function settingsDigest({ rules, version }: AuditHeader): string {
  const own = rules.map(({ name, enforcementLevel, settings, groups }) => [
    ...[name, enforcementLevel, settings],
    ...(groups === undefined ? [] : [groups]),
  ]);
  return digestOf(version, own);
}
