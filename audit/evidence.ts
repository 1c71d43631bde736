import type { AuditSource, Failure } from "./result";
import type { UserEvidence } from "../policies/rule";
import type { EvidenceSelection } from "../policies/verify-evidence";

/** One piece of evidence, as a source finds it. */
export type EvidenceItem =
  | {
      readonly kind: "user";
      readonly user: UserEvidence;
      readonly urn?: string;
      /** All that the resource holds, with the first of its users. */
      readonly resource?: RecordedEvidence;
    }
  /** A resource whose tokens are not known yet. */
  | { readonly kind: "unknown"; readonly name: string; readonly urn: string }
  /** Something that must not be passed over. */
  | { readonly kind: "failure"; readonly failure: Failure };

/** The evidence of one resource of a state or of events. */
export interface RecordedEvidence {
  readonly users: readonly UserEvidence[];
  /** Absent for a resource of one user. */
  readonly selection: EvidenceSelection | undefined;
}

/** Where an audit gets its evidence. */
export interface EvidenceSource {
  readonly source: AuditSource;
  /** How many users there will be, as soon as that is known; for progress. */
  readonly expectedUsers?: () => number | undefined;
  /** @throws AuditError, or an error of the client, where nothing (more) can be read. */
  read(): AsyncIterable<EvidenceItem>;
}
