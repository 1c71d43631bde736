import type { AuditClosing, Failure } from "./result";

/** The subject of a failure that is about neither a user nor a resource. */
export const THE_AUDIT = "the audit";

/** What could not be judged. An audit that says so by its exit code alone is not clean either. */
export function failuresOf({ failures, summary }: AuditClosing): readonly Failure[] {
  if (failures.length > 0 || (summary.exitCode !== 2 && summary.failures === 0)) return failures;
  return [{ subject: THE_AUDIT, message: "something could not be judged" }];
}
