/**
 * The tables of a ledger. They are only ever added to, so that nothing that was recorded can be lost: what happened is found
 * by comparing observations, in the views. All instants are TIMESTAMPs in UTC. What is the same in many runs is kept once:
 * a run adds a row for each user, and more only where something changed.
 */
export const SCHEMA = "token_ledger";

/** What makes version N of the schema from version N - 1, in order. One that was released is never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE token_ledger.organizations (
    organization_id INTEGER NOT NULL,
    api_url VARCHAR NOT NULL,            -- '' if the evidence does not include it
    organization VARCHAR NOT NULL        -- '' where nobody named it
  );
  CREATE TABLE token_ledger.users (
    user_id INTEGER NOT NULL,
    organization_id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,               -- 'user'; 'audit' holds findings about a stack or the configuration
    username VARCHAR NOT NULL            -- for 'audit': source and scope
  );
  CREATE TABLE token_ledger.runs (
    run_id INTEGER NOT NULL,             -- in the order of recording
    digest VARCHAR NOT NULL,             -- the same for the same audit, whether it was recorded or imported
    recorded_at TIMESTAMP NOT NULL,      -- by the clock of the machine
    judged_at TIMESTAMP NOT NULL,        -- the audit's beginning
    finished_at TIMESTAMP NOT NULL,      -- after the last read
    order_at TIMESTAMP NOT NULL,         -- judged_at, but never before an earlier run that was over when this one began
    began_after INTEGER,                 -- the last run that was recorded when this one began; NULL for an imported one
    is_live BOOLEAN NOT NULL,            -- read from the API by the audit that recorded it
    source VARCHAR NOT NULL,             -- 'api', 'state', 'events'
    source_name VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,              -- 'everybody', 'selection', 'stack', 'unknown'
    organization_id INTEGER,             -- NULL where there were several, or none
    is_complete BOOLEAN NOT NULL,        -- nothing failed
    version VARCHAR NOT NULL,            -- of this package
    config_file VARCHAR,
    settings_digest VARCHAR NOT NULL,
    fail_on_new BOOLEAN NOT NULL,
    users INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    mandatory INTEGER NOT NULL,
    advisory INTEGER NOT NULL,
    waived INTEGER NOT NULL,
    known INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    exit_code INTEGER NOT NULL
  );
  CREATE TABLE token_ledger.run_failures (
    run_id INTEGER NOT NULL,
    subject VARCHAR NOT NULL,
    message VARCHAR NOT NULL
  );
  CREATE TABLE token_ledger.rule_configs (
    config_id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    settings VARCHAR NOT NULL,           -- JSON
    judges_as VARCHAR NOT NULL           -- the same for rules that find the same: settings and version, not the level
  );
  CREATE TABLE token_ledger.run_rules (
    run_id INTEGER NOT NULL,
    config_id INTEGER NOT NULL
  );
  CREATE TABLE token_ledger.token_versions (
    version_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    token_id VARCHAR NOT NULL,
    name VARCHAR,
    token_type VARCHAR NOT NULL,
    read_only BOOLEAN NOT NULL,
    created_ts VARCHAR NOT NULL,         -- as the API wrote it
    expire_at VARCHAR,                   -- as the API wrote it; NULL: never
    created_at TIMESTAMP,                -- NULL where created_ts is not a date
    expires_at TIMESTAMP,                -- NULL where expire_at is not a date, or absent
    description VARCHAR                  -- NULL: it has none
  );
  CREATE TABLE token_ledger.states (     -- what a user was seen to be and to hold
    state_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    is_listed BOOLEAN NOT NULL,          -- false: everybody was listed, and the user was not there
    is_service_account BOOLEAN,          -- NULL if the evidence does not include it
    deprovisioned VARCHAR,               -- 'yes', 'no', 'unknown'; NULL where evidence of this kind never tells
    tokens INTEGER NOT NULL,
    roles VARCHAR                        -- JSON; NULL if the evidence does not include it. Nothing here needs e-mail addresses
  );
  CREATE TABLE token_ledger.state_tokens (
    state_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL
  );
  CREATE TABLE token_ledger.waivers (
    waiver_key INTEGER NOT NULL,
    digest VARCHAR NOT NULL,
    waiver_id VARCHAR NOT NULL,
    owner VARCHAR,
    reason VARCHAR,
    expires VARCHAR NOT NULL,
    ticket VARCHAR
  );
  CREATE TABLE token_ledger.findings (
    finding_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    fingerprint VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,           -- as of the first run that had it
    token_id VARCHAR,
    message VARCHAR NOT NULL             -- as of the first run that had it
  );
  CREATE TABLE token_ledger.verdicts (   -- all findings about a user in one run
    verdict_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    digest VARCHAR NOT NULL
  );
  CREATE TABLE token_ledger.verdict_findings (
    verdict_id INTEGER NOT NULL,
    finding_id INTEGER NOT NULL,
    level VARCHAR NOT NULL,              -- 'mandatory', 'advisory'
    waiver_key INTEGER,                  -- NULL where it is not waived
    parts VARCHAR                        -- JSON: the parts of each occurrence, such as a token's id; NULL: it has none
  );
  CREATE TABLE token_ledger.observations ( -- that a user was read, or was not listed; who was neither has no row
    run_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    state_id INTEGER,                    -- NULL for 'audit'
    verdict_id INTEGER,                  -- NULL: no findings
    order_at TIMESTAMP NOT NULL,         -- tells which of a user's observations came first
    observed_at TIMESTAMP NOT NULL,      -- not before this instant, by the clock of the machine that read
    until_at TIMESTAMP NOT NULL,         -- and not after this one
    in_order BOOLEAN NOT NULL            -- false: nobody can tell whether another one came before, so it is not compared
  );
  CREATE TABLE token_ledger.acceptances ( -- runs whose findings are known from then on
    acceptance_id INTEGER NOT NULL,      -- in the order of accepting
    run_id INTEGER NOT NULL,
    accepted_at TIMESTAMP NOT NULL       -- by the clock of the machine
  );
  CREATE TABLE token_ledger.notices (    -- what a channel has accepted: it is not sent there again
    subject VARCHAR NOT NULL,            -- the same for a token with the same expiry; a finding's fingerprint
    kind VARCHAR NOT NULL,               -- 'expiring', 'expired', 'gone', 'finding'
    days INTEGER,                        -- for 'expiring': the threshold
    channel VARCHAR NOT NULL,            -- as the settings name it
    owner VARCHAR,                       -- NULL: nobody owns it, so it went to the fallback
    api_url VARCHAR NOT NULL,            -- '' if the evidence does not include it
    organization VARCHAR NOT NULL,       -- '' where nobody named it
    username VARCHAR,                    -- NULL for a finding about no user
    token_id VARCHAR,                    -- NULL for a finding about no token
    token_name VARCHAR,
    expire_at VARCHAR,                   -- as the API wrote it
    message_id VARCHAR NOT NULL,         -- the same for all notices of one message
    sent_at TIMESTAMP NOT NULL           -- by the clock of the machine
  );
  CREATE TABLE token_ledger.meta (
    format VARCHAR NOT NULL,             -- 'motherduck-tokens'
    schema_version INTEGER NOT NULL,
    views VARCHAR NOT NULL,              -- a digest of the views' text
    written_by VARCHAR NOT NULL          -- the version of this package
  );
  INSERT INTO token_ledger.meta VALUES ('motherduck-tokens', 1, '', '');
  `,
];
