import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { AuditError } from "./audit-error";
import type { EvidenceItem, EvidenceSource } from "./evidence";
import { type RecordedResource, readResource } from "./resource-evidence";

interface Resource extends Partial<RecordedResource> {
  /** On its way out: another one has taken its place. */
  readonly delete?: boolean;
}

/** Evidence from what `pulumi stack export` prints. @param name as reports call it. */
export function stateSource(name: string, open: () => Readable): EvidenceSource {
  return { source: { kind: "state", name }, read: () => readState(name, open()) };
}

async function* readState(name: string, stream: Readable): AsyncGenerator<EvidenceItem> {
  const resources = findResources(name, await text(stream));
  for (const { urn, type, inputs = {}, delete: isLeaving = false } of resources) {
    if (typeof urn !== "string" || typeof type !== "string") {
      throw new AuditError(`${name}: a resource has no urn or no type. Export the stack again.`);
    }
    if (!isLeaving) yield* readResource({ urn, type, inputs });
  }
}

function findResources(name: string, content: string): readonly Resource[] {
  const hint = `Give what "pulumi stack export" prints`;
  let state: { deployment?: { resources?: unknown } | null } | null;
  try {
    state = JSON.parse(content) as typeof state;
  } catch {
    throw new AuditError(`${name}: it is not valid JSON; it may have been cut off. ${hint}.`);
  }
  const deployment = state?.deployment;
  if (typeof deployment !== "object" || deployment === null) {
    throw new AuditError(`${name}: it is no exported stack, it has no deployment. ${hint}.`);
  }
  // The engine leaves an empty list out.
  const { resources = [] } = deployment;
  if (!Array.isArray(resources)) throw new AuditError(`${name}: its deployment has no list of resources. ${hint}.`);
  return resources as Resource[];
}
