import { findKeptInput } from "../policies/kept-inputs";
import { readEvidence, readSelection } from "../policies/read-evidence";
import { SECRET, SIGNATURE } from "../core/engine-marks";
import { printable } from "../core/printable";
import type { EvidenceItem } from "./evidence-source";

/** A resource as recorded in states and events. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  /** What resource policies receive, too. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The engine leaves an empty list out. Events never have it. */
  readonly ignoreChanges?: unknown;
  /** The configuration of its provider, where that is recorded. */
  readonly providerInputs?: Readonly<Record<string, unknown>> | undefined;
}

/** The evidence in a resource; empty if the rules do not apply to it. */
export function readResource({ urn, type, inputs, ignoreChanges, providerInputs }: RecordedResource): EvidenceItem[] {
  const safeUrn = printable(urn, Infinity);
  const name = safeUrn.split("::").at(-1) ?? safeUrn;
  const props = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, reveal(value)]));
  const evidence = readEvidence(type, props, providerInputs);
  if (evidence.kind === "other") return [];
  if (evidence.kind === "unknown") return [{ kind: "unknown", name, urn: safeUrn }];
  // The username "[secret]" would be judged as a user of that name.
  const secret = Object.keys(props).find((key) => isRecordedSecret(props[key]));
  if (secret !== undefined) {
    const reason = `\`${secret}\` is a secret here; export the stack with --show-secrets, or run the policy pack, which sees it`;
    return [describeUnjudged({ name, urn: safeUrn }, reason)];
  }
  if (evidence.kind === "unreadable") return [describeUnjudged({ name, urn: safeUrn }, evidence.reason)];
  if (!isListOfText(ignoreChanges))
    return [describeUnjudged({ name, urn: safeUrn }, "`ignoreChanges` is not a list of names")];
  const { users } = evidence;
  const resource = { users, selection: readSelection(type, props) };
  const kept = findKeptInput(type, ignoreChanges);
  return [
    ...(kept === undefined ? [] : [{ kind: "kept", name, urn: safeUrn, path: kept } as const]),
    ...users.map((user, index) => ({ kind: "user", user, urn: safeUrn, ...(index === 0 && { resource }) }) as const),
  ];
}

/** A resource whose tokens cannot be judged. @param resource its name and URN, safe to print. */
export function describeUnjudged(
  resource: { readonly name: string; readonly urn: string },
  reason: string,
): EvidenceItem {
  const { name, urn } = resource;
  return { kind: "failure", failure: { subject: urn, urn, message: `${name}: there is nothing to judge: ${reason}.` } };
}

function isListOfText(value: unknown): value is readonly string[] | undefined {
  return value === undefined || (Array.isArray(value) && value.every((item) => typeof item === "string"));
}

function isRecordedSecret(value: unknown): boolean {
  return (
    value === "[secret]" ||
    (typeof value === "object" && value !== null && (value as Record<string, unknown>)[SIGNATURE] === SECRET)
  );
}

/** Returns the value of a secret whose plain text is present (`--show-secrets`). */
function reveal(value: unknown): unknown {
  const text = isRecordedSecret(value) ? (value as { plaintext?: unknown }).plaintext : undefined;
  if (typeof text !== "string") return value;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return value;
  }
}
