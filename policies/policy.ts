import type {
  Policy,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { toJsonSchema } from "@valibot/to-json-schema";
import { type Configuration, resolveConfiguration } from "./configuration";
import { describeUnknown, describeUnreadable, readEvidence } from "./evidence";
import { judgeUser, toReported } from "./judge";
import { limitsInForce } from "./limits";
import { evidenceFresh } from "./rules/evidence-fresh";
import type { Rule, SettingsSchema, StackRule, UserRule, Violation } from "./rule";
import { compileWaivers, noteOrigin, type WaiverMatcher } from "./waivers";

/**
 * What the policies of one pack share while it runs: the configuration, and which waivers were needed. The engine runs
 * all resource policies before the stack policies.
 */
export interface PackContext {
  readonly configuration: Configuration;
  /** Finds the waivers that hold at an instant. */
  readonly waiversAt: (now: number) => WaiverMatcher;
  readonly usedWaivers: Set<string>;
  /** CrossGuard's own configuration, by policy. A policy is told of its own only, so it is known once that one has run. */
  readonly overrides: Map<string, object>;
  /** By waiver, whose users it held for. */
  readonly waiverOrigins: Map<string, Set<string>>;
  /** By URN, the policy that reports that there is nothing to judge; the others need not say it again. */
  readonly reporters: Map<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Makes the context of one pack. @param now the clock. */
export function createContext(configuration: Configuration, now: () => number = Date.now): PackContext {
  const waiversAt = compileWaivers(configuration.waivers, configuration.waiverLimits);
  return {
    configuration,
    now,
    waiversAt,
    usedWaivers: new Set(),
    waiverOrigins: new Map(),
    overrides: new Map(),
    reporters: new Map(),
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
 * `evidence-fresh` says); the update judges it before it creates anything. Both are reported once a resource, by the first
 * policy that is not disabled: that is `evidence-fresh`, unless it is switched off.
 */
function toResourcePolicy(rule: UserRule, context: PackContext): ResourceValidationPolicy {
  const { configuration, waiversAt, usedWaivers, reporters, now, overrides } = context;
  return {
    ...describeRule(rule, configuration),
    validateResource(args, reportViolation) {
      // Before anything else: a mistake in the configuration must show even where there is nothing to judge.
      const override = args.getConfig<object>();
      overrides.set(rule.name, override);
      const settings = configuration.settings(rule, override);
      const report = reporter(reportViolation);
      const evidence = readEvidence(args.type, args.props);
      if (evidence.kind === "other") return args.notApplicable("It judges resources that carry MotherDuck tokens.");
      if (evidence.kind !== "users") {
        const first = reporters.get(args.urn) ?? rule.name;
        reporters.set(args.urn, first);
        if (first !== rule.name) return args.notApplicable(`There is nothing to judge, as ${first} reports.`);
        const { onUnknown } = { ...configuration.settings(evidenceFresh), ...settings };
        return report(
          evidence.kind === "unknown"
            ? describeUnknown(args.name, onUnknown)
            : { message: describeUnreadable(args.name, evidence.reason) },
        );
      }
      const time = now();
      const findWaiver = waiversAt(time);
      const limits = limitsInForce(configuration, (name) => overrides.get(name));
      for (const user of evidence.users) {
        for (const violation of judgeUser(rule, user, settings, findWaiver, time, limits)) {
          for (const { id } of violation.waivers ?? []) {
            usedWaivers.add(id);
            noteOrigin(context.waiverOrigins, id, user.origin);
          }
          report(toReported(violation));
        }
      }
    },
  };
}

/** A stack policy judges what the stack as a whole tells, after all resources. */
function toStackPolicy(rule: StackRule, context: PackContext): StackValidationPolicy {
  const { configuration, usedWaivers, waiverOrigins, now } = context;
  return {
    ...describeRule(rule, configuration),
    validateStack(args, reportViolation) {
      const settings = configuration.settings(rule, args.getConfig<object>());
      const evidence = args.resources.map(({ type, props }) => readEvidence(type, props));
      const users = evidence.flatMap((item) => (item.kind === "users" ? item.users : []));
      const stack = {
        usernames: users.map(({ username }) => username),
        users,
        organization: configuration.organization,
        hasUnknown: evidence.some(({ kind }) => kind === "unknown"),
        waivers: configuration.waivers,
        usedWaivers,
        waiverOrigins,
      };
      rule.check(stack, settings, now()).forEach(reporter(reportViolation));
    },
  };
}

/** CrossGuard takes a level for each violation, too, but its types do not tell. */
function reporter(reportViolation: ReportViolation): (violation: Violation) => void {
  const report = reportViolation as (violation: string | { message: string; enforcementLevel: string }) => void;
  return ({ message, enforcementLevel }) => report(enforcementLevel ? { message, enforcementLevel } : message);
}

function describeRule(rule: Rule, configuration: Configuration) {
  return {
    name: rule.name,
    displayName: rule.displayName,
    description: rule.description,
    enforcementLevel: configuration.level(rule),
    severity: rule.severity,
    framework: FRAMEWORK,
    tags: ["motherduck", "tokens", ...rule.controls],
    remediationSteps: `${rule.remediation} See docs/rules/${rule.name}.md in the package pulumi-motherduck-tokens.`,
    url: VENDOR_PAGE,
    configSchema: toConfigSchema(rule.settings),
  };
}

const FRAMEWORK = {
  name: "NIST 800-53",
  version: "Rev. 5",
  reference: "NIST SP 800-53 Rev. 5",
  specification: "https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final",
};

/** Where MotherDuck tells how tokens are listed, rotated and revoked. */
const VENDOR_PAGE = "https://motherduck.com/docs/key-tasks/service-accounts-guide/manage-service-accounts-and-tokens/";

/** The JSON schema that the engine checks `--policy-pack-config` with. */
export function toConfigSchema(settings: SettingsSchema): PolicyConfigSchema {
  const { properties = {} } = toJsonSchema(settings, { typeMode: "input", errorMode: "ignore" });
  // Without defaults: the engine would fill them in, and they would beat every other source.
  return JSON.parse(
    JSON.stringify({ properties }, (key, value: unknown) => (key === "default" ? undefined : value)),
  ) as PolicyConfigSchema;
}
