/**
 * The results of an audit, as values: the judge produces them, and reports print them. One user at a time, so that an audit
 * of many users does not keep all of them in memory.
 */
import type { RuleMetadata, Severity } from "../policies/rule";
import type { Waiver } from "../policies/waivers";
import type { Origin } from "../core/provenance";
import type { UserToken } from "../core/user-token";

/** What is known before anything is judged. */
export interface AuditHeader {
  /** The version of this package. */
  readonly version: string;
  /** The instant at which tokens are judged, ISO 8601 in UTC. */
  readonly now: string;
  readonly source: AuditSource;
  /** All rules, including disabled ones, in the order of the pack. */
  readonly rules: readonly AuditRule[];
  /** The settings file, as given; absent if there is none. */
  readonly configFile?: string;
  /**
   * The file that reports point to, because code hosts show findings only in files. It is relative to the repository,
   * with `/`. Default: `Pulumi.yaml`.
   */
  readonly location?: string;
  readonly failOn: FailOn;
  /** Whether only findings that the baseline does not know count. */
  readonly failOnNew: boolean;
}

/** Where the evidence comes from. */
export interface AuditSource {
  /** The live API, a stack export, or the engine's event stream. */
  readonly kind: "api" | "state" | "events";
  /** The API's base URL, or the file's name; `-` is standard input. */
  readonly name: string;
}

/** Findings at this level or above make an audit fail. `none`: findings never do. */
export type FailOn = "mandatory" | "advisory" | "none";

/** A rule as it is configured. */
export interface AuditRule extends Pick<
  RuleMetadata,
  "name" | "displayName" | "description" | "rationale" | "remediation" | "severity" | "enforcementLevel" | "controls"
> {
  /** The rule's settings, complete. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A judged user. */
export interface JudgedUser {
  /** Safe to print and still unique: encoded by `encodeText`, like all names here. */
  readonly username: string;
  /** Absent where the evidence does not tell. */
  readonly isServiceAccount?: boolean;
  /** Absent if evidence of this kind never tells, `"unknown"` if it should and does not. */
  readonly isDeprovisioned?: boolean | "unknown";
  /** When the tokens were read, ISO 8601. */
  readonly fetchedAt?: string;
  /** Where they were read: the API's base URL, and the organization's name from the settings, if any. Safe to print. */
  readonly origin?: Origin;
  /** The URN of the resource that carries the evidence; absent for the live API. */
  readonly urn?: string;
  /** In canonical order, safe to print. */
  readonly tokens: readonly UserToken[];
  /** By rule in the order of the pack, then by token. */
  readonly findings: readonly Finding[];
}

/** One violation, waived or not. */
export interface Finding {
  /** The rule's name. */
  readonly rule: string;
  readonly severity: Severity;
  /** Its effect on a deployment, unless it is waived. */
  readonly enforcementLevel: "mandatory" | "advisory";
  /** What it is about, as the message begins; absent where `username` and `tokenId` tell it. Safe to print. */
  readonly about?: string;
  /** What is wrong, and the limit with its unit, without whom it is about. Safe to print; one line. */
  readonly fact: string;
  /** What to do next, in whole sentences. Absent where the fact tells it. Safe to print; one line. */
  readonly fix?: string;
  /** Who, which token, the fact, and how to fix it. Safe to print; one line. */
  readonly message: string;
  /** Absent where it is about the stack or the configuration. */
  readonly username?: string;
  /** Whose user it is; absent where the evidence does not tell. Safe to print. */
  readonly origin?: Origin;
  /** Absent where it is about the user as a whole. */
  readonly tokenId?: string;
  readonly tokenName?: string;
  /** What else it is about, besides the user and token: a waiver's id, an expected username, a name. */
  readonly subject?: string;
  /**
   * What it is made of, where that can grow while it stays about the same: the ids of the tokens, the fault. The baseline
   * knows a finding only where it knows all of them. Safe to print.
   */
  readonly parts?: readonly string[];
  /** The URN of the resource that carries the evidence. */
  readonly urn?: string;
  /** The same for the same rule, user and token in every run, whatever the message: lower-case hex, 64 characters. */
  readonly fingerprint: string;
  /** The waiver that covers it: it is shown, but does not count. */
  readonly waiver?: Waiver;
  /** Whether the baseline knows it; absent without a baseline. */
  readonly isKnown?: boolean;
}

/** The subject of a failure that is about neither a user nor a resource. */
export const THE_AUDIT = "the audit";

/** Something that could not be read or judged. With a failure, no report looks clean. */
export interface Failure {
  /** A username, a resource's URN, or {@link THE_AUDIT}. Safe to print. */
  readonly subject: string;
  /** The user who could not be read or judged; absent if it is not about one user. */
  readonly username?: string;
  /** The resource that could not be judged; absent if it is not about a resource. */
  readonly urn?: string;
  /** What happened, and what to do next. Safe to print; one line. */
  readonly message: string;
}

/** A rule that could not judge. With a gap, no report looks clean. */
export interface Gap {
  /** The rule's name. */
  readonly rule: string;
  /** How many users it could not judge; absent if it is not about users. */
  readonly users?: number;
  readonly reason: string;
}

/** What is known at the end. */
export interface AuditClosing {
  /** Findings about the stack and the configuration. */
  readonly findings: readonly Finding[];
  /** In the order in which they occurred. */
  readonly failures: readonly Failure[];
  /** What enabled rules could not judge, because evidence of this kind never tells; absent if nothing. */
  readonly notJudged?: readonly Gap[];
  /** What changed since the last run; absent where the audit is not recorded in a ledger. */
  readonly sinceLastRun?: SinceLastRun;
  /** The organization's runs in the ledger, the oldest first; absent without a ledger, or where nobody asked for it. */
  readonly trend?: readonly TrendPoint[];
  readonly summary: AuditSummary;
}

/** What an audit changed, compared with the ledger in which it is recorded. */
export interface SinceLastRun {
  /** The last complete run of the same scope, source and organization; absent where there is none. */
  readonly previousRun?: { readonly runId: number; readonly judgedAt: string };
  /** The findings of this audit, by their fingerprints. One that is not here is of unknown age. */
  readonly findings: Readonly<Record<string, FindingAge>>;
  /** Those that are new. */
  readonly opened: readonly RecordedFinding[];
  /** About users whom this run read; empty without a previous run. */
  readonly fixed: readonly FixedFinding[];
}

/** How a finding stands, compared with {@link SinceLastRun.previousRun}. */
export interface FindingAge {
  /**
   * `new`: whoever looked at the previous run or since did not find it, and would have. `open`: it was there. `unknown`: nobody
   * can tell, because nobody looked, or by other settings.
   */
  readonly standing: "new" | "open" | "unknown";
  /** The first run that saw it without an interruption, ISO 8601; absent where its place in time is not certain. */
  readonly openSince?: string;
  /** Whole days from then to this run. */
  readonly daysOpen?: number;
}

/** A finding as the ledger has it, with the message that it had when it was first seen. Safe to print. */
export interface RecordedFinding extends Pick<
  Finding,
  "fingerprint" | "rule" | "severity" | "enforcementLevel" | "username" | "origin" | "tokenId" | "message"
> {
  /** Whether it is waived, or was when it was last seen. */
  readonly isWaived: boolean;
}

/** A finding that is not there any more, though the same rule looked again. */
export interface FixedFinding extends RecordedFinding {
  /** The first run that saw it without an interruption, ISO 8601. */
  readonly openSince: string;
  /** It was fixed after this instant, ISO 8601. */
  readonly lastSeenAt: string;
  /** And before this one. */
  readonly fixedBy: string;
}

/** What there was after a run. Users who were not read count as they were last seen. */
export interface TrendPoint {
  readonly runId: number;
  /** ISO 8601. */
  readonly judgedAt: string;
  readonly findings: { readonly mandatory: number; readonly advisory: number; readonly waived: number };
  /** By what was left of their life then. */
  readonly tokens: {
    readonly expired: number;
    readonly within30Days: number;
    readonly within90Days: number;
    readonly later: number;
    readonly never: number;
    readonly unknown: number;
  };
  readonly usersNotRead: number;
  /** Whether this run judged by other settings than the one before. */
  readonly settingsChanged: boolean;
}

/** The tallies. A waived finding counts only as waived, and with `failOnNew` a known one counts only as known. */
export interface AuditSummary {
  /** The number of judged users. */
  readonly users: number;
  readonly tokens: number;
  readonly mandatory: number;
  readonly advisory: number;
  readonly waived: number;
  /** Findings that the baseline knows, if only new ones count. */
  readonly known: number;
  readonly failures: number;
  /** 0: nothing at or above `failOn`. 1: findings. 2: something could not be judged; it takes precedence over 1. */
  readonly exitCode: 0 | 1 | 2;
}
