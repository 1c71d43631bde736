/** A question that a ledger answers. */
export interface View {
  readonly name: string;
  /** What its rows are, in a sentence or two; `docs/history.md` has it, too. */
  readonly description: string;
  /** Whether only the other views use it. */
  readonly isInner?: true;
  readonly sql: string;
}

/** How long before its expiry a token's end is not called a revocation: clocks of different machines differ. */
const CLOCK_MARGIN = "INTERVAL 15 MINUTE";

/** Which of these a user's evidence is of; rules that look at it find nothing where it is unknown. */
const shapeOf = (state: string) =>
  `(CASE WHEN ${state}.deprovisioned IN ('yes', 'no') THEN 'known' ELSE coalesce(${state}.deprovisioned, 'absent') END || (${state}.is_service_account IS NULL) || (${state}.roles IS NULL))`;

/** From the first to the last of consecutive sightings of a user that saw the same. */
function spansOf(what: "state" | "verdict", where: string): string {
  const id = `${what}_id`;
  return `
      WITH last_sighting AS (SELECT user_id, run_id, observed_at FROM token_ledger.sightings WHERE is_last)
      SELECT c.user_id, c.${id}, c.previous_${what}, c.run_id AS first_run, c.order_at AS from_order,
        c.observed_at AS first_at, c.until_at AS first_until, c.previous_run, c.previous_at,
        coalesce(lead(c.previous_run) OVER w, l.run_id) AS last_run,
        coalesce(lead(c.previous_at) OVER w, l.observed_at) AS last_at,
        lead(c.run_id) OVER w AS next_run, lead(c.order_at) OVER w AS to_order,
        lead(c.observed_at) OVER w AS next_at, lead(c.until_at) OVER w AS next_until,
        lead(c.${id}) OVER w AS next_${what}
      FROM token_ledger.sightings c JOIN last_sighting l USING (user_id)
      WHERE ${where} AND (c.previous_run IS NULL OR c.${id} IS DISTINCT FROM c.previous_${what})
      WINDOW w AS (PARTITION BY c.user_id ORDER BY c.order_at)`;
}

/**
 * `totals`: how many spans there are of each kind, from each moment on. Runs are few and spans are many, so what begins and
 * ends is added up.
 */
function totalsOf(spans: string, kind: string): string {
  return `edges AS (
        SELECT ${kind}, moment, sum(number) AS number FROM (
          SELECT ${kind}, from_order AS moment, 1 AS number FROM ${spans}
          UNION ALL SELECT ${kind}, to_order, -1 FROM ${spans} WHERE to_order IS NOT NULL
        ) GROUP BY ALL
      ),
      totals AS (SELECT ${kind}, moment, sum(number) OVER (PARTITION BY ${kind} ORDER BY moment) AS total FROM edges)`;
}

/** In the order in which they can be made. */
export const VIEWS: readonly View[] = [
  {
    name: "run_clocks",
    isInner: true,
    description:
      "Whether a run's clock is credible: it is not if an earlier run has a later time, or a later run an earlier one.",
    sql: `
      SELECT r.run_id,
        EXISTS (FROM token_ledger.runs p WHERE p.is_live AND r.is_live AND p.run_id <= r.began_after AND p.judged_at > r.judged_at)
        OR EXISTS (FROM token_ledger.runs n WHERE n.is_live AND r.is_live AND n.began_after >= r.run_id AND n.judged_at < r.judged_at)
        AS is_doubtful
      FROM token_ledger.runs r`,
  },
  {
    name: "sightings",
    isInner: true,
    description: "Each observation whose place in time is certain, with the user's previous one.",
    sql: `
      SELECT user_id, run_id, state_id, verdict_id, order_at, observed_at, until_at,
        lag(run_id) OVER w AS previous_run, lag(state_id) OVER w AS previous_state,
        lag(verdict_id) OVER w AS previous_verdict, lag(observed_at) OVER w AS previous_at,
        lead(run_id) OVER w IS NULL AS is_last
      FROM token_ledger.observations
      WHERE in_order
      WINDOW w AS (PARTITION BY user_id ORDER BY order_at, run_id)`,
  },
  {
    name: "state_spans",
    isInner: true,
    description: "What a user held, from the first to the last of consecutive sightings of the same tokens.",
    sql: spansOf("state", "c.state_id IS NOT NULL"),
  },
  {
    name: "token_spans",
    isInner: true,
    description: "One version of a token (a name, a type, dates), from its first to its last consecutive sighting.",
    sql: `
      WITH spans AS MATERIALIZED (FROM token_ledger.state_spans),
      held AS (
        SELECT s.user_id, s.first_run, s.from_order, s.first_at, s.first_until, s.previous_run, s.previous_at, s.previous_state,
          s.last_run, s.last_at, s.next_run, s.to_order, s.next_at, s.next_until, s.next_state, v.token_id, t.version_id
        FROM spans s JOIN token_ledger.state_tokens t USING (state_id) JOIN token_ledger.token_versions v USING (version_id)
      ),
      marked AS (
        SELECT *,
          lag(version_id) OVER w IS NOT DISTINCT FROM version_id AND lag(next_run) OVER w IS NOT DISTINCT FROM first_run AS continues
        FROM held WINDOW w AS (PARTITION BY user_id, token_id ORDER BY from_order)
      ),
      islands AS (
        SELECT *, count(*) FILTER (NOT continues) OVER (PARTITION BY user_id, token_id ORDER BY from_order) AS island FROM marked
      ),
      whole AS (
        SELECT user_id, token_id, any_value(version_id) AS version_id,
          min(from_order) AS from_order, arg_min(first_run, from_order) AS first_run, arg_min(first_at, from_order) AS first_at,
          arg_min(first_until, from_order) AS first_until,
          first(previous_run ORDER BY from_order) AS previous_run, first(previous_at ORDER BY from_order) AS previous_at,
          first(previous_state ORDER BY from_order) AS previous_state,
          last(last_run ORDER BY from_order) AS last_run, last(last_at ORDER BY from_order) AS last_at,
          last(next_run ORDER BY from_order) AS next_run, last(to_order ORDER BY from_order) AS to_order,
          last(next_at ORDER BY from_order) AS next_at, last(next_until ORDER BY from_order) AS next_until,
          last(next_state ORDER BY from_order) AS next_state
        FROM islands GROUP BY user_id, token_id, island
      )
      SELECT *,
        lag(next_run) OVER w IS NOT DISTINCT FROM first_run AND lag(version_id) OVER w IS NOT NULL AS is_changed,
        lag(version_id) OVER w AS version_before,
        lead(first_run) OVER w IS NOT DISTINCT FROM next_run AND next_run IS NOT NULL AS is_changed_next
      FROM whole WINDOW w AS (PARTITION BY user_id, token_id ORDER BY from_order)`,
  },
  {
    name: "tokens",
    description:
      "Every token ever seen, in its last known state: the first and the last run that saw it, and, if it ended, the runs between which it did. A token that came back after its end has a row for each time.",
    sql: `
      WITH spans AS MATERIALIZED (FROM token_ledger.token_spans),
      grouped AS (
        SELECT *, count(*) FILTER (NOT is_changed) OVER (PARTITION BY user_id, token_id ORDER BY from_order) AS life FROM spans
      ),
      lives AS (
        SELECT user_id, token_id, life, last(version_id ORDER BY from_order) AS version_id,
          first(first_run ORDER BY from_order) AS first_seen_run, first(first_at ORDER BY from_order) AS first_seen_at,
          first(previous_run ORDER BY from_order) AS not_seen_run,
          last(last_run ORDER BY from_order) AS last_seen_run, last(last_at ORDER BY from_order) AS last_seen_at,
          last(next_run ORDER BY from_order) AS ended_by_run, last(next_until ORDER BY from_order) AS ended_by_at,
          last(next_at ORDER BY from_order) AS missed_at, last(next_state ORDER BY from_order) AS next_state
        FROM grouped GROUP BY user_id, token_id, life
      )
      SELECT o.api_url, o.organization, u.username, l.token_id, v.name, v.token_type, v.read_only, v.created_at, v.expires_at,
        v.created_ts, v.expire_at, s.is_service_account, s.deprovisioned,
        l.first_seen_run, l.first_seen_at, l.last_seen_run, l.last_seen_at, l.ended_by_run, l.ended_by_at,
        CASE
          WHEN l.ended_by_run IS NULL THEN NULL
          WHEN NOT n.is_listed THEN 'holder_gone'
          WHEN n.deprovisioned = 'yes' THEN 'ended'
          WHEN v.expires_at IS NULL AND v.expire_at IS NULL THEN 'revoked'
          WHEN v.expires_at IS NULL OR c.is_doubtful OR p.is_doubtful THEN 'ended'
          -- The run that saw it last dates itself before the token's creation: its clock was behind.
          WHEN v.created_at > last_sighting.until_at + ${CLOCK_MARGIN} THEN 'ended'
          WHEN v.expires_at <= l.last_seen_at THEN 'removed'
          WHEN v.expires_at > l.ended_by_at + ${CLOCK_MARGIN} THEN 'revoked'
          ELSE 'ended'
        END AS ended_as,
        l.ended_by_run IS NULL AS is_current, l.user_id, l.not_seen_run, v.description, s.roles
      FROM lives l
      JOIN token_ledger.token_versions v USING (version_id)
      JOIN token_ledger.users u ON u.user_id = l.user_id
      JOIN token_ledger.organizations o USING (organization_id)
      JOIN token_ledger.sightings last_sighting ON last_sighting.user_id = l.user_id AND last_sighting.run_id = l.last_seen_run
      JOIN token_ledger.states s ON s.state_id = last_sighting.state_id
      LEFT JOIN token_ledger.states n ON n.state_id = l.next_state
      LEFT JOIN token_ledger.run_clocks c ON c.run_id = l.ended_by_run
      LEFT JOIN token_ledger.run_clocks p ON p.run_id = l.last_seen_run`,
  },
  {
    name: "current_tokens",
    description:
      "The tokens that each user held when last read, at `as_of`. A user who could not be read since then may hold others.",
    sql: `
      SELECT api_url, organization, username, token_id, name, token_type, read_only, created_at, expires_at, is_service_account,
        deprovisioned, first_seen_at, last_seen_at AS as_of, last_seen_run AS as_of_run, description, roles
      FROM token_ledger.tokens WHERE is_current`,
  },
  {
    name: "events",
    description:
      "What happened to tokens and users. Each event names the window in which it happened: after the run `after_run`, and seen by the run `run_id`; `after_run` is empty if no earlier run had looked. The other columns show the token after the event.",
    sql: `
      WITH spans AS MATERIALIZED (FROM token_ledger.token_spans),
      lives AS MATERIALIZED (FROM token_ledger.tokens),
      user_spans AS MATERIALIZED (FROM token_ledger.state_spans),
      births AS (
        SELECT s.first_run AS run_id, s.previous_run AS after_run, s.previous_at AS after_at, s.first_until AS by_at,
          CASE
            WHEN s.version_before IS NOT NULL THEN 'seen_again'
            WHEN s.previous_run IS NOT NULL AND p.is_listed AND v.created_at > s.previous_at THEN 'created'
            ELSE 'first_seen'
          END AS event,
          s.user_id, s.version_id, NULL::VARCHAR AS successor_id, NULL::VARCHAR AS before
        FROM spans s JOIN token_ledger.token_versions v USING (version_id)
        LEFT JOIN token_ledger.states p ON p.state_id = s.previous_state
        WHERE NOT s.is_changed
      ),
      changes AS (
        SELECT s.first_run AS run_id, s.previous_run AS after_run, s.previous_at AS after_at, s.first_until AS by_at,
          unnest(list_filter([
            CASE WHEN v.name IS DISTINCT FROM b.name THEN {'event': 'renamed', 'before': b.name} END,
            CASE WHEN (v.token_type, v.read_only, v.created_ts, v.expire_at) IS DISTINCT FROM (b.token_type, b.read_only, b.created_ts, b.expire_at)
              THEN {'event': 'changed', 'before': concat_ws(', ', b.token_type, CASE WHEN b.read_only THEN 'read only' END,
                'created ' || b.created_ts, coalesce('expires ' || b.expire_at, 'never expires'))} END
          ], lambda x: x IS NOT NULL)) AS what, s.user_id, s.version_id
        FROM spans s JOIN token_ledger.token_versions v USING (version_id)
        JOIN token_ledger.token_versions b ON b.version_id = s.version_before
        WHERE s.is_changed
      ),
      deaths AS (
        SELECT l.ended_by_run AS run_id, l.last_seen_run AS after_run, l.last_seen_at AS after_at, l.ended_by_at AS by_at,
          l.ended_as AS event, l.user_id, s.version_id, l.token_id, v.name, v.token_type, v.created_at
        FROM lives l JOIN spans s ON s.user_id = l.user_id AND s.token_id = l.token_id AND s.next_run = l.ended_by_run AND NOT s.is_changed_next
        JOIN token_ledger.token_versions v USING (version_id)
        WHERE l.ended_by_run IS NOT NULL
      ),
      -- The same name and type, made later, and held when the other one was not there any more.
      successors AS (
        SELECT d.run_id, d.version_id, arg_max(v.token_id, v.created_at) AS successor_id
        FROM deaths d
        JOIN token_ledger.sightings g ON g.user_id = d.user_id AND g.run_id = d.run_id
        JOIN token_ledger.state_tokens t ON t.state_id = g.state_id
        JOIN token_ledger.token_versions v ON v.version_id = t.version_id
        WHERE v.name = d.name AND v.token_type = d.token_type AND v.token_id <> d.token_id AND v.created_at > d.created_at
        GROUP BY ALL
      ),
      -- Still listed after its date: the one case in which the moment is certain.
      expiries AS (
        SELECT g.run_id, g.previous_run AS after_run, g.previous_at AS after_at, g.until_at AS by_at, s.user_id, s.version_id
        FROM spans s JOIN token_ledger.token_versions v USING (version_id)
        JOIN token_ledger.sightings g ON g.user_id = s.user_id AND g.order_at >= s.from_order AND (s.to_order IS NULL OR g.order_at < s.to_order)
        JOIN token_ledger.run_clocks c ON c.run_id = g.run_id
        JOIN token_ledger.run_clocks p ON p.run_id = g.previous_run
        WHERE v.expires_at > s.first_at AND v.expires_at <= s.last_at
          AND v.expires_at > g.previous_at AND v.expires_at <= g.observed_at AND NOT c.is_doubtful AND NOT p.is_doubtful
      ),
      people AS (
        SELECT s.first_run AS run_id, s.previous_run AS after_run, s.previous_at AS after_at, s.first_until AS by_at,
          CASE
            WHEN s.previous_run IS NULL THEN 'user_first_seen'
            WHEN NOT n.is_listed THEN 'user_gone'
            WHEN NOT p.is_listed THEN 'user_returned'
            WHEN p.deprovisioned = 'no' AND n.deprovisioned = 'yes' THEN 'user_deprovisioned'
            WHEN p.deprovisioned = 'yes' AND n.deprovisioned = 'no' THEN 'user_reinstated'
          END AS event, s.user_id
        FROM user_spans s JOIN token_ledger.states n ON n.state_id = s.state_id
        LEFT JOIN token_ledger.states p ON p.state_id = s.previous_state
      ),
      everything AS (
        SELECT run_id, after_run, after_at, by_at, event, user_id, version_id, successor_id, before FROM births
        UNION ALL SELECT run_id, after_run, after_at, by_at, what.event, user_id, version_id, NULL, what.before FROM changes
        UNION ALL SELECT run_id, after_run, after_at, by_at, event, user_id, version_id, NULL, NULL FROM deaths
        UNION ALL SELECT d.run_id, after_run, after_at, by_at, 'replaced', user_id, d.version_id, s.successor_id, NULL
          FROM deaths d JOIN successors s ON s.run_id = d.run_id AND s.version_id = d.version_id
        UNION ALL SELECT run_id, after_run, after_at, by_at, 'expired', user_id, version_id, NULL, NULL FROM expiries
        UNION ALL SELECT run_id, after_run, after_at, by_at, event, user_id, NULL, NULL, NULL FROM people WHERE event IS NOT NULL
      )
      SELECT e.event, o.api_url, o.organization, u.username, v.token_id, v.name, v.token_type, v.read_only, v.created_at,
        v.expires_at, v.created_ts, v.expire_at, e.successor_id, e.before, e.after_run, e.run_id, e.after_at, e.by_at
      FROM everything e
      JOIN token_ledger.users u USING (user_id)
      JOIN token_ledger.organizations o USING (organization_id)
      LEFT JOIN token_ledger.token_versions v ON v.version_id = e.version_id`,
  },
  {
    name: "verdict_spans",
    isInner: true,
    description:
      "The findings about a user, from the first to the last of consecutive sightings with the same findings.",
    sql: spansOf("verdict", "true"),
  },
  {
    name: "finding_spans",
    isInner: true,
    description: "A finding with one level and one waiver, from its first to its last consecutive sighting.",
    sql: `
      WITH spans AS MATERIALIZED (FROM token_ledger.verdict_spans),
      held AS (
        SELECT s.*, f.finding_id, f.level, f.waiver_key
        FROM spans s JOIN token_ledger.verdict_findings f USING (verdict_id)
      ),
      marked AS (
        SELECT *, lag(next_run) OVER w IS NOT DISTINCT FROM first_run AND lag(finding_id) OVER w IS NOT NULL AS continues
        FROM held WINDOW w AS (PARTITION BY finding_id ORDER BY from_order)
      )
      SELECT *, count(*) FILTER (NOT continues) OVER (PARTITION BY finding_id ORDER BY from_order) AS episode FROM marked`,
  },
  {
    name: "judging",
    isInner: true,
    description: "How each rule judged in each run.",
    sql: `
      SELECT r.run_id, c.rule, c.judges_as, c.level, n.source, n.judged_at, k.is_doubtful
      FROM token_ledger.run_rules r JOIN token_ledger.rule_configs c USING (config_id)
      JOIN token_ledger.runs n USING (run_id) JOIN token_ledger.run_clocks k USING (run_id)`,
  },
  {
    name: "findings_over_time",
    description:
      "Every finding: when it was opened, the first and the last run that saw it, whether it is waived and by whom, and how it ended. A finding that came back has a row for each time. `closed_as` is `fixed` only if the same rule with the same settings judged the same kind of evidence again; otherwise `not_comparable` or `user_gone`.",
    sql: `
      WITH episodes AS MATERIALIZED (
        SELECT finding_id, any_value(user_id) AS user_id, episode,
          first(first_run ORDER BY from_order) AS first_seen_run, first(first_at ORDER BY from_order) AS first_seen_at,
          first(previous_run ORDER BY from_order) AS before_run, first(previous_at ORDER BY from_order) AS before_at,
          last(last_run ORDER BY from_order) AS last_seen_run, last(last_at ORDER BY from_order) AS last_seen_at,
          last(next_run ORDER BY from_order) AS closed_by_run, last(next_until ORDER BY from_order) AS closed_by_at,
          last(level ORDER BY from_order) AS level, last(waiver_key ORDER BY from_order) AS waiver_key
        FROM token_ledger.finding_spans GROUP BY finding_id, episode
      ),
      shapes AS (
        SELECT g.user_id, g.run_id, coalesce(s.is_listed, true) AS is_listed, coalesce(${shapeOf("s")}, '') AS shape
        FROM token_ledger.observations g LEFT JOIN token_ledger.states s USING (state_id)
        WHERE g.in_order
      ),
      edges AS (
        SELECT finding_id, episode, user_id, 'open' AS edge, before_run AS from_run, first_seen_run AS to_run FROM episodes WHERE before_run IS NOT NULL
        UNION ALL
        SELECT finding_id, episode, user_id, 'close', last_seen_run, closed_by_run FROM episodes WHERE closed_by_run IS NOT NULL
      ),
      -- Whether the rule would have found the same in both runs, had nothing changed. It would not where its settings, the
      -- version, or the kind of evidence differ, or a clock went back. DuckDB does not change the order of left joins, and of
      -- others it takes one here that is a thousand times as slow.
      alike AS MATERIALIZED (
        SELECT e.finding_id, e.episode, e.edge, y.is_listed,
          x.is_listed AND y.is_listed AND x.shape = y.shape
          AND a.judges_as = b.judges_as AND (a.level = 'disabled') = (b.level = 'disabled') AND a.source = b.source
          AND a.judged_at <= b.judged_at AND NOT a.is_doubtful AND NOT b.is_doubtful AS is_alike
        FROM edges e
        LEFT JOIN token_ledger.findings f ON f.finding_id = e.finding_id
        LEFT JOIN shapes x ON x.user_id = e.user_id AND x.run_id = e.from_run
        LEFT JOIN shapes y ON y.user_id = e.user_id AND y.run_id = e.to_run
        LEFT JOIN token_ledger.judging a ON a.run_id = e.from_run AND a.rule = f.rule
        LEFT JOIN token_ledger.judging b ON b.run_id = e.to_run AND b.rule = f.rule
      )
      SELECT o.api_url, o.organization, CASE WHEN u.kind = 'user' THEN u.username END AS username, f.rule, f.severity, e.level,
        f.token_id, f.fingerprint, f.message,
        CASE
          WHEN e.before_run IS NULL THEN 'first_seen'
          WHEN coalesce(opened.is_alike, false) THEN 'new'
          ELSE 'not_comparable'
        END AS opened_as,
        e.before_run AS opened_after_run, e.before_at AS opened_after_at,
        e.first_seen_run, e.first_seen_at, e.last_seen_run, e.last_seen_at,
        CASE
          WHEN e.closed_by_run IS NULL THEN NULL
          WHEN NOT closed.is_listed THEN 'user_gone'
          WHEN coalesce(closed.is_alike, false) THEN 'fixed'
          ELSE 'not_comparable'
        END AS closed_as,
        e.closed_by_run, e.closed_by_at, w.waiver_id, w.owner AS waiver_owner, w.reason AS waiver_reason, w.expires AS waiver_expires,
        e.closed_by_run IS NULL AS is_open, w.waiver_id IS NOT NULL AS is_waived, e.user_id
      FROM episodes e
      JOIN token_ledger.findings f USING (finding_id)
      JOIN token_ledger.users u ON u.user_id = e.user_id
      JOIN token_ledger.organizations o USING (organization_id)
      LEFT JOIN token_ledger.waivers w USING (waiver_key)
      LEFT JOIN alike opened ON opened.finding_id = e.finding_id AND opened.episode = e.episode AND opened.edge = 'open'
      LEFT JOIN alike closed ON closed.finding_id = e.finding_id AND closed.episode = e.episode AND closed.edge = 'close'`,
  },
  {
    name: "open_findings",
    description:
      "The findings that each user had when last read, including waived ones, with their age: at least `days_open`, since `open_since`.",
    sql: `
      SELECT api_url, organization, username, rule, severity, level, token_id, message, is_waived, waiver_id, waiver_owner, waiver_expires,
        first_seen_at AS open_since, first_seen_run AS open_since_run, last_seen_at AS as_of, last_seen_run AS as_of_run,
        date_diff('day', first_seen_at, last_seen_at)::INTEGER AS days_open, opened_as, fingerprint
      FROM token_ledger.findings_over_time WHERE is_open`,
  },
  {
    name: "time_to_fix",
    description:
      "Each finding that was fixed, and how long that took: `at_least_days` from its first to its last sighting, `at_most_days` from the run before the first sighting to the run that no longer found it (empty if no earlier run had looked).",
    sql: `
      SELECT api_url, organization, username, rule, severity, level, token_id, first_seen_at, last_seen_at, closed_by_at,
        date_diff('second', first_seen_at, last_seen_at) / 86400 AS at_least_days,
        date_diff('second', opened_after_at, closed_by_at) / 86400 AS at_most_days,
        first_seen_run, last_seen_run, closed_by_run
      FROM token_ledger.findings_over_time WHERE closed_as = 'fixed'`,
  },
  {
    name: "run_coverage",
    description:
      "For each run and organization: how many of the users known by then were read, and how many were not. The trends carry on the last known state of the latter.",
    sql: `
      WITH points AS (
        SELECT DISTINCT o.run_id, u.organization_id FROM token_ledger.observations o JOIN token_ledger.users u USING (user_id) WHERE u.kind = 'user'
        UNION SELECT run_id, organization_id FROM token_ledger.runs WHERE organization_id IS NOT NULL
      ),
      seen AS (
        SELECT o.run_id, u.organization_id, count(*) AS users_read
        FROM token_ledger.observations o JOIN token_ledger.users u USING (user_id) JOIN token_ledger.states s USING (state_id)
        WHERE s.is_listed GROUP BY ALL
      ),
      spans AS (
        SELECT u.organization_id, t.from_order, t.to_order
        FROM token_ledger.state_spans t JOIN token_ledger.users u USING (user_id) JOIN token_ledger.states s USING (state_id)
        WHERE s.is_listed
      ),
      ${totalsOf("spans", "organization_id")}
      SELECT p.run_id, p.organization_id, r.order_at, r.judged_at, coalesce(s.users_read, 0)::INTEGER AS users_read,
        greatest(coalesce(t.total, 0) - coalesce(s.users_read, 0), 0)::INTEGER AS users_not_read
      FROM points p JOIN token_ledger.runs r USING (run_id)
      LEFT JOIN seen s ON s.run_id = p.run_id AND s.organization_id = p.organization_id
      ASOF LEFT JOIN totals t ON t.organization_id = p.organization_id AND t.moment <= r.order_at`,
  },
  {
    name: "finding_trend",
    description:
      "How many findings were open after each run, by rule and level. Users who were not read in a run (`users_not_read`) count as last seen, so a failed read is not an improvement. `settings_changed` marks runs whose settings differ from those of the previous run.",
    sql: `
      WITH points AS MATERIALIZED (FROM token_ledger.run_coverage),
      spans AS MATERIALIZED (
        SELECT u.organization_id, s.from_order, s.to_order, f.rule,
          CASE WHEN s.waiver_key IS NULL THEN s.level ELSE 'waived' END AS level
        FROM token_ledger.finding_spans s JOIN token_ledger.findings f USING (finding_id)
        JOIN token_ledger.users u ON u.user_id = s.user_id
      ),
      ${totalsOf("spans", "organization_id, rule, level")},
      kinds AS (SELECT DISTINCT organization_id, rule, level FROM spans),
      settings AS (
        SELECT run_id, settings_digest IS DISTINCT FROM lag(settings_digest) OVER w AND lag(run_id) OVER w IS NOT NULL AS settings_changed
        FROM token_ledger.runs WINDOW w AS (ORDER BY order_at, run_id)
      )
      SELECT o.api_url, o.organization, p.run_id, p.judged_at, k.rule, k.level, coalesce(t.total, 0)::INTEGER AS findings,
        p.users_not_read, c.settings_changed
      FROM points p JOIN kinds k USING (organization_id)
      JOIN token_ledger.organizations o USING (organization_id)
      JOIN settings c USING (run_id)
      ASOF LEFT JOIN totals t ON t.organization_id = p.organization_id AND t.rule = k.rule AND t.level = k.level AND t.moment <= p.order_at`,
  },
  {
    name: "token_trend",
    description:
      "How many tokens there were after each run, by type, by kind of holder (`person`, `service_account`, `unknown`) and by their remaining life at the time (`expired`, `30 days`, `90 days`, `later`, `never`, `unknown`). Users who were not read count as last seen.",
    sql: `
      WITH points AS MATERIALIZED (FROM token_ledger.run_coverage),
      spans AS MATERIALIZED (
        SELECT u.organization_id, v.token_type, v.expires_at, v.expire_at IS NULL AS is_endless,
          CASE s.is_service_account WHEN true THEN 'service_account' WHEN false THEN 'person' ELSE 'unknown' END AS holder,
          t.from_order, coalesce(t.to_order, TIMESTAMP '9999-12-31') AS to_order
        FROM token_ledger.state_spans t JOIN token_ledger.users u ON u.user_id = t.user_id
        JOIN token_ledger.states s ON s.state_id = t.state_id
        JOIN token_ledger.state_tokens h ON h.state_id = t.state_id
        JOIN token_ledger.token_versions v ON v.version_id = h.version_id
      ),
      -- A token goes from one kind to the next as its expiry comes closer, without any run.
      phases AS (
        SELECT organization_id, token_type, holder, phase.left_then AS expires_within,
          greatest(from_order, phase.starts) AS from_order, least(to_order, phase.ends) AS to_order
        FROM (
          SELECT *, unnest(CASE
            WHEN is_endless THEN [{'left_then': 'never', 'starts': from_order, 'ends': to_order}]
            WHEN expires_at IS NULL THEN [{'left_then': 'unknown', 'starts': from_order, 'ends': to_order}]
            ELSE [
              {'left_then': 'later', 'starts': from_order, 'ends': expires_at - INTERVAL 90 DAY},
              {'left_then': '90 days', 'starts': expires_at - INTERVAL 90 DAY, 'ends': expires_at - INTERVAL 30 DAY},
              {'left_then': '30 days', 'starts': expires_at - INTERVAL 30 DAY, 'ends': expires_at},
              {'left_then': 'expired', 'starts': expires_at, 'ends': to_order}]
            END) AS phase
          FROM spans
        ) WHERE greatest(from_order, phase.starts) < least(to_order, phase.ends)
      ),
      ${totalsOf("phases", "organization_id, token_type, holder, expires_within")},
      kinds AS (SELECT DISTINCT organization_id, token_type, holder, expires_within FROM phases)
      SELECT o.api_url, o.organization, p.run_id, p.judged_at, k.token_type, k.holder, k.expires_within,
        coalesce(t.total, 0)::INTEGER AS tokens, p.users_not_read
      FROM points p JOIN kinds k USING (organization_id)
      JOIN token_ledger.organizations o USING (organization_id)
      ASOF LEFT JOIN totals t ON t.organization_id = p.organization_id AND t.token_type = k.token_type AND t.holder = k.holder
        AND t.expires_within = k.expires_within AND t.moment <= p.order_at`,
  },
  {
    name: "expiring_tokens",
    description:
      "Current tokens that expire, the next one first. A date in the past means that the token was still listed after its expiry.",
    sql: `
      SELECT api_url, organization, username, token_id, name, token_type, expires_at,
        date_diff('day', as_of, expires_at)::INTEGER AS days_left, as_of, is_service_account
      FROM token_ledger.current_tokens WHERE expires_at IS NOT NULL ORDER BY expires_at, username, token_id`,
  },
  {
    name: "notices_sent",
    description:
      "What `motherduck-tokens notify` sent, newest first: a row for each notice and channel that accepted it. `days` is the threshold of an `expiring` one, `subject` the fingerprint of a `finding`.",
    sql: `
      SELECT sent_at, channel, owner, kind, days, api_url, organization, username, token_id, token_name, expire_at, subject, message_id
      FROM token_ledger.notices ORDER BY sent_at DESC, channel, owner, username, token_id, kind`,
  },
  {
    name: "holdings",
    description:
      "Who held which token and when, with the token's state at the time: certainly from `seen_from` to `seen_to`, possibly from `maybe_from` (the token's creation or the previous run) to `maybe_to` (the run that no longer saw it; empty if the last run that looked saw it).",
    sql: `
      SELECT o.api_url, o.organization, u.username, v.token_id, v.name, v.token_type, v.read_only, v.created_at, v.expires_at,
        s.first_at AS seen_from, s.last_at AS seen_to,
        CASE WHEN s.is_changed THEN s.previous_at ELSE greatest(v.created_at, s.previous_at) END AS maybe_from, s.next_until AS maybe_to
      FROM token_ledger.token_spans s
      JOIN token_ledger.token_versions v USING (version_id)
      JOIN token_ledger.users u ON u.user_id = s.user_id
      JOIN token_ledger.organizations o USING (organization_id)`,
  },
];

/** The views that answer questions. */
export const ANSWERS: readonly View[] = VIEWS.filter(({ isInner }) => isInner === undefined);
