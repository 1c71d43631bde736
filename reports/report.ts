import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";

/**
 * One report while it is written. It does no input or output: it gives text, piece by piece, and the pieces in their order
 * are the report. A format that can be written as it goes gives a piece for each user; one that needs to know everything
 * first keeps what it needs (findings, not all users) and gives its text at the end.
 */
export interface ReportWriter {
  /** Text for one judged user; often empty. */
  user(user: JudgedUser): string;
  /** The rest. */
  end(closing: AuditClosing): string;
}

/** What a format may want to know about where its text goes. */
export interface ReportTarget {
  /** Whether colours are wanted. */
  readonly color: boolean;
  /** Characters a line; absent if it is not a terminal. */
  readonly width?: number;
}

/** A report format: makes a writer for one audit. */
export type ReportFormat = (header: AuditHeader, target: ReportTarget) => ReportWriter;
