import type {
  Policy,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { toJsonSchema } from "@valibot/to-json-schema";
import { printable } from "../core/printable";
import { TOKENS_PAGE } from "../core/vendor";
import { type Configuration, resolveConfiguration } from "./configuration/configuration";
import { describeUnknown, describeUnreadable, readEvidence, readSelection } from "./read-evidence";
import { describeKept, findKeptInput } from "./kept-inputs";
import { createGuardedUsers, type GuardedUsers } from "./guarded-users";
import { type Report, toReport } from "./judge-user";
import type { GuardReading } from "./own-reader";
import { createOwnReads, type OwnReads } from "./own-reads";
import { pageOf } from "./rules";
import { evidenceFresh } from "./rules/evidence-fresh";
import { evidenceOrigin } from "./rules/evidence-origin";
import { waiverHygiene } from "./rules/waiver-hygiene";
import type { Rule, SettingsSchema, StackRule, UserEvidence, UserRule, Violation } from "./rule";
import { createSettingsInForce, type SettingsInForce } from "./settings-in-force";
import { toStackEvidence } from "./stack-evidence";
import { judgeInGroups, type Judging } from "./user-judge";
import { verifyEvidence } from "./verify-evidence";
import { createWaiverUse, type WaiverUse } from "./waiver-use";
import { compileWaivers, type WaiverMatcher } from "./waivers";

/**
 * What the policies of one pack share while it runs: the configuration, and which waivers were needed. The engine runs
 * all resource policies before the stack policies.
 */
export interface PackContext {
  readonly configuration: Configuration;
  /** Finds the waivers that hold at an instant. */
  readonly waiversAt: (now: number) => WaiverMatcher;
  readonly waiverUse: WaiverUse;
  readonly settings: SettingsInForce;
  /** By URN, the policy that reports what is about the whole resource; the others need not say it again. */
  readonly reporters: Map<string, string>;
  /** The pack's own reads; none unless a rule or the guard asks for them. */
  readonly own: OwnReads;
  readonly guard: GuardedUsers;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Makes the context of one pack. @param now the clock. */
export function createContext(configuration: Configuration, now: () => number = Date.now): PackContext {
  const settings = createSettingsInForce(configuration);
  const compiled = compileWaivers(configuration.waivers);
  const own = createOwnReads({ ...configuration, ...configuration.settings(evidenceOrigin) });
  return {
    configuration,
    now,
    waiversAt: (time) => compiled(settings.of(waiverHygiene), time),
    waiverUse: createWaiverUse(),
    settings,
    reporters: new Map(),
    own,
    guard: createGuardedUsers(own),
  };
}

/**
 * Turns a rule into a CrossGuard policy: the only place where the two meet.
 *
 * @param context shared by all policies of a pack; default: the preset `recommended`, for this policy alone.
 */
export function toPolicy(rule: Rule, context: PackContext = createContext(resolveConfiguration())): Policy {
  return rule.kind === "user" ? toResourcePolicy(rule, context) : toStackPolicy(rule, context);
}

/**
 * A resource policy judges each resource that carries evidence, on its inputs, before the engine acts on it. Evidence that
 * it does not understand is a violation. Evidence that is not known yet is an advisory note (or what `onUnknown` of
 * `evidence-fresh` says); the update judges it before it creates anything. Both are reported once a resource, and so is an
 * earlier run's choice of users that `ignoreChanges` keeps, by the first policy that is not disabled: that is
 * `evidence-fresh`, unless it is switched off.
 *
 * Guarded users are judged with the first resource: the engine hands the stack itself over before all others, also where a
 * program declares nothing, and before the first step of an update.
 */
function toResourcePolicy(rule: UserRule, context: PackContext): ResourceValidationPolicy {
  const { configuration, reporters, own, guard } = context;
  return {
    ...describeRule(rule, configuration),
    validateResource(args, reportViolation) {
      // Before anything else: a mistake in the configuration must show even where there is nothing to judge.
      context.settings.override(rule, args.getConfig<object>());
      const report = reporter(reportViolation);
      const judge = (user: UserEvidence) => judgeInPack(rule, user, context);

      function judgeResource(): void | Promise<void> {
        const evidence = readEvidence(args.type, args.props, args.provider?.props);
        if (evidence.kind === "other") return args.notApplicable("It judges resources that carry MotherDuck tokens.");
        const first = reporters.get(args.urn) ?? rule.name;
        reporters.set(args.urn, first);
        const { onUnknown, onIgnoreChanges } = context.settings.of(evidenceFresh);
        if (evidence.kind !== "users") {
          if (first !== rule.name) return args.notApplicable(`There is nothing to judge, as ${first} reports.`);
          if (evidence.kind === "unreadable") return report(toReport(describeUnreadable(args.name, evidence)));
          return report(toReport(describeUnknown(args.name, onUnknown)));
        }
        const kept = first === rule.name ? findKeptInput(args.type, args.opts.ignoreChanges) : undefined;
        if (kept !== undefined) report(toReport(describeKept(args.name, kept, onIgnoreChanges)));
        if (rule.needsOwnReading) return judgeVerified(evidence.users);
        evidence.users.flatMap(judge).forEach(report);
      }

      async function judgeVerified(users: readonly UserEvidence[]): Promise<void> {
        const selection = readSelection(args.type, args.props);
        const verified = await verifyEvidence(users, selection, own.reader());
        verified.users.flatMap(judge).forEach(report);
        if (verified.failure !== undefined) report(toReport(describeUnlisted(args.name, verified.failure)));
      }

      if (!guard.isOn || guard.isJudgedBy(rule)) return judgeResource();
      return judgeGuarded(rule, context, report).then(judgeResource);
    },
  };
}

/** A user of a resource. What the guard has reported about the same user is not reported again. */
function judgeInPack(rule: UserRule, user: UserEvidence, context: PackContext): Report[] {
  const { waiverUse, guard } = context;
  return judgeInGroups(rule, user, judgingNow(context))
    .filter((violation) => {
      waiverUse.note(violation, user);
      return !guard.hasReported(rule, user, violation);
    })
    .map(toReport);
}

function judgingNow({ configuration, settings, waiversAt, now }: PackContext): Judging {
  const time = now();
  const { namesOwners } = configuration;
  return { configuration, settings, namesOwners, findWaiver: waiversAt(time), now: time };
}

/** All users of the guard by one rule; the first one to judge them reports what could not be read. */
async function judgeGuarded(rule: UserRule, context: PackContext, report: (report: Report) => void): Promise<void> {
  const { configuration, reporters, waiverUse, guard } = context;
  const { users, failure } = await guard.read();
  const first = reporters.get(GUARD) ?? rule.name;
  reporters.set(GUARD, first);
  if (failure !== undefined && first === rule.name) {
    report({ message: describeUnguarded(failure), enforcementLevel: strongestLevel(configuration) });
  }
  const judging = judgingNow(context);
  for (const user of users) {
    for (const violation of judgeInGroups(rule, user, judging)) {
      waiverUse.note(violation, user);
      guard.note(rule, violation);
      report(toReport(violation));
    }
  }
}

/** Used in place of a URN. */
const GUARD = "guard";

/** Whatever the level of the rule that reports: nobody was judged by the strongest one either. */
function strongestLevel(configuration: Configuration): "mandatory" | "advisory" {
  return configuration.userRules.some((rule) => configuration.policyLevel(rule) === "mandatory")
    ? "mandatory"
    : "advisory";
}

function describeUnguarded(failure: string): string {
  return `guard: some of the users whom the pack judges on its own could not be judged: ${failure}`;
}

function describeUnlisted(name: string, reason: string): Violation {
  return { about: printable(name), fact: `it cannot be verified that the evidence holds everybody: ${reason}` };
}

/**
 * A stack policy judges what the stack as a whole tells, after all resources. One whose settings others keep is asked for each
 * resource, too, so that they know what CrossGuard configures for it; it judges nothing then.
 */
function toStackPolicy(rule: StackRule, context: PackContext): StackValidationPolicy {
  const { configuration, waiverUse, reporters, guard, now } = context;
  const listener: Pick<ResourceValidationPolicy, "validateResource"> = {
    validateResource(args) {
      context.settings.override(rule, args.getConfig<object>());
    },
  };
  return {
    ...describeRule(rule, configuration),
    ...(rule.decidesForOthers === true && listener),
    validateStack(args, reportViolation) {
      const settings = context.settings.override(rule, args.getConfig<object>());
      const report = reporter(reportViolation);
      const evidence = args.resources.map(({ type, props, provider }) => readEvidence(type, props, provider?.props));

      function judgeStack({ users, failure }: GuardReading): void {
        const declared = evidence.flatMap((item) => (item.kind === "users" ? item.users : []));
        const hasUnknown = evidence.some(({ kind }) => kind === "unknown") || failure !== undefined;
        const stack = toStackEvidence([...declared, ...users], { hasUnknown }, configuration, waiverUse);
        rule.check(stack, settings, now()).map(toReport).forEach(report);
      }

      if (!guard.isOn) return judgeStack({ users: [] });
      if (!guard.isJudged && !reporters.has(GUARD)) {
        reporters.set(GUARD, rule.name);
        report({ message: UNJUDGED_GUARD, enforcementLevel: "mandatory" });
      }
      return guard.read().then(judgeStack);
    },
  };
}

const UNJUDGED_GUARD =
  "guard: no rule about users has judged the users whom the pack judges on its own. Enable some, or take guard out of the settings.";

/** CrossGuard also accepts a level and a severity for each violation, but its types do not say so. */
function reporter(reportViolation: ReportViolation): (report: Report) => void {
  const report = reportViolation as (violation: string | Report) => void;
  return (own) => report(own.enforcementLevel || own.severity ? own : own.message);
}

function describeRule(rule: Rule, configuration: Configuration) {
  const page = pageOf(rule.name);
  return {
    name: rule.name,
    displayName: rule.displayName,
    description: rule.description,
    enforcementLevel: configuration.policyLevel(rule),
    severity: rule.severity,
    framework: FRAMEWORK,
    tags: ["motherduck", "tokens", ...rule.controls],
    remediationSteps:
      page === undefined
        ? rule.remediation
        : `${rule.remediation} See ${page} in the package pulumi-motherduck-tokens.`,
    url: TOKENS_PAGE,
    configSchema: toConfigSchema(rule.settings),
  };
}

const FRAMEWORK = {
  name: "NIST 800-53",
  version: "Rev. 5",
  reference: "NIST SP 800-53 Rev. 5",
  specification: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
};

/** The JSON schema that the engine checks `--policy-pack-config` with. */
export function toConfigSchema(settings: SettingsSchema): PolicyConfigSchema {
  const { properties = {} } = toJsonSchema(settings, { typeMode: "input", errorMode: "ignore" });
  // Without defaults: the engine would fill them in, and they would beat every other source.
  return JSON.parse(
    JSON.stringify({ properties }, (key, value: unknown) => (key === "default" ? undefined : value)),
  ) as PolicyConfigSchema;
}
