import type { Readable } from "node:stream";
import { printable } from "../core/printable";
import { nameInput } from "../core/standard-stream";
import { AuditError } from "./audit-error";
import { readTextOf } from "./read-text";
import type { EvidenceItem, EvidenceSource } from "./evidence-source";
import { describeUnjudged, type RecordedResource, readResource } from "./read-resource";

/** The content of an exported stack. */
interface Deployment {
  /** The engine leaves an empty list out. */
  readonly resources?: readonly Resource[];
  /** Steps that an interrupted update started and did not finish. */
  readonly pending_operations?: readonly { readonly resource?: { readonly urn?: string } }[] | null;
}

interface Resource extends Partial<RecordedResource> {
  /** Pending deletion: another resource has replaced it. */
  readonly delete?: boolean;
}

/** Evidence from the output of `pulumi stack export`. @param file its name; `-` is standard input. */
export function stateSource(file: string, open: () => Readable): EvidenceSource {
  return { source: { kind: "state", name: printable(file, Infinity) }, read: () => readState(nameInput(file), open()) };
}

async function* readState(name: string, stream: Readable): AsyncGenerator<EvidenceItem> {
  const { resources = [], pending_operations: pending } = findDeployment(name, await wholeText(name, stream));
  for (const resource of resources) {
    const { urn, type, inputs = {}, ignoreChanges, delete: isLeaving = false } = (resource as Resource | null) ?? {};
    if (typeof urn !== "string" || typeof type !== "string") {
      throw new AuditError(`${name}: a resource has no urn or no type. Export the stack again.`);
    }
    if (isLeaving) continue;
    for (const item of readResource({ urn, type, inputs, ignoreChanges }))
      yield item.kind === "unknown" ? describeUnjudged(item, NOT_READ) : item;
  }
  if (pending && pending.length > 0) yield describePending(pending[0]?.resource?.urn ?? "a resource");
}

async function wholeText(name: string, stream: Readable): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of readTextOf(name, stream)) pieces.push(piece);
  return pieces.join("");
}

/** A preview may not know yet whose tokens to read, but no update leaves that in a state. */
const NOT_READ = "the state does not know whose tokens it holds. Run pulumi up, then export the stack again";

/** The state lacks what the update would have done next. */
function describePending(urn: string): EvidenceItem {
  const message =
    "an update was interrupted here, so evidence may be missing. Run pulumi up, then export the stack again.";
  const subject = printable(urn, Infinity);
  return { kind: "failure", failure: { subject, ...(urn.startsWith("urn:") && { urn: subject }), message } };
}

function findDeployment(name: string, content: string): Deployment {
  const hint = `Give what "pulumi stack export" prints`;
  let state: { deployment?: Deployment | null } | null;
  try {
    state = JSON.parse(content) as typeof state;
  } catch {
    throw new AuditError(`${name}: it is not valid JSON; it may have been cut off. ${hint}.`);
  }
  const deployment = state?.deployment;
  if (typeof deployment !== "object" || deployment === null) {
    throw new AuditError(`${name}: it is not an exported stack, because it has no deployment. ${hint}.`);
  }
  if (deployment.resources !== undefined && !Array.isArray(deployment.resources)) {
    throw new AuditError(`${name}: its deployment has no list of resources. ${hint}.`);
  }
  return deployment;
}
