import type { AuditSource, Failure } from "./result";
import type { UserEvidence } from "../policies/rule";
import type { EvidenceSelection } from "../policies/verify-evidence";

/** What a source is called that could not be opened. */
export const NOT_READ = "not read";

/** One piece of evidence from a source. */
export type EvidenceItem =
  | {
      readonly kind: "user";
      readonly user: UserEvidence;
      readonly urn?: string;
      /** The whole resource's evidence; only on the first of its users. */
      readonly resource?: RecordedEvidence;
    }
  /** A resource whose tokens are not known yet. */
  | { readonly kind: "unknown"; readonly name: string; readonly urn: string }
  /** A resource whose `ignoreChanges` keeps, with this entry, the users of an earlier run. They are items of their own. */
  | { readonly kind: "kept"; readonly name: string; readonly urn: string; readonly path: string }
  /** Something that must not be ignored. */
  | { readonly kind: "failure"; readonly failure: Failure };

/** The evidence of one resource in a state or in events. */
export interface RecordedEvidence {
  readonly users: readonly UserEvidence[];
  /** Absent for a resource of one user. */
  readonly selection: EvidenceSelection | undefined;
}

/** A source of evidence for an audit. */
export interface EvidenceSource {
  readonly source: AuditSource;
  /** How many users there will be, once known; for the progress bar. */
  readonly expectedUsers?: () => number | undefined;
  /** @throws AuditError, or an error of the client, if reading cannot start or go on. */
  read(): AsyncIterable<EvidenceItem>;
}
