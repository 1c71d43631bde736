/** The data of the page. */
import type { AuditHeader, AuditRule, AuditSummary, Failure, Finding, TrendPoint } from "../../audit/result";
import type { Waiver } from "../../policies/waivers";
import type { OUTCOME_TONES, Outcome } from "../vocabulary/outcome";

/** What the audit writes into the file as JSON, and the page's script reads. */
export interface PageData extends Pick<AuditHeader, "failOnNew"> {
  /** Milliseconds since the epoch, like all instants here. */
  readonly now: number;
  readonly limits: Limits;
  readonly rules: readonly RuleData[];
  /** The most urgent first. */
  readonly users: readonly UserData[];
  readonly findings: readonly FindingData[];
  /** How to fix findings: each text once, because many findings share it. */
  readonly fixes: readonly string[];
  /** Each owner once for each way of being found; empty where owners are not named. */
  readonly owners: readonly OwnerData[];
  /** Whether owners are named, so that what has none is nobody's. */
  readonly namesOwners: boolean;
  readonly waivers: readonly WaiverData[];
  readonly hasBaseline: boolean;
}

/** What tokens are drawn against, from the rules' settings; absent where the rule is disabled. */
export interface Limits {
  readonly lifetime?: DaysByType;
  readonly age?: DaysByType;
  readonly warnDays?: number;
  /** Whether groups of users have limits of their own. */
  readonly hasGroups?: true;
}

export interface DaysByType {
  readonly read_write: number;
  readonly read_scaling: number;
}

export interface RuleData extends Omit<AuditRule, "settings" | "groups"> {
  /** What groups set otherwise is among them. */
  readonly settings: readonly (readonly [name: string, value: string])[];
}

export type OwnerData = NonNullable<Finding["owner"]>;

export interface UserData {
  readonly name: string;
  readonly account?: "service" | "person";
  readonly deprovisioned?: true | "unknown";
  readonly email?: string;
  readonly roles?: readonly string[];
  /** Its place in {@link PageData.owners}; absent where nobody owns the user. */
  readonly owner?: number;
  /** The organization's name, or the API's address where it is not MotherDuck's. */
  readonly organization?: string;
  /** When the tokens were read. */
  readonly read?: number;
  readonly urn?: string;
  readonly tokens: readonly TokenData[];
  /** How many tokens without findings this file leaves out. */
  readonly leftOut?: number;
}

/** A date is a number, or the API's text if that is not a date. */
export type TokenDate = number | string;

export interface TokenData {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly type: string;
  readonly readOnly?: true;
  /** Set where MotherDuck made it itself, by its name. */
  readonly isSystem?: true;
  readonly created: TokenDate;
  /** Absent where the token never expires. */
  readonly expires?: TokenDate;
}

export interface FindingData {
  /** Its place in {@link PageData.rules}. */
  readonly rule: number;
  /** Its place in {@link PageData.users}; absent where it is about the stack or the configuration. */
  readonly user?: number;
  /** Its place in the user's tokens; absent where it is about the user as a whole. */
  readonly token?: number;
  /** What is wrong, without the user and the token, which the page shows beside it. */
  readonly text: string;
  /** Its place in {@link PageData.fixes}. */
  readonly fix?: number;
  /** The owner's place in {@link PageData.owners}; absent where nobody owns what it is about. */
  readonly owner?: number;
  /** Absent where it is the rule's. */
  readonly enforcementLevel?: Finding["enforcementLevel"];
  /** Absent where it is the rule's. */
  readonly severity?: Finding["severity"];
  /** Its waiver's place in {@link PageData.waivers}. */
  readonly waiver?: number;
  /** Whether the baseline knows it; absent without a baseline. */
  readonly isKnown?: boolean;
  /** Set for a finding that the ledger's last run did not have. */
  readonly fresh?: true;
  /** Whole days open according to the ledger; absent where its last run did not have the finding. */
  readonly daysOpen?: number;
}

export interface WaiverData extends Readonly<Pick<Waiver, "id" | "expires" | "ticket">> {
  readonly owner: string;
  readonly reason: string;
}

/** What only the static part of the page shows. */
export interface PageFacts extends Pick<AuditHeader, "version" | "configFile" | "failOn"> {
  readonly verdict: Verdict;
  /** What was judged and by which rules, in sentences. */
  readonly judged: string;
  /** What is not shown, and what rules could not judge because the evidence lacks it, in sentences. */
  readonly missing?: string;
  readonly source: string;
  readonly failures: readonly Pick<Failure, "subject" | "message">[];
  /** What changed; absent without a ledger. */
  readonly changes?: ChangeFacts;
  readonly trend?: readonly TrendPoint[];
  readonly totals: Totals;
  /** How many tokens without findings this file leaves out. */
  readonly leftOut: number;
}

/** How the audit ended. */
export interface Verdict {
  readonly tone: (typeof OUTCOME_TONES)[Outcome];
  readonly word: string;
  readonly detail: string;
}

/** What changed since the last run. */
export interface ChangeFacts {
  readonly title: string;
  readonly sentence: string;
  /** Absent where there is nothing to compare with. */
  readonly counts?: { readonly new: number; readonly fixed: number };
  readonly opened: readonly string[];
  readonly fixed: readonly {
    readonly text: string;
    readonly since: number;
    readonly after: number;
    readonly by: number;
  }[];
}

/** The audit's own tallies, and those of all tokens, including those left out. */
export interface Totals extends AuditSummary {
  readonly ends: Readonly<Record<End, number>>;
  readonly types: Readonly<Record<"read_write" | "read_scaling" | "other", number>>;
}

/** When a token expires. `soon`: within the days of the warning; `quarter`: within 90 days. */
export type End = "expired" | "soon" | "quarter" | "later" | "never";
