import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type {
  AuditHeader,
  AuditRule,
  AuditSummary,
  Failure,
  Finding,
  FindingAge,
  FixedFinding,
  Gap,
  JudgedUser,
  RecordedFinding,
  SinceLastRun,
  TrendPoint,
} from "../audit/result";
import type { UserToken } from "../core/user-token";
import { WaiverSchema } from "../policies/waivers";
import { JSON_VERSION } from "./json";

const list = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.readonly());
const Instant = v.pipe(v.string(), v.description("An instant, ISO 8601."));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const SeveritySchema = v.picklist(["low", "medium", "high", "critical"]);
const Level = v.picklist(["advisory", "mandatory"]);

const TokenSchema = v.object({
  id: v.string(),
  name: v.exactOptional(v.string()),
  description: v.exactOptional(v.pipe(v.string(), v.description("What the token is for, in somebody's own words."))),
  expireAt: v.exactOptional(v.pipe(v.string(), v.description("As the API wrote it. Absent: the token never expires."))),
  createdTs: v.string(),
  readOnly: v.boolean(),
  tokenType: v.pipe(v.string(), v.description("read_write or read_scaling; others are kept as they came.")),
});

const OriginSchema = v.pipe(
  v.object({ apiUrl: v.string(), organization: v.exactOptional(v.string()) }),
  v.description("Where the tokens were read. Absent where the evidence does not tell."),
);

const FindingSchema = v.object({
  rule: v.string(),
  severity: SeveritySchema,
  enforcementLevel: Level,
  about: v.exactOptional(
    v.pipe(
      v.string(),
      v.description("What it is about, as the message begins. Absent where username and tokenId tell it."),
    ),
  ),
  fact: v.pipe(v.string(), v.description("What is wrong, and the limit with its unit, without whom it is about.")),
  fix: v.exactOptional(v.pipe(v.string(), v.description("What to do next. Absent where the fact tells it."))),
  message: v.pipe(v.string(), v.description("Who, which token, the fact, and how to fix it.")),
  username: v.exactOptional(v.string()),
  origin: v.exactOptional(OriginSchema),
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
  parts: v.exactOptional(
    v.pipe(
      list(v.string()),
      v.description("What it is made of, where that can grow while it stays about the same: ids of tokens, a fault."),
    ),
  ),
  urn: v.exactOptional(v.string()),
  fingerprint: v.pipe(
    v.string(),
    v.regex(/^[0-9a-f]{64}$/),
    v.description("The same for the same organization, rule, user and token in every run."),
  ),
  waiver: v.exactOptional(v.pipe(WaiverSchema, v.description("The waiver that holds: the finding does not count."))),
  isKnown: v.exactOptional(v.pipe(v.boolean(), v.description("Whether the baseline knows it. Absent without one."))),
});

const UserSchema = v.object({
  username: v.string(),
  isServiceAccount: v.exactOptional(v.boolean()),
  isDeprovisioned: v.exactOptional(v.union([v.boolean(), v.literal("unknown")])),
  fetchedAt: v.exactOptional(Instant),
  origin: v.exactOptional(OriginSchema),
  urn: v.exactOptional(v.string()),
  tokens: list(TokenSchema),
  findings: list(FindingSchema),
});

const RuleSchema = v.object({
  name: v.string(),
  displayName: v.string(),
  description: v.string(),
  rationale: v.string(),
  remediation: v.string(),
  severity: SeveritySchema,
  enforcementLevel: v.picklist(["advisory", "mandatory", "disabled"]),
  controls: list(v.string()),
  settings: v.record(v.string(), v.unknown()),
});

const SummarySchema = v.object({
  users: Count,
  tokens: Count,
  mandatory: Count,
  advisory: Count,
  waived: Count,
  known: Count,
  failures: Count,
  exitCode: v.pipe(
    v.picklist([0, 1, 2]),
    v.description("0: nothing at or above failOn. 1: findings. 2: something could not be read or judged."),
  ),
});

const FailureSchema = v.object({
  subject: v.pipe(v.string(), v.description("A username, a resource's URN, or the audit.")),
  username: v.exactOptional(v.string()),
  urn: v.exactOptional(v.string()),
  message: v.string(),
});

const GapSchema = v.object({
  rule: v.string(),
  users: v.exactOptional(v.pipe(Count, v.description("Absent where it is about no user."))),
  reason: v.string(),
});

const FindingAgeSchema = v.object({
  standing: v.pipe(
    v.picklist(["new", "open", "unknown"]),
    v.description("new: it was not there, though the rule looked. open: it was there. unknown: nobody can tell."),
  ),
  openSince: v.exactOptional(v.pipe(Instant, v.description("The first run that saw it without an interruption."))),
  daysOpen: v.exactOptional(v.pipe(v.number(), v.description("Whole days from then to this run."))),
});

const RecordedFindingSchema = v.object({
  fingerprint: v.string(),
  rule: v.string(),
  severity: SeveritySchema,
  enforcementLevel: Level,
  username: v.exactOptional(v.string()),
  origin: v.exactOptional(OriginSchema),
  tokenId: v.exactOptional(v.string()),
  message: v.pipe(v.string(), v.description("As it was when the finding was first seen.")),
  isWaived: v.boolean(),
});

const SinceLastRunSchema = v.object({
  previousRun: v.exactOptional(
    v.pipe(
      v.object({ runId: v.number(), judgedAt: Instant }),
      v.description("The last complete run of the same scope, source and organization. Absent: there is none."),
    ),
  ),
  findings: v.pipe(
    v.record(v.string(), FindingAgeSchema),
    v.description("The findings of this audit, by their fingerprints. One that is not here is of unknown age."),
  ),
  opened: v.pipe(list(RecordedFindingSchema), v.description("Findings that are new.")),
  fixed: v.pipe(
    list(v.object({ ...RecordedFindingSchema.entries, openSince: Instant, lastSeenAt: Instant, fixedBy: Instant })),
    v.description("Findings that are not there any more, though the same rule looked again."),
  ),
});

const TrendPointSchema = v.object({
  runId: v.number(),
  judgedAt: Instant,
  findings: v.object({ mandatory: Count, advisory: Count, waived: Count }),
  tokens: v.object({
    expired: Count,
    within30Days: Count,
    within90Days: Count,
    later: Count,
    never: Count,
    unknown: Count,
  }),
  usersNotRead: v.pipe(Count, v.description("Users who were not read in this run: they count as they were last seen.")),
  settingsChanged: v.boolean(),
});

const HeaderSchema = v.object({
  version: v.pipe(v.string(), v.description("The version of the package pulumi-motherduck-tokens.")),
  now: v.pipe(v.string(), v.description("The instant at which tokens are judged, ISO 8601 in UTC.")),
  source: v.object({ kind: v.picklist(["api", "state", "events"]), name: v.string() }),
  rules: list(RuleSchema),
  configFile: v.exactOptional(v.string()),
  location: v.exactOptional(v.string()),
  failOn: v.picklist(["mandatory", "advisory", "none"]),
  failOnNew: v.boolean(),
});

/** The JSON report. */
export const JsonReportSchema = v.object({
  version: v.pipe(v.literal(JSON_VERSION), v.description("The version of this shape.")),
  audit: HeaderSchema,
  users: v.pipe(list(UserSchema), v.description("Everybody who was judged.")),
  findings: v.pipe(
    list(FindingSchema),
    v.description("What is about the stack or the configuration, not about a user."),
  ),
  failures: v.pipe(
    list(FailureSchema),
    v.description("What could not be read or judged. With one of these nothing is clean."),
  ),
  notJudged: v.exactOptional(
    v.pipe(list(GapSchema), v.description("What enabled rules could not judge, because the evidence never tells.")),
  ),
  sinceLastRun: v.exactOptional(
    v.pipe(SinceLastRunSchema, v.description("What changed. Absent where the audit is not recorded in a ledger.")),
  ),
  trend: v.exactOptional(
    v.pipe(list(TrendPointSchema), v.description("The organization's runs in the ledger, the oldest first.")),
  ),
  summary: SummarySchema,
});

/** The published JSON schema of the report. */
export function jsonReportSchema(): object {
  return {
    ...toJsonSchema(JsonReportSchema, { target: "draft-07", typeMode: "output", errorMode: "ignore" }),
    title: `Report of motherduck-tokens audit, version ${JSON_VERSION}`,
  };
}

// The schema and the values say the same, or this does not compile. The keys are compared, too: to an assignment, a missing
// optional one is no difference.
type Same<A, B> = [A, keyof A] extends [B, keyof B] ? ([B, keyof B] extends [A, keyof A] ? true : false) : false;
type Assert<T extends true> = T;
export type SchemaAgreesWithValues = [
  Assert<Same<v.InferOutput<typeof HeaderSchema>, AuditHeader>>,
  Assert<Same<v.InferOutput<typeof RuleSchema>, AuditRule>>,
  Assert<Same<v.InferOutput<typeof UserSchema>, JudgedUser>>,
  Assert<Same<v.InferOutput<typeof TokenSchema>, UserToken>>,
  Assert<Same<v.InferOutput<typeof FindingSchema>, Finding>>,
  Assert<Same<v.InferOutput<typeof FailureSchema>, Failure>>,
  Assert<Same<v.InferOutput<typeof GapSchema>, Gap>>,
  Assert<Same<v.InferOutput<typeof SummarySchema>, AuditSummary>>,
  Assert<Same<v.InferOutput<typeof FindingAgeSchema>, FindingAge>>,
  Assert<Same<v.InferOutput<typeof RecordedFindingSchema>, RecordedFinding>>,
  Assert<Same<v.InferOutput<typeof SinceLastRunSchema>, SinceLastRun>>,
  Assert<Same<v.InferOutput<typeof SinceLastRunSchema>["fixed"][number], FixedFinding>>,
  Assert<Same<v.InferOutput<typeof TrendPointSchema>, TrendPoint>>,
];
