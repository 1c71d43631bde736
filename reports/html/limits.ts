import type { AuditRule } from "../../audit/result";
import type { DaysByType, Limits } from "./model";

/** The limits that a timeline can show, from the settings of the rules that judge. */
export function readLimits(rules: readonly AuditRule[]): Limits {
  const settingsOf = (name: string) =>
    rules.find((rule) => rule.name === name && rule.enforcementLevel !== "disabled")?.settings;
  const lifetime = limitsByType(settingsOf("max-token-lifetime"));
  const age = limitsByType(settingsOf("max-token-age"));
  const warnDays = settingsOf("token-expiring-soon")?.warnDays;
  return {
    ...(lifetime && { lifetime }),
    ...(age && { age }),
    ...(typeof warnDays === "number" && { warnDays }),
  };
}

function limitsByType({ maxDays, byType }: AuditRule["settings"] = {}): DaysByType | undefined {
  if (typeof maxDays !== "number") return undefined;
  const own = (byType ?? {}) as Partial<DaysByType>;
  return { read_write: own.read_write ?? maxDays, read_scaling: own.read_scaling ?? maxDays };
}
