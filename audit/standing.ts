import type { AuditHeader, Finding } from "./result";

/** What a finding can count as, the most urgent first. */
export const STANDINGS = ["mandatory", "advisory", "known", "waived"] as const;

/** What a finding counts as in the tally: its level, unless it is waived, or known where only new ones count. */
export type Standing = (typeof STANDINGS)[number];

/** The parts of a finding that decide what it counts as. */
export type Rated = Pick<Finding, "enforcementLevel" | "isKnown"> & { readonly waiver?: unknown };

export function standingOf(
  { enforcementLevel, waiver, isKnown }: Rated,
  header: Pick<AuditHeader, "failOnNew">,
): Standing {
  if (waiver !== undefined) return "waived";
  return header.failOnNew && isKnown === true ? "known" : enforcementLevel;
}

/** Whether such findings count: nobody has waived them, or recorded them in the baseline. */
export function isCounted(standing: Standing): boolean {
  return standing === "mandatory" || standing === "advisory";
}
