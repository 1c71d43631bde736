import type { EvidenceSource } from "../audit/evidence-source";
import { describeRules } from "../audit/judge";
import type { AuditHeader } from "../audit/result";
import { printable } from "../core/printable";
import { version } from "../core/version";
import type { Configuration } from "../policies/configuration/configuration";
import type { AuditOptions } from "./audit-options";

/** What is known of an audit before anything is judged. @param source absent where it could not be opened. */
export function describeAudit(
  options: AuditOptions,
  now: number,
  configFile: string | undefined,
  configuration: Configuration,
  source: EvidenceSource | undefined,
): AuditHeader {
  const { state, events, failOn, failOnNew = false, location } = options;
  const kind = state !== undefined ? "state" : events !== undefined ? "events" : "api";
  return {
    version,
    now: new Date(now).toISOString(),
    source: source?.source ?? { kind, name: "not read" },
    rules: describeRules(configuration),
    ...(configFile !== undefined && { configFile: printable(configFile, Infinity) }),
    failOn,
    failOnNew,
    ...(configuration.systemTokens === "advisory" && { systemTokens: configuration.systemTokens }),
    location,
  };
}
