import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";

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
}

/** Where the text goes. */
export interface ReportTarget {
  /** Whether colours are wanted. */
  readonly color: boolean;
  /** Characters a line; absent if it is not a terminal. */
  readonly width?: number;
}

/** A report format: makes a writer for one audit. */
export type ReportFormat = (header: AuditHeader, target: ReportTarget) => ReportWriter;
