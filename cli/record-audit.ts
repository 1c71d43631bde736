import { THE_AUDIT } from "../audit/failure";
import type { AuditClosing, AuditHeader, Failure } from "../audit/result";
import { printable } from "../core/printable";
import type { Recorder } from "../history/record";
import type { AuditIo } from "./audit-io";
import type { AuditOptions } from "./audit-options";
import { scopeOf } from "./describe-audit";
import { describeError } from "./describe-error";

/** Opens the ledger at a place, to record an audit; `undefined` where there is none. */
export async function openLedger(
  place: string | undefined,
  header: AuditHeader,
  { env }: AuditIo,
): Promise<Recorder | undefined> {
  if (place === undefined) return undefined;
  const { Recorder } = await import("../history/record");
  return Recorder.start(place, header, { env });
}

/** Records the audit. @returns the closing with what changed; if the ledger cannot record the audit, with a failure. */
export async function recordAudit(
  recorder: Recorder,
  closing: AuditClosing,
  { report = [], ...options }: AuditOptions,
): Promise<AuditClosing> {
  // It costs more than the comparison, and the other formats do not show it.
  const trend = report.some(({ format }) => format === "html" || format === "json");
  try {
    const { runId, isKnown, ...changes } = await recorder.finish(closing, scopeOf(options), {
      sinceLastRun: true,
      trend,
    });
    void [runId, isKnown];
    return { ...closing, ...changes };
  } catch (error) {
    return withFailure(closing, {
      subject: THE_AUDIT,
      message: printable(`not recorded: ${describeError(error)}`, 2000),
      cause: "ledger",
    });
  }
}

function withFailure({ failures, summary, ...closing }: AuditClosing, failure: Failure): AuditClosing {
  const all = [...failures, failure];
  return { ...closing, failures: all, summary: { ...summary, failures: all.length, exitCode: 2 } };
}
