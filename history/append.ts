import { AuditError } from "../audit/audit-error";
import type { AuditClosing, AuditHeader } from "../audit/result";
import { createHash } from "node:crypto";
import type { Database } from "./duckdb";
import type { Ledger } from "./ledger";

/** Whom an audit looked at. */
export type Scope = "everybody" | "selection" | "stack" | "unknown";

/** What a run is, besides what was found. */
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

/** What became of a run. */
export interface Recorded {
  readonly runId: number;
  /** Whether it was in the ledger already, so that nothing was recorded. */
  readonly isKnown: boolean;
}

/** Makes a run of what was collected. To be called inside of {@link Ledger.write}: it takes effect whole, or not at all. */
export async function appendRun(
  { database, name }: Pick<Ledger, "database" | "name">,
  facts: RunFacts,
): Promise<Recorded> {
  const { header, closing, digest } = facts;
  const [known] = await database.rows("SELECT run_id FROM token_ledger.runs WHERE digest = $digest", { digest });
  if (known) return { runId: Number(known.run_id), isKnown: true };
  const [next] = await database.rows("SELECT coalesce(max(run_id), 0) + 1 AS run_id FROM token_ledger.runs");
  const runId = Number(next?.run_id);
  await keepWhatIsNew(database);
  await refuseAnotherOrganization(database, name);
  const run = { runId, isLive: header.source.kind === "api" && facts.beganAfter !== undefined };
  await insertRun(database, facts, run);
  await insertObservations(database, run, facts.beganAfter);
  if (facts.scope === "everybody" && header.source.kind === "api" && closing.failures.length === 0) {
    await insertMissing(database, run, facts.beganAfter);
  }
  return { runId, isKnown: false };
}

/** Organizations, users, versions of tokens, states, findings, waivers and verdicts that the ledger does not know yet. */
async function keepWhatIsNew(database: Database): Promise<void> {
  await database.run(`
    INSERT INTO token_ledger.organizations
    SELECT (SELECT coalesce(max(organization_id), 0) FROM token_ledger.organizations) + row_number() OVER (ORDER BY api_url, organization),
      api_url, organization
    FROM (SELECT DISTINCT api_url, organization FROM memory.main.stage_users) s
    WHERE NOT EXISTS (FROM token_ledger.organizations o WHERE o.api_url = s.api_url AND o.organization = s.organization);

    INSERT INTO token_ledger.users
    SELECT (SELECT coalesce(max(user_id), 0) FROM token_ledger.users) + row_number() OVER (ORDER BY n), organization_id, kind, username
    FROM (
      SELECT o.organization_id, s.kind, s.username, min(s.n) AS n
      FROM memory.main.stage_users s JOIN token_ledger.organizations o USING (api_url, organization) GROUP BY ALL
    ) s
    WHERE NOT EXISTS (FROM token_ledger.users u WHERE u.organization_id = s.organization_id AND u.kind = s.kind AND u.username = s.username);

    CREATE OR REPLACE TEMP TABLE people AS
    SELECT s.*, u.user_id, u.organization_id FROM memory.main.stage_users s
    JOIN token_ledger.organizations o USING (api_url, organization)
    JOIN token_ledger.users u ON u.organization_id = o.organization_id AND u.kind = s.kind AND u.username = s.username;

    INSERT INTO token_ledger.token_versions
    SELECT (SELECT coalesce(max(version_id), 0) FROM token_ledger.token_versions) + row_number() OVER (ORDER BY n, digest), user_id, digest,
      token_id, name, token_type, read_only, created_ts, expire_at, epoch_ms(created_ms), epoch_ms(expires_ms)
    FROM (
      SELECT p.user_id, min(t.n) AS n, t.* EXCLUDE (n) FROM memory.main.stage_tokens t JOIN people p USING (n) GROUP BY ALL
    ) t
    WHERE NOT EXISTS (FROM token_ledger.token_versions v WHERE v.user_id = t.user_id AND v.digest = t.digest);

    CREATE OR REPLACE TEMP TABLE new_states AS
    SELECT (SELECT coalesce(max(state_id), 0) FROM token_ledger.states) + row_number() OVER (ORDER BY n) AS state_id, s.*
    FROM (
      SELECT user_id, state, min(n) AS n, any_value(is_service_account) AS is_service_account, any_value(deprovisioned) AS deprovisioned,
        any_value(tokens) AS tokens
      FROM people WHERE kind = 'user' GROUP BY user_id, state
    ) s
    WHERE NOT EXISTS (FROM token_ledger.states k WHERE k.user_id = s.user_id AND k.digest = s.state);

    INSERT INTO token_ledger.states
    SELECT state_id, user_id, state, true, is_service_account, deprovisioned, tokens FROM new_states;

    INSERT INTO token_ledger.state_tokens
    SELECT DISTINCT s.state_id, v.version_id FROM new_states s JOIN memory.main.stage_tokens t USING (n)
    JOIN token_ledger.token_versions v ON v.user_id = s.user_id AND v.digest = t.digest
    ORDER BY ALL;

    INSERT INTO token_ledger.waivers
    SELECT (SELECT coalesce(max(waiver_key), 0) FROM token_ledger.waivers) + row_number() OVER (ORDER BY digest), s.*
    FROM memory.main.stage_waivers s
    WHERE NOT EXISTS (FROM token_ledger.waivers w WHERE w.digest = s.digest);

    INSERT INTO token_ledger.findings
    SELECT (SELECT coalesce(max(finding_id), 0) FROM token_ledger.findings) + row_number() OVER (ORDER BY n, fingerprint), user_id, fingerprint,
      rule, severity, token_id, message
    FROM (
      SELECT p.user_id, f.fingerprint, min(f.n) AS n, any_value(f.rule) AS rule, any_value(f.severity) AS severity,
        any_value(f.token_id) AS token_id, any_value(f.message) AS message
      FROM memory.main.stage_findings f JOIN people p USING (n) GROUP BY p.user_id, f.fingerprint
    ) f
    WHERE NOT EXISTS (FROM token_ledger.findings k WHERE k.user_id = f.user_id AND k.fingerprint = f.fingerprint);

    CREATE OR REPLACE TEMP TABLE new_verdicts AS
    SELECT (SELECT coalesce(max(verdict_id), 0) FROM token_ledger.verdicts) + row_number() OVER (ORDER BY n) AS verdict_id, s.*
    FROM (SELECT user_id, verdict, min(n) AS n FROM people WHERE verdict IS NOT NULL GROUP BY ALL) s
    WHERE NOT EXISTS (FROM token_ledger.verdicts k WHERE k.user_id = s.user_id AND k.digest = s.verdict);

    INSERT INTO token_ledger.verdicts SELECT verdict_id, user_id, verdict FROM new_verdicts;

    INSERT INTO token_ledger.verdict_findings
    SELECT DISTINCT v.verdict_id, f.finding_id, s.level, w.waiver_key
    FROM new_verdicts v JOIN memory.main.stage_findings s USING (n)
    JOIN token_ledger.findings f ON f.user_id = v.user_id AND f.fingerprint = s.fingerprint
    LEFT JOIN token_ledger.waivers w ON w.digest = s.waiver
    ORDER BY ALL;

    INSERT INTO token_ledger.rule_configs
    SELECT (SELECT coalesce(max(config_id), 0) FROM token_ledger.rule_configs) + row_number() OVER (), s.*
    FROM memory.main.stage_rules s
    WHERE NOT EXISTS (FROM token_ledger.rule_configs c WHERE c.digest = s.digest);
  `);
}

/**
 * The API does not tell an organization's name. Where nobody named it, a token that is known already proves that it is the
 * same one. Without any, another organization would show as one whose tokens were all revoked.
 */
async function refuseAnotherOrganization(database: Database, name: string): Promise<void> {
  const [doubtful] = await database.rows(`
    SELECT o.api_url
    FROM token_ledger.organizations o
    WHERE o.organization = '' AND o.organization_id IN (SELECT organization_id FROM people WHERE kind = 'user')
      AND EXISTS (
        FROM token_ledger.token_versions v JOIN token_ledger.users u USING (user_id)
        WHERE u.organization_id = o.organization_id
          AND v.version_id IN (SELECT version_id FROM token_ledger.state_tokens JOIN token_ledger.observations USING (state_id)))
      AND NOT EXISTS (
        FROM memory.main.stage_tokens t JOIN people p USING (n)
        JOIN token_ledger.token_versions v ON v.token_id = t.token_id JOIN token_ledger.users u ON u.user_id = v.user_id
        WHERE p.organization_id = o.organization_id AND u.organization_id = o.organization_id
          AND v.version_id IN (SELECT version_id FROM token_ledger.state_tokens JOIN token_ledger.observations USING (state_id)))
    LIMIT 1`);
  if (!doubtful) return;
  throw new AuditError(
    `${name}: none of this audit's tokens is in this ledger, so it may be of another organization than the audits before. Nothing was recorded. Name the organization (MOTHERDUCK_ORGANIZATION), or use a ledger of its own.`,
  );
}

interface NewRun {
  readonly runId: number;
  readonly isLive: boolean;
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
  await database.run(
    "INSERT INTO token_ledger.run_failures SELECT $run_id, subject, message FROM memory.main.stage_failures",
    { run_id: runId },
  );
  await database.run(
    "INSERT INTO token_ledger.run_rules SELECT $run_id, config_id FROM memory.main.stage_rules JOIN token_ledger.rule_configs USING (digest) ORDER BY ALL",
    { run_id: runId },
  );
}

/** Changes where the rules would judge otherwise: by other settings, at another level, or in another version. */
function settingsDigest({ rules, version }: AuditHeader): string {
  const own = rules.map(({ name, enforcementLevel, settings }) => [name, enforcementLevel, settings]);
  return createHash("sha256")
    .update(JSON.stringify([version, own]))
    .digest("hex")
    .slice(0, 32);
}

/**
 * When evidence was read, as wall clocks tell it, is only good for evidence of files and imported reports, and where the
 * clock went back meanwhile it is not even for those.
 */
const CLOCK_WENT_BACK = `EXISTS (
  FROM token_ledger.runs c
  WHERE c.is_live AND c.judged_at <= p.order_at
    AND EXISTS (FROM token_ledger.runs e WHERE e.is_live AND e.run_id <= c.began_after AND e.judged_at > c.judged_at)
    AND NOT EXISTS (
      FROM token_ledger.runs n
      WHERE n.is_live AND n.run_id > c.run_id AND n.judged_at <= p.order_at
        AND NOT EXISTS (FROM token_ledger.runs e WHERE e.is_live AND e.run_id <= n.began_after AND e.judged_at > n.judged_at)))`;

async function insertObservations(
  database: Database,
  { runId, isLive }: NewRun,
  beganAfter: number | undefined,
): Promise<void> {
  await database.run(
    `
    CREATE OR REPLACE TEMP TABLE placed AS
    SELECT p.user_id, p.kind, p.n,
      CASE WHEN $is_live OR p.kind = 'audit' OR p.fetched_ms IS NULL THEN r.order_at ELSE epoch_ms(p.fetched_ms) END AS order_at,
      CASE WHEN $is_live OR p.kind = 'audit' OR p.fetched_ms IS NULL THEN r.judged_at ELSE epoch_ms(p.fetched_ms) END AS observed_at,
      CASE WHEN $is_live THEN r.finished_at WHEN p.kind = 'audit' OR p.fetched_ms IS NULL THEN r.judged_at ELSE epoch_ms(p.fetched_ms) END AS until_at,
      -- What is dated later than it was judged has a wrong clock.
      p.kind = 'audit' OR (p.fetched_ms IS NOT NULL AND epoch_ms(p.fetched_ms) <= r.judged_at) AS is_dated,
      s.state_id, v.verdict_id,
      count(DISTINCT p.state) OVER (PARTITION BY p.user_id) > 1 AS is_contradictory
    FROM people p
    JOIN token_ledger.runs r ON r.run_id = $run_id
    LEFT JOIN token_ledger.states s ON s.user_id = p.user_id AND s.digest = p.state
    LEFT JOIN token_ledger.verdicts v ON v.user_id = p.user_id AND v.digest = p.verdict
    -- Two resources can hold the same user.
    QUALIFY row_number() OVER (PARTITION BY p.user_id ORDER BY p.fetched_ms DESC NULLS LAST, p.n DESC) = 1`,
    { run_id: runId, is_live: isLive },
  );
  await database.run(
    `
    INSERT INTO token_ledger.observations
    SELECT $run_id, p.user_id, p.state_id, p.verdict_id, p.order_at, p.observed_at, p.until_at,
      NOT p.is_contradictory AND p.is_dated AND CASE
        WHEN $is_live
        -- Who reads at the same time sees things in an order that nobody knows.
        THEN NOT EXISTS (FROM token_ledger.observations x WHERE x.user_id = p.user_id AND x.in_order AND x.run_id > $began_after)
        ELSE NOT (${CLOCK_WENT_BACK}) AND NOT EXISTS (
          FROM token_ledger.observations x
          WHERE x.user_id = p.user_id AND x.in_order AND p.order_at >= least(x.order_at, x.observed_at) AND p.order_at <= greatest(x.order_at, x.until_at))
      END
    FROM placed p ORDER BY p.n`,
    { run_id: runId, is_live: isLive, began_after: beganAfter ?? 0 },
  );
}

/** Who is known to be in the organization, and is not in a complete list of everybody, is there no more. */
async function insertMissing(
  database: Database,
  { runId, isLive }: NewRun,
  beganAfter: number | undefined,
): Promise<void> {
  await database.run(
    `
    CREATE OR REPLACE TEMP TABLE missing AS
    SELECT p.user_id, p.order_at, p.judged_at, p.finished_at
    FROM (
      SELECT u.user_id, r.order_at, r.judged_at, r.finished_at,
        arg_max(o.state_id, o.order_at) FILTER (o.order_at < r.order_at) AS state_id,
        max(o.run_id) AS last_run, bool_or(r.order_at BETWEEN o.order_at AND o.until_at) AS is_overlapping
      FROM token_ledger.runs r
      JOIN token_ledger.users u ON u.organization_id = r.organization_id AND u.kind = 'user'
      JOIN token_ledger.observations o ON o.user_id = u.user_id AND o.in_order
      WHERE r.run_id = $run_id
      GROUP BY ALL
    ) p JOIN token_ledger.states s USING (state_id)
    WHERE s.is_listed AND NOT EXISTS (FROM token_ledger.observations o WHERE o.run_id = $run_id AND o.user_id = p.user_id)
      AND CASE WHEN $is_live THEN p.last_run <= $began_after ELSE NOT p.is_overlapping AND NOT (${CLOCK_WENT_BACK}) END`,
    { run_id: runId, is_live: isLive, began_after: beganAfter ?? 0 },
  );
  await database.run(`
    INSERT INTO token_ledger.states
    SELECT (SELECT coalesce(max(state_id), 0) FROM token_ledger.states) + row_number() OVER (ORDER BY user_id), user_id, 'gone', false, NULL, NULL, 0
    FROM missing m WHERE NOT EXISTS (FROM token_ledger.states s WHERE s.user_id = m.user_id AND NOT s.is_listed)`);
  await database.run(
    `
    INSERT INTO token_ledger.observations
    SELECT $run_id, m.user_id, s.state_id, NULL, m.order_at, m.judged_at, m.finished_at, true
    FROM missing m JOIN token_ledger.states s ON s.user_id = m.user_id AND NOT s.is_listed ORDER BY m.user_id`,
    { run_id: runId },
  );
}

/**
 * Imported reports may be older than what the ledger has. Who they show was missing from complete runs that came after them,
 * before anybody knew that there was someone to miss.
 */
export async function settleMissing(database: Database): Promise<void> {
  await database.run(`
    CREATE OR REPLACE TEMP TABLE missing AS
    SELECT u.user_id, r.run_id, r.order_at, r.judged_at, r.finished_at
    FROM token_ledger.users u
    JOIN token_ledger.runs r ON r.organization_id = u.organization_id
    ASOF JOIN (FROM token_ledger.observations WHERE in_order) o ON o.user_id = u.user_id AND o.order_at < r.order_at
    JOIN token_ledger.states s ON s.state_id = o.state_id
    JOIN token_ledger.runs l ON l.run_id = o.run_id
    -- What overlaps has no order.
    WHERE o.until_at < r.order_at AND NOT (r.is_live AND l.is_live AND l.run_id > r.began_after)
      AND u.kind = 'user' AND r.scope = 'everybody' AND r.source = 'api' AND r.is_complete AND s.is_listed
      AND NOT EXISTS (FROM token_ledger.observations x WHERE x.run_id = r.run_id AND x.user_id = u.user_id)
    QUALIFY row_number() OVER (PARTITION BY u.user_id, o.order_at ORDER BY r.order_at) = 1;

    INSERT INTO token_ledger.states
    SELECT (SELECT coalesce(max(state_id), 0) FROM token_ledger.states) + row_number() OVER (ORDER BY user_id), user_id, 'gone', false, NULL, NULL, 0
    FROM (SELECT DISTINCT user_id FROM missing) m WHERE NOT EXISTS (FROM token_ledger.states s WHERE s.user_id = m.user_id AND NOT s.is_listed);

    INSERT INTO token_ledger.observations
    SELECT m.run_id, m.user_id, s.state_id, NULL, m.order_at, m.judged_at, m.finished_at, true
    FROM missing m JOIN token_ledger.states s ON s.user_id = m.user_id AND NOT s.is_listed ORDER BY m.run_id, m.user_id`);
}
