import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import type { EvidenceSource } from "../audit/evidence-source";
import { resolveSettings } from "../client/settings";
import { STANDARD_STREAM } from "../core/standard-stream";
import { type Configuration, resolveConfiguration } from "../policies/configuration/configuration";
import { evidenceOrigin, evidenceVerified } from "../policies/rules";
import type { AuditIo } from "./audit-io";
import { asksOwners, type AuditOptions } from "./audit-options";

/** Opens the source of the evidence that the options name. */
export async function openSource(
  options: AuditOptions,
  now: number,
  io: AuditIo,
  configuration: Configuration = resolveConfiguration(),
): Promise<EvidenceSource> {
  const { state, events, user, accounts, concurrency } = options;
  if (state !== undefined) {
    const { stateSource } = await import("../audit/read-state");
    const source = stateSource(state, () => openFile(state, io));
    return verified(source, configuration, io);
  }
  if (events !== undefined) {
    const { eventsSource } = await import("../audit/read-events");
    const source = eventsSource(events, () => openFile(events, io));
    return verified(source, configuration, io);
  }
  const settings = resolveSettings((key) => (key === "concurrency" ? concurrency?.toString() : undefined), io.env);
  const { apiSource } = await import("../audit/read-api");
  const makeReader = async () => (await import("../client/reader")).createReader(settings);
  const dated = new Date(now).toISOString();
  return apiSource(
    { apiUrl: settings.apiUrl, makeReader },
    { usernames: user, accounts },
    dated,
    asksListing(options, configuration),
  );
}

/** Whether something judges by what only the listing of users tells. */
function asksListing(options: AuditOptions, configuration: Configuration): boolean {
  const { groups, namesOwners } = configuration;
  const isOn = configuration.userRules.some(
    (rule) => rule.needsListing === true && configuration.policyLevel(rule) !== "disabled",
  );
  const asksKind = groups.some(({ accounts }) => accounts !== undefined);
  return isOn || asksKind || namesOwners || asksOwners(options);
}

/** Compares recorded evidence with the API, if the rule that needs it is enabled. */
async function verified(
  source: EvidenceSource,
  configuration: Configuration,
  { env }: AuditIo,
): Promise<EvidenceSource> {
  if (configuration.policyLevel(evidenceVerified) === "disabled") return source;
  const { verifySource } = await import("../audit/verify-source");
  return verifySource(source, async () => {
    const { createOwnReader } = await import("../policies/own-reader");
    return createOwnReader({ ...configuration, ...configuration.settings(evidenceOrigin), env });
  });
}

function openFile(file: string, { stdin }: AuditIo): Readable {
  return file === STANDARD_STREAM ? stdin : createReadStream(file);
}
