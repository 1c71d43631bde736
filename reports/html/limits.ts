import type { AuditRule } from "../../audit/result";
import type { DaysByType, Limits } from "./model";

/** The limits that a timeline can show, from the settings of the rules that judge. */
export function readLimits(rules: readonly AuditRule[]): Limits {
  const find = (name: string) => rules.find((rule) => rule.name === name && rule.enforcementLevel !== "disabled");
  const drawn = [find("max-token-lifetime"), find("max-token-age"), find("token-expiring-soon")] as const;
  const [lifetime, age] = drawn.map((rule) => limitsByType(rule?.settings));
  const warnDays = drawn[2]?.settings.warnDays;
  return {
    ...(lifetime && { lifetime }),
    ...(age && { age }),
    ...(typeof warnDays === "number" && { warnDays }),
    ...(drawn.some((rule) => rule?.groups) && { hasGroups: true }),
  };
}

function limitsByType({ maxDays, byType }: AuditRule["settings"] = {}): DaysByType | undefined {
  if (typeof maxDays !== "number") return undefined;
  const own = (byType ?? {}) as Partial<DaysByType>;
  return { read_write: own.read_write ?? maxDays, read_scaling: own.read_scaling ?? maxDays };
}
