/**
 * The results of an audit, as values: the judge produces them, reports print them, the JSON report is them. The schemas are
 * their definition: the types, and what is published of the JSON report, come from here.
 */
import * as v from "valibot";
import { type Owner, OWNER_SOURCES } from "../core/owner";
import type { Origin } from "../core/provenance";
import type { UserToken } from "../core/user-token";
import { ENFORCEMENT_LEVELS, type Remedy, SEVERITIES } from "../policies/rule";
import { TOKEN_TYPES } from "../policies/token-facts";
import { WaiverSchema } from "../policies/waivers";

const record = <Entries extends v.ObjectEntries>(entries: Entries) => v.pipe(v.object(entries), v.readonly());
const list = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.readonly());
const dictionary = <Value extends v.GenericSchema>(value: Value) => v.pipe(v.record(v.string(), value), v.readonly());
const Instant = v.pipe(v.string(), v.description("An instant, ISO 8601."));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const SeveritySchema = v.picklist(SEVERITIES);
const LevelSchema = v.picklist(["advisory", "mandatory"]);

/** A token of a judged user. */
export interface JudgedToken extends UserToken {
  /** Absent where it has none, and where owners are not named. */
  readonly owner?: Owner;
  /** Set where MotherDuck made it itself, by its name. */
  readonly isSystem?: true;
}

/** An {@link Owner}. */
const OwnerSchema: v.GenericSchema<Owner> = v.pipe(
  record({
    name: v.string(),
    foundBy: v.pipe(
      v.picklist(OWNER_SOURCES),
      v.description("What named the owner: a setting, a description, an e-mail."),
    ),
  } satisfies Record<keyof Owner, unknown>),
  v.description("Who answers for it. Absent where nobody does, and where the settings have no owners."),
);

/** A {@link JudgedToken}. Its texts are safe to print and still unique: encoded by `encodeText`, like all names here. */
const TokenSchema: v.GenericSchema<JudgedToken> = record({
  id: v.string(),
  name: v.exactOptional(v.string()),
  description: v.exactOptional(v.pipe(v.string(), v.description("What the token is for, in somebody's own words."))),
  expireAt: v.exactOptional(v.pipe(v.string(), v.description("As the API wrote it. Absent: the token never expires."))),
  createdTs: v.string(),
  readOnly: v.boolean(),
  tokenType: v.pipe(v.string(), v.description("read_write or read_scaling; others are kept as they came.")),
  owner: v.exactOptional(OwnerSchema),
  isSystem: v.exactOptional(
    v.pipe(v.literal(true), v.description("By its name, MotherDuck made it itself. Absent for all others.")),
  ),
} satisfies Record<keyof JudgedToken, unknown>);

/** An {@link Origin}. */
const OriginSchema: v.GenericSchema<Origin> = v.pipe(
  record({ apiUrl: v.string(), organization: v.exactOptional(v.string()) } satisfies Record<keyof Origin, unknown>),
  v.description("Where the tokens were read. Absent if the evidence does not include it."),
);

/** A {@link Remedy}. */
const RemedySchema: v.GenericSchema<Remedy> = v.variant("action", [
  record({ action: v.literal("revoke") }),
  record({
    action: v.literal("replace"),
    tokenType: v.pipe(v.picklist(TOKEN_TYPES), v.description("Of the token that replaces this one.")),
    maxTtlSeconds: v.pipe(Count, v.description("How long that may live, so that it breaks no rule.")),
    needsName: v.exactOptional(v.pipe(v.literal(true), v.description("It has to have another name than this one."))),
  }),
]);

const FindingSchema = record({
  /** The rule's name. */
  rule: v.string(),
  severity: SeveritySchema,
  /** Its effect on a deployment, unless it is waived. */
  enforcementLevel: LevelSchema,
  about: v.exactOptional(
    v.pipe(
      v.string(),
      v.description("What it is about, as the message begins. Absent where username and tokenId tell it."),
    ),
  ),
  fact: v.pipe(v.string(), v.description("What is wrong, and the limit with its unit, without whom it is about.")),
  /** In whole sentences. */
  fix: v.exactOptional(v.pipe(v.string(), v.description("What to do next. Absent where the fact tells it."))),
  message: v.pipe(v.string(), v.description("Who, which token, the fact, and how to fix it.")),
  remedy: v.exactOptional(
    v.pipe(
      RemedySchema,
      v.description("What ends it, where that can be told of the token alone. Absent where somebody has to choose."),
    ),
  ),
  /** Absent where it is about the stack or the configuration. */
  username: v.exactOptional(v.string()),
  origin: v.exactOptional(OriginSchema),
  /** Absent where it is about the user as a whole. */
  tokenId: v.exactOptional(v.string()),
  tokenName: v.exactOptional(v.string()),
  subject: v.exactOptional(
    v.pipe(
      v.string(),
      v.description(
        "What it is about besides the user, where that is not a token: a waiver's id, an expected username, a name.",
      ),
    ),
  ),
  /** The baseline knows a finding only where it knows all of them. */
  parts: v.exactOptional(
    v.pipe(
      list(v.string()),
      v.description("What it is made of, where that can grow while it stays about the same: ids of tokens, a fault."),
    ),
  ),
  owner: v.exactOptional(OwnerSchema),
  /** The URN of the resource that carries the evidence. */
  urn: v.exactOptional(v.string()),
  fingerprint: v.pipe(
    v.string(),
    v.regex(/^[0-9a-f]{64}$/),
    v.description("The same for the same organization, rule, user and token in every run."),
  ),
  waiver: v.exactOptional(v.pipe(WaiverSchema, v.description("The waiver that holds: the finding does not count."))),
  isKnown: v.exactOptional(v.pipe(v.boolean(), v.description("Whether the baseline knows it. Absent without one."))),
});

/** One violation, waived or not. All texts are safe to print, and one line each. */
export type Finding = v.InferOutput<typeof FindingSchema>;

export const UserSchema = record({
  username: v.string(),
  /** Absent if the evidence does not include it. */
  isServiceAccount: v.exactOptional(v.boolean()),
  /** Absent if evidence of this kind never tells, `"unknown"` if it should and does not. */
  isDeprovisioned: v.exactOptional(v.union([v.boolean(), v.literal("unknown")])),
  email: v.exactOptional(
    v.pipe(v.string(), v.description("Absent if there is none, and where personal data is left out.")),
  ),
  roles: v.exactOptional(v.pipe(list(v.string()), v.description("Absent if the evidence does not include it."))),
  /** When the tokens were read. */
  fetchedAt: v.exactOptional(Instant),
  origin: v.exactOptional(OriginSchema),
  /** Who answers for the user as a whole; a token has its own, and so has a finding about a token. */
  owner: v.exactOptional(OwnerSchema),
  /** The URN of the resource that carries the evidence; absent for the live API. */
  urn: v.exactOptional(v.string()),
  /** In canonical order; with `owners` in the header, only theirs. */
  tokens: list(TokenSchema),
  /** By rule in the order of the pack, then by token. */
  findings: list(FindingSchema),
});

/** A judged user. */
export type JudgedUser = v.InferOutput<typeof UserSchema>;

const GroupSettingsSchema = record({
  name: v.string(),
  /** Names or globs. */
  users: v.exactOptional(v.pipe(list(v.string()), v.description("Names or globs. Absent: everybody."))),
  accounts: v.exactOptional(v.picklist(["humans", "serviceAccounts"])),
  config: v.pipe(
    v.unknown(),
    v.description("A level, or an object with enforcementLevel and settings, as it is written."),
  ),
});

const RuleSchema = record({
  name: v.string(),
  displayName: v.string(),
  description: v.string(),
  rationale: v.string(),
  remediation: v.string(),
  severity: SeveritySchema,
  enforcementLevel: v.pipe(
    v.picklist(ENFORCEMENT_LEVELS),
    v.description("Where it is disabled but for groups, the strongest that a group gives it."),
  ),
  controls: list(v.string()),
  /** The rule's settings, complete. */
  settings: dictionary(v.unknown()),
  groups: v.exactOptional(
    v.pipe(
      list(GroupSettingsSchema),
      v.description("What groups of users set otherwise. Of a user's groups, the last one wins."),
    ),
  ),
});

/** A rule as it is configured. */
export type AuditRule = v.InferOutput<typeof RuleSchema>;

const SourceSchema = record({
  /** The live API, a stack export, or the engine's event stream. */
  kind: v.picklist(["api", "state", "events"]),
  /** The API's base URL, or the file's name; `-` is standard input. */
  name: v.string(),
});

/** Where the evidence comes from. */
export type AuditSource = v.InferOutput<typeof SourceSchema>;

const FailOnSchema = v.picklist(["mandatory", "advisory", "none"]);

/** Findings at this level or above make an audit fail. `none`: findings never do. */
export type FailOn = v.InferOutput<typeof FailOnSchema>;

export const HeaderSchema = record({
  version: v.pipe(v.string(), v.description("The version of the package pulumi-motherduck-tokens.")),
  now: v.pipe(v.string(), v.description("The instant at which tokens are judged, ISO 8601 in UTC.")),
  source: SourceSchema,
  /** All rules, including disabled ones, in the order of the pack. */
  rules: list(RuleSchema),
  /** The settings file, as given; absent if there is none. */
  configFile: v.exactOptional(v.string()),
  /**
   * The file that reports point to, because code hosts show findings only in files. It is relative to the repository,
   * with `/`. Default: `Pulumi.yaml`.
   */
  location: v.exactOptional(v.string()),
  failOn: FailOnSchema,
  /** Whether only findings that the baseline does not know count. */
  failOnNew: v.boolean(),
  systemTokens: v.exactOptional(
    v.pipe(
      v.literal("advisory"),
      v.description(
        "Findings that are due to tokens which MotherDuck made itself are advisory. Absent: they are as others.",
      ),
    ),
  ),
  scope: v.exactOptional(
    v.pipe(
      v.picklist(["everybody", "selection", "stack"]),
      v.description("Whom it was to be about: everybody in the organization, some of them, or a stack's users."),
    ),
  ),
  organization: v.exactOptional(v.pipe(v.string(), v.description("The organization that the environment names."))),
  namesOwners: v.exactOptional(
    v.pipe(v.literal(true), v.description("Reports name owners, and are grouped by them. Absent: they do not.")),
  ),
  owners: v.exactOptional(
    v.pipe(
      list(v.string()),
      v.description("Names of owners, or globs: everything else is left out. Absent: nothing is."),
    ),
  ),
});

/** What is known before anything is judged. */
export type AuditHeader = v.InferOutput<typeof HeaderSchema>;

/** Why something could not be read or judged, as far as monitoring tells it apart. */
export const FAILURE_CAUSES = [
  "unauthorized",
  "forbidden",
  "not_found",
  "rate_limited",
  "rejected",
  "server_error",
  "network",
  "response",
  "not_asked",
  "settings",
  "ledger",
] as const;

/** One of the {@link FAILURE_CAUSES}. */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

const FailureSchema = record({
  subject: v.pipe(v.string(), v.description("A username, a resource's URN, or the audit.")),
  /** The user who could not be read or judged; absent if it is not about one user. */
  username: v.exactOptional(v.string()),
  /** The resource that could not be judged; absent if it is not about a resource. */
  urn: v.exactOptional(v.string()),
  /** What happened, and what to do next. One line. */
  message: v.string(),
  cause: v.exactOptional(
    v.pipe(
      v.picklist(FAILURE_CAUSES),
      v.description(
        "unauthorized: 401, the API token was refused. forbidden: 403. not_found: 404. rate_limited: 429. rejected: another 4xx. " +
          "server_error: 5xx. network: no answer. response: an answer that breaks the contract. not_asked: nobody asked, " +
          "because the reads before had failed. settings: the command was not set up. ledger: it could not be recorded. " +
          "Absent: something else.",
      ),
    ),
  ),
});

/** Something that could not be read or judged. With a failure, no report looks clean. All texts are safe to print. */
export type Failure = v.InferOutput<typeof FailureSchema>;

const GapSchema = record({
  /** The rule's name. */
  rule: v.string(),
  /** How many users it could not judge. */
  users: v.exactOptional(v.pipe(Count, v.description("Absent where it is about no user."))),
  reason: v.string(),
});

/** A rule that could not judge. With a gap, no report looks clean. */
export type Gap = v.InferOutput<typeof GapSchema>;

const FindingAgeSchema = record({
  standing: v.pipe(
    v.picklist(["new", "open", "unknown"]),
    v.description("new: it was not there, though the rule looked. open: it was there. unknown: nobody can tell."),
  ),
  /** Absent where its place in time is not certain. */
  openSince: v.exactOptional(v.pipe(Instant, v.description("The first run that saw it without an interruption."))),
  daysOpen: v.exactOptional(v.pipe(v.number(), v.description("Whole days from then to this run."))),
});

/** How a finding stands, compared with {@link SinceLastRun.previousRun}. */
export type FindingAge = v.InferOutput<typeof FindingAgeSchema>;

const { rule, severity, enforcementLevel, username, origin, tokenId } = FindingSchema.entries;

const RecordedFindingSchema = record({
  fingerprint: v.string(),
  ...{ rule, severity, enforcementLevel, username, origin, tokenId },
  message: v.pipe(v.string(), v.description("As it was when the finding was first seen.")),
  /** Whether it is waived, or was when it was last seen. */
  isWaived: v.boolean(),
});

/** A finding as the ledger has it. Safe to print. */
export type RecordedFinding = v.InferOutput<typeof RecordedFindingSchema>;

const FixedFindingSchema = record({
  ...RecordedFindingSchema.entries,
  /** The first run that saw it without an interruption. */
  openSince: Instant,
  /** It was fixed after this instant. */
  lastSeenAt: Instant,
  /** And before this one. */
  fixedBy: Instant,
});

/** A finding that is not there any more, though the same rule looked again. */
export type FixedFinding = v.InferOutput<typeof FixedFindingSchema>;

const SinceLastRunSchema = record({
  previousRun: v.exactOptional(
    v.pipe(
      record({ runId: v.number(), judgedAt: Instant }),
      v.description("The last complete run of the same scope, source and organization. Absent: there is none."),
    ),
  ),
  findings: v.pipe(
    dictionary(FindingAgeSchema),
    v.description("The findings of this audit, by their fingerprints. One that is not here is of unknown age."),
  ),
  opened: v.pipe(list(RecordedFindingSchema), v.description("Findings that are new.")),
  /** About users whom this run read; empty without a previous run. */
  fixed: v.pipe(
    list(FixedFindingSchema),
    v.description("Findings that are not there any more, though the same rule looked again."),
  ),
});

/** What an audit changed, compared with the ledger in which it is recorded. */
export type SinceLastRun = v.InferOutput<typeof SinceLastRunSchema>;

const TrendPointSchema = record({
  runId: v.number(),
  judgedAt: Instant,
  findings: record({ mandatory: Count, advisory: Count, waived: Count }),
  /** By what was left of their life then. */
  tokens: record({
    expired: Count,
    within30Days: Count,
    within90Days: Count,
    later: Count,
    never: Count,
    unknown: Count,
  }),
  usersNotRead: v.pipe(Count, v.description("Users who were not read in this run: they count as they were last seen.")),
  /** Whether this run judged by other settings than the one before. */
  settingsChanged: v.boolean(),
});

/** What there was after a run. */
export type TrendPoint = v.InferOutput<typeof TrendPointSchema>;

const SummarySchema = record({
  /** The number of judged users. */
  users: Count,
  tokens: Count,
  mandatory: Count,
  advisory: Count,
  waived: Count,
  /** Findings that the baseline knows, if only new ones count. */
  known: Count,
  failures: Count,
  exitCode: v.pipe(
    v.picklist([0, 1, 2]),
    v.description("0: nothing at or above failOn. 1: findings. 2: something could not be read or judged."),
  ),
});

/** The tallies. A waived finding counts only as waived, and with `failOnNew` a known one counts only as known. */
export type AuditSummary = v.InferOutput<typeof SummarySchema>;

export const ClosingSchema = record({
  findings: v.pipe(
    list(FindingSchema),
    v.description("What is about the stack or the configuration, not about a user."),
  ),
  /** In the order in which they occurred. */
  failures: v.pipe(
    list(FailureSchema),
    v.description("What could not be read or judged. With one of these nothing is clean."),
  ),
  notJudged: v.exactOptional(
    v.pipe(list(GapSchema), v.description("What enabled rules could not judge, because the evidence never tells.")),
  ),
  leftOut: v.exactOptional(
    v.pipe(
      Count,
      v.description("Findings that are not shown, because they are not of the owners that were asked for."),
    ),
  ),
  sinceLastRun: v.exactOptional(
    v.pipe(SinceLastRunSchema, v.description("What changed. Absent where the audit is not recorded in a ledger.")),
  ),
  lastCompleteRun: v.exactOptional(
    v.pipe(
      Instant,
      v.description("When the last complete audit of this kind was, before this one. Absent where no ledger tells."),
    ),
  ),
  /** Absent without a ledger, or where nobody asked for it. */
  trend: v.exactOptional(
    v.pipe(list(TrendPointSchema), v.description("The organization's runs in the ledger, the oldest first.")),
  ),
  summary: SummarySchema,
});

/** What is known at the end. */
export type AuditClosing = v.InferOutput<typeof ClosingSchema>;
