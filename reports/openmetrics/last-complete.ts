import type { AuditClosing, AuditHeader } from "../../audit/result";
import { SECOND } from "../../core/duration";
import { type Labels, readMetrics } from "./exposition";

/** What an audit is. */
export const INFO = "motherduck_audit_info";

/** When the last complete audit was. */
export const LAST_COMPLETE = "motherduck_audit_last_complete_run_timestamp_seconds";

/** What makes two audits one series: those of another kind do not stand in for each other. */
export function describeSeries({ source, scope, organization }: AuditHeader) {
  return { source: source.kind, scope: scope ?? "", organization: organization ?? "" } satisfies Labels;
}

/** The seconds at which the ledger had its last complete run; 0 where it has none, or there is no ledger. */
export function lastCompleteInLedger({ lastCompleteRun }: AuditClosing): number {
  return lastCompleteRun === undefined ? 0 : Date.parse(lastCompleteRun) / SECOND;
}

/**
 * What earlier metrics have as the last complete audit, in seconds; 0 where they have none.
 *
 * @returns `undefined` where they cannot be trusted: they are cut off or something else, about another series of audits, or
 *   of the future.
 */
export function lastCompleteIn(earlier: string, header: AuditHeader): number | undefined {
  const metrics = readMetrics(earlier);
  const [info, ...otherInfos] = metrics?.get(INFO) ?? [];
  const [last, ...others] = metrics?.get(LAST_COMPLETE) ?? [];
  if (!info || !last || otherInfos.length + others.length > 0) return undefined;
  const isSame = Object.entries(describeSeries(header)).every(([name, value]) => (info.labels[name] ?? "") === value);
  return isSame && last.value >= 0 && last.value * SECOND <= Date.parse(header.now) ? last.value : undefined;
}
