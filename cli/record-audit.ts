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
      lastCompleteRun: true,
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

/**
 * An audit that could not begin is not recorded, but what the ledger knows of those before is in its reports. Where the ledger
 * cannot be read either, they do without: the audit is incomplete anyway, and says why.
 */
export async function withLastCompleteRun(
  closing: AuditClosing,
  place: string,
  header: AuditHeader,
  { env }: AuditIo,
): Promise<AuditClosing> {
  const [{ Ledger }, { lastCompleteRun }] = await Promise.all([
    import("../history/ledger"),
    import("../history/last-complete-run"),
  ]);
  try {
    const ledger = await Ledger.open(place, { env });
    try {
      const last = await ledger.read(() => lastCompleteRun(ledger, header));
      return { ...closing, ...(last !== undefined && { lastCompleteRun: last }) };
    } finally {
      ledger.close();
    }
  } catch {
    return closing;
  }
}

function withFailure({ failures, summary, ...closing }: AuditClosing, failure: Failure): AuditClosing {
  const all = [...failures, failure];
  return { ...closing, failures: all, summary: { ...summary, failures: all.length, exitCode: 2 } };
}
