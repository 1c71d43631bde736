import { UNKNOWN_VALUES } from "../core/engine-marks";
import { encodeText } from "../core/printable";
import { PROVENANCE } from "../core/provenance";
import type { Session } from "./session";

/** A resource's properties as providers get them from the engine and give them back: plain JSON. */
export type Properties = Record<string, unknown>;

/** What stands in place of a value that is not known yet in a preview. Providers get that of text for values of any type. */
export const UNKNOWN_VALUE = UNKNOWN_VALUES.text;

/**
 * The input in which a program sends the usernames of the resources that are declared next, as a JSON list: the engine asks
 * for one resource at a time, so their reads are started together with this one's. `check` replaces it by the provenance.
 * A separate input would stay in state, among the names of properties that have dependencies.
 */
export const READ_AHEAD = PROVENANCE;

/** What `check` gives to the engine, and so to policies and into state. */
export interface CheckResult {
  readonly inputs: Properties;
  readonly failures?: readonly CheckFailure[];
}

/** One line of the engine's report: it shows the property and its value, unless the property is empty. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface DiffResult {
  readonly changes: boolean;
  /** The properties whose change makes it another resource. */
  readonly replaces: readonly string[];
}

/**
 * A resource that carries evidence: what the engine's calls come down to. It knows nothing of Pulumi's SDKs, so that each
 * kind of provider is a thin adapter to it.
 */
export interface EvidenceResource {
  /** Reads the tokens. Here, because it is what the engine calls in previews and before policies run. */
  check(news: Properties, session: Session): Promise<CheckResult>;
  /** By the canonical token sets: the provenance is new each time, and is no change. */
  diff(olds: Properties, news: Properties): DiffResult;
  /** Of a resource with these inputs. It must not be a secret: Pulumi stores it as plain text. */
  idOf(inputs: Properties): string;
  /**
   * Nothing is created or changed: the evidence of `check` goes into state, without its provenance.
   *
   * @throws Error where there is none: `check` was not called.
   */
  outputsOf(inputs: Properties): Properties;
  /** The inputs as they are now, for `pulumi refresh`; `undefined` for what is gone. @throws Error where a read fails. */
  refresh(id: string, outputs: Properties, session: Session): Promise<Properties | undefined>;
}

/** What a program passed, in the form in which the engine gets names: it prints them as they are. */
export function encodeValue(value: unknown): unknown {
  return typeof value === "string" && value !== UNKNOWN_VALUE ? encodeText(value) : value;
}

/** The error of outputs without evidence. */
export function noEvidence(): Error {
  return new Error("no tokens were read for this resource; run the same command without --target");
}
