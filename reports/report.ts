import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";
import type { MetricLabels } from "./metric-options";

/**
 * One report while it is written. It does no input or output: it returns text, and the pieces in order are the report. A
 * format that can be written as users are judged returns a piece for each; one that needs everything first keeps what it
 * needs (findings, not all users) and returns its text at the end.
 */
export interface ReportWriter {
  /** Text for one judged user; often empty. */
  user(user: JudgedUser): string;
  /** The rest. */
  end(closing: AuditClosing): string;
  /** What to say on standard error once the report is written, a line each. */
  notes?(): readonly string[];
}

/** Where the text goes. */
export interface ReportTarget {
  /** Whether colours are wanted. */
  readonly color: boolean;
  /** Characters per line; absent if it is not a terminal. */
  readonly width?: number;
  /** What is there now, for a format that continues it; `undefined` where there is nothing that can be read. */
  readonly earlier?: () => string | undefined;
}

/** What can be chosen about reports. */
export interface ReportChoices {
  /** What the dates in metrics are told apart by. Default: `type`. */
  readonly metricLabels?: MetricLabels;
  /** How many owners, users or tokens have dates of their own in metrics. */
  readonly metricLimit?: number;
}

/** A report format: makes a writer for one audit. */
export type ReportFormat = (header: AuditHeader, target: ReportTarget, choices?: ReportChoices) => ReportWriter;
