import { type EvidenceSource, NOT_READ } from "../audit/evidence-source";
import { describeRules } from "../audit/judge";
import type { AuditHeader } from "../audit/result";
import { organizationNamedBy } from "../client/settings";
import { encodeText, printable } from "../core/printable";
import { version } from "../core/version";
import type { Configuration } from "../policies/configuration/configuration";
import { asksOwners, type AuditOptions } from "./audit-options";

/** Whom an audit is to be about. */
export function scopeOf({
  user,
  all,
  accounts,
}: Pick<AuditOptions, "user" | "all" | "accounts">): NonNullable<AuditHeader["scope"]> {
  if (user !== undefined) return "selection";
  if (!all) return "stack";
  return accounts === "all" ? "everybody" : "selection";
}

/** What is known of an audit before anything is judged. @param source absent where it could not be opened. */
export function describeAudit(
  options: AuditOptions,
  now: number,
  configFile: string | undefined,
  configuration: Configuration,
  source: EvidenceSource | undefined,
  env: NodeJS.ProcessEnv,
): AuditHeader {
  const { state, events, failOn, failOnNew = false, owner, location } = options;
  const organization = organizationNamedBy(env);
  const kind = state !== undefined ? "state" : events !== undefined ? "events" : "api";
  return {
    version,
    now: new Date(now).toISOString(),
    source: source?.source ?? { kind, name: NOT_READ },
    rules: describeRules(configuration),
    ...(configFile !== undefined && { configFile: printable(configFile, Infinity) }),
    failOn,
    failOnNew,
    ...(configuration.systemTokens === "advisory" && { systemTokens: configuration.systemTokens }),
    ...((configuration.namesOwners || asksOwners(options)) && { namesOwners: true }),
    ...(owner && { owners: owner.map(encodeText) }),
    location,
    scope: scopeOf(options),
    ...(organization !== undefined && { organization }),
  };
}
