import type { AuditClosing, AuditHeader, Finding } from "../audit/result";
import type { ReportFormat } from "./report";

/** A format that is written at the end, from all findings: those about users, then those about the stack. */
export function findingsReport(
  write: (findings: readonly Finding[], closing: AuditClosing, header: AuditHeader) => string,
): ReportFormat {
  return (header) => {
    const found: Finding[] = [];
    return {
      user: ({ findings }) => {
        for (const finding of findings) found.push(finding);
        return "";
      },
      end: (closing) => write([...found, ...closing.findings], closing, header),
    };
  };
}
