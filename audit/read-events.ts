import type { Readable } from "node:stream";
import { printable } from "../core/printable";
import { nameInput } from "../core/standard-stream";
import { AuditError } from "./audit-error";
import { readTextOf } from "./read-text";
import type { EvidenceItem, EvidenceSource } from "./evidence-source";
import { type RecordedResource, readResource } from "./read-resource";

/** The parts of the engine's events that matter here. */
interface EngineEvent {
  readonly sequence?: number;
  readonly resourcePreEvent?: {
    readonly metadata: {
      readonly op: string;
      readonly urn: string;
      readonly type: string;
      readonly new?: {
        readonly inputs?: RecordedResource["inputs"];
        /** The provider's URN, `::` and its id. */
        readonly provider?: unknown;
      } | null;
    };
  };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string; readonly urn?: string };
  readonly policyEvent?: { readonly enforcementLevel: string };
  readonly summaryEvent?: { readonly result?: string; readonly isPreview?: boolean };
  readonly cancelEvent?: object;
}

/** Steps whose resources policies do not see: reads and deletions. All others count, including those of later versions. */
const OTHER_STEPS: readonly string[] = [
  ...["read", "read-replacement", "refresh"],
  ...["delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"],
];

const HOW = `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json`;

/** Evidence from the engine's event stream. @param file its name; `-` is standard input. */
export function eventsSource(file: string, open: () => Readable): EvidenceSource {
  return {
    source: { kind: "events", name: printable(file, Infinity) },
    read: () => readEvents(nameInput(file), open()),
  };
}

async function* readEvents(name: string, stream: Readable): AsyncGenerator<EvidenceItem> {
  const resources = new Map<string, RecordedResource & { readonly provider: string }>();
  const failures: EvidenceItem[] = [];
  let last: EngineEvent = {};
  let summary: EngineEvent["summaryEvent"];
  let isBlocked = false;
  let line = 0;
  for await (const text of splitLines(readTextOf(name, stream))) {
    line++;
    if (text.trim() === "") continue;
    const event = parseEvent(name, line, text);
    if (last.cancelEvent || (event.sequence ?? 0) < (last.sequence ?? 0)) {
      throw new AuditError(`${name}:${line}: a second run begins here. Give the events of one run.`);
    }
    last = event;
    summary = event.summaryEvent ?? summary;
    isBlocked ||= event.policyEvent?.enforcementLevel === "mandatory";
    const resource = findResource(event);
    // A replacement has several steps with the same inputs; the last one counts.
    if (resource) resources.set(resource.urn, resource);
    const failure = findFailure(event);
    if (failure) failures.push(failure);
  }
  if (line === 0) throw new AuditError(`${name}: there are no events. Give what "${HOW}" prints.`);
  if (!summary || !last.cancelEvent) {
    throw new AuditError(`${name}: the stream has no end (line ${line} is its last), so evidence may be missing.`);
  }
  for (const { provider, ...resource } of resources.values()) {
    yield* readResource({ ...resource, providerInputs: resources.get(provider)?.inputs });
  }
  yield* failures;
  // A preview that policies block continues to the last resource. An update stops, so the remaining resources are missing.
  const isWhole = summary.result === "succeeded" || (summary.result === "failed" && summary.isPreview && isBlocked);
  if (!isWhole && failures.length === 0) {
    const how = summary.result === "canceled" ? "was canceled" : isBlocked ? "was blocked by a policy" : "failed";
    yield toFailure(
      "the run that made the events",
      `it ${how}, so evidence may be missing. Give the events of a whole preview.`,
    );
  }
}

/** Splits at `\n` only, as JSON Lines requires: strings may contain other separators. */
async function* splitLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  // A line may arrive in many pieces, which are joined once.
  let line: string[] = [];
  for await (const piece of pieces) {
    const [first = "", ...others] = piece.split("\n");
    line.push(first);
    for (const next of others) {
      yield line.join("");
      line = [next];
    }
  }
  const last = line.join("");
  if (last !== "") yield last;
}

function parseEvent(name: string, line: number, text: string): EngineEvent {
  try {
    const event: unknown = JSON.parse(text);
    if (typeof event === "object" && event !== null && !Array.isArray(event) && !("steps" in event)) return event;
  } catch {
    // Reported below.
  }
  throw new AuditError(
    line === 1
      ? `${name}: it is not a stream of events, one JSON object per line. Plain "pulumi preview --json" prints none: use "${HOW}".`
      : `${name}:${line}: this line is not an event; the stream may have been cut off or mixed with other output.`,
  );
}

/** A resource that policies see, with its provider's URN. */
function findResource({ resourcePreEvent }: EngineEvent): (RecordedResource & { provider: string }) | undefined {
  if (!resourcePreEvent) return undefined;
  const { op, urn, type, new: state } = resourcePreEvent.metadata;
  const reference = typeof state?.provider === "string" ? state.provider : "";
  const provider = reference.split("::").slice(0, -1).join("::");
  return OTHER_STEPS.includes(op) ? undefined : { urn, type, inputs: state?.inputs ?? {}, provider };
}

/** An error of the run. That the run failed is not reported by itself, because violations make it fail, too. */
function findFailure({ diagnosticEvent }: EngineEvent): EvidenceItem | undefined {
  if (diagnosticEvent?.severity !== "error") return undefined;
  const message = diagnosticEvent.message.replace(/<\{%.*?%\}>/g, "").trim();
  if (/^(preview|update) failed$/.test(message)) return undefined;
  return toFailure(diagnosticEvent.urn || "the run that made the events", message.replace(/\s*\n\s*/g, " "));
}

function toFailure(subject: string, message: string): EvidenceItem {
  const shown = printable(subject, Infinity);
  const urn = subject.startsWith("urn:") ? { urn: shown } : {};
  return { kind: "failure", failure: { subject: shown, ...urn, message: printable(message, 2000) } };
}
