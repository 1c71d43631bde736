/** The audit cannot go on. The message says what happened, where, and what to do next. Safe to print. */
export class AuditError extends Error {
  override readonly name = "AuditError";
}
