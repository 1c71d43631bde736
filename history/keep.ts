import { AuditError } from "../audit/audit-error";
import type { Database } from "./duckdb";

/** The next numbers of a table's rows. */
export function numbered(table: string, id: string, order: string): string {
  return `(SELECT coalesce(max(${id}), 0) FROM token_ledger.${table}) + row_number() OVER (ORDER BY ${order})`;
}

/**
 * Adds what the ledger does not know yet: organizations, users, versions of tokens, states, findings, waivers, verdicts and
 * rules. The temporary table `people` then has everybody who was staged, with the numbers that the ledger has for them.
 *
 * @param name the ledger, as errors name it.
 * @throws AuditError where the audit may be of another organization than those before.
 */
export async function keepWhatIsNew(database: Database, name: string): Promise<void> {
  await database.run(USERS);
  await refuseAnotherOrganization(database, name);
  await database.run(STATES);
  await database.run(VERDICTS);
}

const USERS = `
  INSERT INTO token_ledger.organizations
  SELECT ${numbered("organizations", "organization_id", "n")}, api_url, organization
  FROM memory.main.stage_organizations s
  WHERE NOT EXISTS (FROM token_ledger.organizations o WHERE o.api_url = s.api_url AND o.organization = s.organization);

  CREATE OR REPLACE TEMP TABLE origins AS
  SELECT s.n AS origin, o.organization_id
  FROM memory.main.stage_organizations s JOIN token_ledger.organizations o USING (api_url, organization);

  INSERT INTO token_ledger.users
  SELECT ${numbered("users", "user_id", "n")}, organization_id, kind, username
  FROM (
    SELECT o.organization_id, s.kind, s.username, min(s.n) AS n
    FROM memory.main.stage_users s JOIN origins o USING (origin)
    WHERE NOT EXISTS (FROM token_ledger.users u WHERE u.organization_id = o.organization_id AND u.kind = s.kind AND u.username = s.username)
    GROUP BY ALL
  );

  CREATE OR REPLACE TEMP TABLE people AS
  SELECT s.* EXCLUDE (origin, username), u.user_id, u.organization_id
  FROM memory.main.stage_users s JOIN origins o USING (origin)
  JOIN token_ledger.users u ON u.organization_id = o.organization_id AND u.kind = s.kind AND u.username = s.username`;

/**
 * The API does not return an organization's name. Where nobody named it, a token that is known already proves that it is the
 * same one. Without any, another organization would show as one whose tokens were all revoked.
 */
async function refuseAnotherOrganization(database: Database, name: string): Promise<void> {
  const unnamed = await database.rows(`
    SELECT organization_id FROM token_ledger.organizations
    WHERE organization = '' AND organization_id IN (SELECT organization_id FROM people WHERE kind = 'user')`);
  const knows = async (tokens: string) => (await database.rows(`SELECT 1 AS one ${tokens} LIMIT 1`)).length > 0;
  for (const { organization_id: id } of unnamed) {
    const known = `FROM token_ledger.token_versions v JOIN token_ledger.users u USING (user_id) WHERE u.organization_id = ${Number(id)}`;
    if (await knows(`${known} AND v.token_id IN (SELECT token_id FROM memory.main.stage_tokens)`)) continue;
    if (await knows(known)) throw anotherOrganization(name);
  }
}

function anotherOrganization(name: string): AuditError {
  return new AuditError(
    `${name}: none of this audit's tokens is in this ledger, so it may be of another organization than the audits before. Nothing was recorded. Name the organization (MOTHERDUCK_ORGANIZATION), or use a ledger of its own.`,
  );
}

const STATES = `
  INSERT INTO token_ledger.token_versions
  SELECT ${numbered("token_versions", "version_id", "n, digest")}, user_id, digest,
    token_id, name, token_type, read_only, created_ts, expire_at, epoch_ms(created_ms), epoch_ms(expires_ms), description
  FROM (
    SELECT p.user_id, t.* FROM memory.main.stage_tokens t JOIN people p USING (n)
    WHERE NOT EXISTS (FROM token_ledger.token_versions v WHERE v.user_id = p.user_id AND v.digest = t.digest)
    QUALIFY row_number() OVER (PARTITION BY p.user_id, t.digest ORDER BY n) = 1
  );

  CREATE OR REPLACE TEMP TABLE new_states AS
  SELECT ${numbered("states", "state_id", "n")} AS state_id, s.*
  FROM (
    SELECT user_id, state, min(n) AS n, any_value(is_service_account) AS is_service_account, any_value(deprovisioned) AS deprovisioned,
      any_value(tokens) AS tokens, any_value(roles) AS roles
    FROM people p
    WHERE kind = 'user' AND NOT EXISTS (FROM token_ledger.states k WHERE k.user_id = p.user_id AND k.digest = p.state)
    GROUP BY user_id, state
  ) s;

  INSERT INTO token_ledger.states
  SELECT state_id, user_id, state, true, is_service_account, deprovisioned, tokens, roles FROM new_states;

  INSERT INTO token_ledger.state_tokens
  SELECT DISTINCT s.state_id, v.version_id FROM new_states s JOIN memory.main.stage_tokens t USING (n)
  JOIN token_ledger.token_versions v ON v.user_id = s.user_id AND v.digest = t.digest
  ORDER BY ALL`;

const VERDICTS = `
  INSERT INTO token_ledger.waivers
  SELECT ${numbered("waivers", "waiver_key", "digest")}, s.*
  FROM memory.main.stage_waivers s
  WHERE NOT EXISTS (FROM token_ledger.waivers w WHERE w.digest = s.digest);

  CREATE OR REPLACE TEMP TABLE new_verdicts AS
  SELECT ${numbered("verdicts", "verdict_id", "n")} AS verdict_id, s.*
  FROM (
    SELECT user_id, verdict, min(n) AS n FROM people p
    WHERE verdict IS NOT NULL AND NOT EXISTS (FROM token_ledger.verdicts k WHERE k.user_id = p.user_id AND k.digest = p.verdict)
    GROUP BY ALL
  ) s;

  INSERT INTO token_ledger.verdicts SELECT verdict_id, user_id, verdict FROM new_verdicts;

  INSERT INTO token_ledger.findings
  SELECT ${numbered("findings", "finding_id", "n, fingerprint")}, user_id, fingerprint, rule, severity, token_id, message
  FROM (
    SELECT v.user_id, f.* FROM memory.main.stage_findings f JOIN new_verdicts v USING (n)
    WHERE NOT EXISTS (FROM token_ledger.findings k WHERE k.user_id = v.user_id AND k.fingerprint = f.fingerprint)
    QUALIFY row_number() OVER (PARTITION BY v.user_id, f.fingerprint ORDER BY n) = 1
  );

  INSERT INTO token_ledger.verdict_findings
  SELECT DISTINCT v.verdict_id, f.finding_id, s.level, w.waiver_key, s.parts
  FROM new_verdicts v JOIN memory.main.stage_findings s USING (n)
  JOIN token_ledger.findings f ON f.user_id = v.user_id AND f.fingerprint = s.fingerprint
  LEFT JOIN token_ledger.waivers w ON w.digest = s.waiver
  ORDER BY ALL;

  INSERT INTO token_ledger.rule_configs
  SELECT ${numbered("rule_configs", "config_id", "n")}, s.* EXCLUDE (n)
  FROM memory.main.stage_rules s
  WHERE NOT EXISTS (FROM token_ledger.rule_configs c WHERE c.digest = s.digest)`;
