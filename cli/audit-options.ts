import { InvalidArgumentError } from "commander";
import type { FailOn } from "../audit/result";
import type { Accounts } from "../client/select-users";
import { LIMITS } from "../client/settings";
import { parseInstant } from "../core/instant";
import { STANDARD_STREAM } from "../core/standard-stream";
import { REPORT_NAMES, type ReportName } from "../reports";
import { MAX_METRIC_LIMIT, type MetricLabels } from "../reports/metric-options";

/** A requested report; without a file, or with `-`, it goes to standard output. */
export interface RequestedReport {
  readonly format: ReportName;
  readonly file?: string;
}

/** The parsed options of `motherduck-tokens audit`. */
export interface AuditOptions {
  readonly user?: readonly string[];
  readonly all?: boolean;
  readonly accounts: Accounts;
  /** Names of owners, or globs. */
  readonly owner?: readonly string[];
  readonly state?: string;
  readonly events?: string;
  readonly config?: string;
  /** A JavaScript module with custom rules. */
  readonly rules?: string;
  readonly now?: number;
  readonly report?: readonly RequestedReport[];
  readonly location: string;
  readonly metricLabels?: MetricLabels;
  readonly metricLimit?: number;
  readonly failOn: FailOn;
  readonly baseline?: string;
  readonly failOnNew?: boolean;
  readonly writeBaseline?: string;
  /** The ledger that records the audit: a file, or `md:` and a MotherDuck database. `false`: none, whatever the settings say. */
  readonly history?: string | false;
  readonly concurrency?: number;
  readonly quiet?: boolean;
}

/** Whether owners are named though the settings have none: then they are the users' e-mail addresses. */
export function asksOwners({ owner, metricLabels }: Pick<AuditOptions, "owner" | "metricLabels">): boolean {
  return owner !== undefined || metricLabels === "owner";
}

/** @throws InvalidArgumentError for an unknown format. */
export function parseReport(text: string, previous: readonly RequestedReport[] = []): readonly RequestedReport[] {
  const [, name = "", file] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const format = REPORT_NAMES.find((known) => known === name);
  if (!format) throw new InvalidArgumentError(`Formats are ${REPORT_NAMES.join(", ")}.`);
  if (file === "") throw new InvalidArgumentError("The file name after the equals sign is missing.");
  return [...previous, { format, ...(file !== undefined && file !== STANDARD_STREAM && { file }) }];
}

/** @throws InvalidArgumentError unless the text is an instant. */
export function parseNow(text: string): number {
  const now = parseInstant(text);
  if (now === undefined) throw new InvalidArgumentError("Give an ISO 8601 date, for example 2026-03-01T12:00:00Z.");
  return now;
}

/** @throws InvalidArgumentError for an empty name, as from an unset variable, which code hosts would reject later. */
export function parseLocation(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Give a file name; a variable may be unset.");
  return text;
}

/** @throws InvalidArgumentError unless the text is a whole number within the client's limits. */
export function parseConcurrency(text: string): number {
  return parseWhole(text, LIMITS.concurrency);
}

/** @throws InvalidArgumentError unless the text is a whole number that is allowed. */
export function parseMetricLimit(text: string): number {
  return parseWhole(text, { min: 1, max: MAX_METRIC_LIMIT });
}

function parseWhole(text: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  }
  return number;
}

/** @throws InvalidArgumentError for a second value, because the first one would be ignored silently. */
export function once(value: string, previous: string | undefined): string {
  if (previous !== undefined) throw new InvalidArgumentError(`Give it only once: ${previous} was given before.`);
  return value;
}

/** Adds a value of an option that can be given several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** The first contradiction between options, or `undefined` if there is none. */
export function findContradiction(options: AuditOptions): string | undefined {
  const { user, all, state, events, accounts, owner, history, now, report = [], metricLabels, metricLimit } = options;
  const sources = Object.entries({ all, user, state, events }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`],
  );
  if (sources.length === 0) return "say what to audit: --all, --user, --state or --events";
  if (sources.length > 1) return `${sources.join(" and ")} exclude each other: give only one`;
  if (accounts !== "all" && !all) return "--accounts requires --all";
  if (typeof history === "string" && now !== undefined) {
    return "--history and --now exclude each other: a ledger records when something was seen";
  }
  if (typeof history === "string" && owner !== undefined) {
    return "--history and --owner exclude each other: the ledger would record everything that --owner leaves out as fixed";
  }
  const hasMetrics = report.some(({ format }) => format === "openmetrics");
  if (hasMetrics && now !== undefined) {
    return "--report openmetrics and --now exclude each other: metrics record when an audit was made";
  }
  if (hasMetrics && owner !== undefined) {
    return "--report openmetrics and --owner exclude each other: metrics count everything that was judged";
  }
  if (!hasMetrics && (metricLabels !== undefined || metricLimit !== undefined)) {
    return "--metric-labels and --metric-limit require --report openmetrics";
  }
  if (metricLimit !== undefined && (metricLabels ?? "type") === "type") {
    return "--metric-limit requires --metric-labels owner, user or token";
  }
  if (report.filter(({ file }) => file === undefined).length > 1) {
    return "only one report can go to standard output: give the others a file, as in --report json=audit.json";
  }
  return undefined;
}
