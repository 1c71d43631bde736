import { failuresOf } from "../../audit/failure";
import { type AuditClosing, type AuditHeader, FAILURE_CAUSES, type Finding, type JudgedUser } from "../../audit/result";
import { isCounted, standingOf } from "../../audit/standing";
import { thousands } from "../../core/count";
import { SECOND } from "../../core/duration";
import { DEFAULT_METRIC_LIMIT, type MetricLabels } from "../metric-options";
import type { ReportFormat } from "../report";
import { Counter } from "./counter";
import { type Labels, type Metric, type Sample, writeMetrics } from "./exposition";
import { describeSeries, INFO, LAST_COMPLETE, lastCompleteIn, lastCompleteInLedger } from "./last-complete";
import { TokenTally } from "./tokens";

const ACCOUNTS = ["person", "service_account", "unknown"] as const;
const STATUSES = ["open", "known", "waived"] as const;

/**
 * Metrics for Prometheus: OpenMetrics, and Prometheus' own text format at the same time.
 *
 * Of an incomplete audit, a zero would say what nobody knows. So its counts are of what it saw, and have no zeros.
 */
export const openmetricsReport: ReportFormat = (
  header,
  { earlier },
  { metricLabels = "type", metricLimit = DEFAULT_METRIC_LIMIT } = {},
) => {
  const users = new Counter(ACCOUNTS.map((account) => ({ account })));
  const tokens = new TokenTally(header, metricLabels, metricLimit);
  const findings = new Counter(enabledRules(header).flatMap((rule) => STATUSES.map((status) => ({ ...rule, status }))));
  const notes: string[] = [];

  const addFindings = (found: readonly Finding[]) => {
    for (const finding of found) findings.add(labelsOf(finding, header));
  };

  return {
    user(user) {
      users.add({ account: accountOf(user) });
      tokens.add(user);
      addFindings(user.findings);
      return "";
    },
    end(closing) {
      addFindings(closing.findings);
      const isComplete = failuresOf(closing).length === 0;
      const gaps = new Set(closing.notJudged?.map(({ rule }) => rule));
      const known = (samples: readonly Sample[]) =>
        samples.filter(({ value, labels: { rule = "" } }) => value > 0 || (isComplete && !gaps.has(rule)));
      const { metrics: dates, leftOut } = tokens.dates();
      if (leftOut > 0) notes.push(describeLeftOut(leftOut, metricLabels, metricLimit));
      const now = Date.parse(header.now) / SECOND;
      const { last, isLost } = isComplete ? { last: now } : lastComplete(header, closing, earlier);
      if (isLost === true) notes.push(NOT_CONTINUED);
      const { organization, ...series } = describeSeries(header);
      const metrics: readonly Metric[] = [
        {
          name: INFO,
          help: "The audit: its evidence, whom it is to be about, and the version of the command.",
          samples: [{ labels: { ...series, version: header.version }, value: 1 }],
        },
        {
          name: "motherduck_audit_last_run_timestamp_seconds",
          unit: "seconds",
          help: "When the last audit was, complete or not.",
          samples: single(now),
        },
        {
          name: LAST_COMPLETE,
          unit: "seconds",
          help: "When the last complete audit was; 0 where nobody knows.",
          samples: single(last),
        },
        {
          name: "motherduck_audit_complete",
          help: "Whether the last audit read and judged everything: 1, or 0. With 0, other numbers are of what it saw.",
          samples: single(isComplete ? 1 : 0),
        },
        {
          name: "motherduck_audit_failures",
          help: "What the last audit could not read, judge or record, by cause.",
          samples: failureCounts(closing),
        },
        {
          name: "motherduck_audit_rule_gap",
          help: "Whether the evidence never told what this rule needs to judge: 1, or 0.",
          samples: enabledRules(header).map(({ rule }) => ({ labels: { rule }, value: gaps.has(rule) ? 1 : 0 })),
        },
        {
          name: "motherduck_users",
          help: "Judged users, by kind of account.",
          samples: known(users.samples()),
        },
        {
          name: "motherduck_tokens",
          help: "Tokens of judged users, by type, and by how soon they expire: in at most so many days.",
          samples: known(tokens.counts()),
        },
        ...dates,
        {
          name: "motherduck_findings",
          help: "Findings. Those whose status is open count; the others are waived, or known from a baseline.",
          samples: known(findings.samples()),
        },
        {
          name: "motherduck_new_findings",
          help: "Findings that were not there in the last complete audit, without waived ones. Only with a ledger.",
          samples: known(newFindings(header, closing)),
        },
        {
          name: "motherduck_audit_series_left_out",
          help: "Owners, users or tokens that have no dates of their own here, because there were too many.",
          samples: single(leftOut),
        },
      ];
      return writeMetrics(metrics, { organization });
    },
    notes: () => notes,
  };
};

function single(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

/** The enabled rules, with the level of most of their findings. */
function enabledRules({ rules }: AuditHeader) {
  return rules
    .filter(({ enforcementLevel }) => enforcementLevel !== "disabled")
    .map(({ name, enforcementLevel }) => ({ rule: name, level: enforcementLevel }));
}

function labelsOf(finding: Finding, header: AuditHeader): Labels {
  const standing = standingOf(finding, header);
  const status = isCounted(standing) ? "open" : standing;
  return { rule: finding.rule, level: finding.enforcementLevel, status };
}

function accountOf({ isServiceAccount }: JudgedUser): (typeof ACCOUNTS)[number] {
  if (isServiceAccount === undefined) return "unknown";
  return isServiceAccount ? "service_account" : "person";
}

function failureCounts(closing: AuditClosing): readonly Sample[] {
  const failures = new Counter([...FAILURE_CAUSES, "other"].map((cause) => ({ cause })));
  for (const { cause = "other" } of failuresOf(closing)) failures.add({ cause });
  return failures.samples();
}

function newFindings(header: AuditHeader, { sinceLastRun }: AuditClosing): readonly Sample[] {
  if (!sinceLastRun?.previousRun) return [];
  const findings = new Counter(enabledRules(header));
  for (const { rule, enforcementLevel, isWaived } of sinceLastRun.opened) {
    if (!isWaived) findings.add({ rule, level: enforcementLevel });
  }
  return findings.samples();
}

/** When the last complete audit was, if this one is not: the ledger and the file that was there may both know. */
function lastComplete(header: AuditHeader, closing: AuditClosing, earlier: () => string | undefined = () => undefined) {
  const inLedger = lastCompleteInLedger(closing);
  const text = earlier();
  const inFile = text === undefined ? 0 : lastCompleteIn(text, header);
  return { last: Math.max(inLedger, inFile ?? 0), isLost: inFile === undefined && inLedger === 0 };
}

const NOT_CONTINUED =
  "nobody knows when the last complete audit was: the file of metrics that was there is cut off, of another audit, or " +
  "something else. The next complete audit mends it.";

function describeLeftOut(leftOut: number, by: MetricLabels, limit: number): string {
  const what = leftOut === 1 ? by : `${by}s`;
  return `the metrics have no dates of ${thousands(leftOut)} ${what}, those that expire last: --metric-limit is ${thousands(limit)}.`;
}
