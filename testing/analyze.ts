import type {
  EnforcementLevel,
  Policies,
  Policy,
  PolicyPackConfig,
  PolicyResource,
  ReportViolation,
  ResourceValidation,
  ResourceValidationArgs,
  StackValidationArgs,
} from "@pulumi/policy";
import { USER_TOKENS_TYPES } from "../policies/read-evidence";
import { deserializeProps, pulumiTypeOf, unknownCheckingProxy, UnknownValueError } from "./sdk";

/** A resource to be judged. */
export interface TestResource {
  /** Default: the type of this package's `UserTokens`. */
  readonly type?: string | undefined;
  /** The resource's name in the program. Default: `resource`. */
  readonly name?: string | undefined;
  /** Inputs for a resource policy, outputs for a stack policy. What is not known yet is one of `unknown`. */
  readonly props: object;
  /** The option `ignoreChanges`. Default: none. */
  readonly ignoreChanges?: readonly string[] | undefined;
  /** The configuration of its provider. Default: that the engine hands none over. */
  readonly provider?: object | undefined;
}

/** How policies are judged. */
export interface AnalysisOptions {
  /**
   * CrossGuard's own configuration, as `--policy-pack-config` holds it: by policy name a level, or an object with
   * `enforcementLevel` and settings. `all` gives every policy a level. Defaults of a policy's `configSchema` are filled in
   * as the engine does; the schema is not checked, only the engine does that.
   */
  readonly config?: PolicyPackConfig | undefined;
}

/** A violation, as the engine records it. */
export interface ReportedViolation {
  /** The policy's name. */
  readonly policy: string;
  /** What the policy reported; its description where it reported nothing. The engine prints the description above it. */
  readonly message: string;
  /** What the violation does: `mandatory` fails the deployment. */
  readonly enforcementLevel: EnforcementLevel;
  /** The severity that the policy reported; absent where it reported none, so that its own holds. */
  readonly severity?: string;
}

/** A policy that had nothing to judge. */
export interface NotApplicable {
  readonly policy: string;
  readonly reason: string;
}

/** What the policies reported, in order. */
export interface Analysis {
  readonly violations: readonly ReportedViolation[];
  readonly notApplicable: readonly NotApplicable[];
}

/**
 * Judges one resource by the resource policies among `policies`, as the engine does before it creates or updates the
 * resource. Disabled policies are skipped, reading an unknown value ends a policy with an advisory note, and each
 * validation gets its own copy of the properties.
 *
 * @throws Error (as a rejected promise) where a policy throws: the engine stops the deployment. What it threw is the `cause`.
 *
 * @example
 * const policies = createPolicies();
 * const forever = token({ name: "nightly", expireAt: undefined });
 * const { violations } = await analyzeResource(policies, userTokens("svc_etl", [forever]));
 * assert.deepEqual(violations.map(({ policy }) => policy), ["tokens-must-expire"]);
 */
export async function analyzeResource(
  policies: Policies,
  resource: TestResource,
  { config = {} }: AnalysisOptions = {},
): Promise<Analysis> {
  const analysis = new Recorder(config);
  for (const policy of policies) {
    // A stack policy is not a resource policy, whatever else it has.
    const { validateResource, remediateResource } = policy as {
      validateResource?: unknown;
      remediateResource?: unknown;
    };
    if (analysis.isDisabled(policy) || (!isValidation(validateResource) && typeof remediateResource !== "function")) {
      continue;
    }
    if (!isValidation(validateResource)) {
      analysis.skip(policy, "Policy does not implement validateResource");
      continue;
    }
    const { type } = describeResource(resource);
    const onlyType = Array.isArray(validateResource) ? undefined : pulumiTypeOf(validateResource);
    if (onlyType !== undefined && onlyType !== type) {
      analysis.skip(policy, `Policy only applies to resources of type '${onlyType}'`);
      continue;
    }
    for (const validate of [validateResource].flat()) {
      await analysis.run(policy, (report) => {
        const args: ResourceValidationArgs = {
          ...describeResource(resource),
          stackTags: new Map(),
          getConfig: <T extends object>() => analysis.settingsOf(policy) as T,
          notApplicable,
        };
        return validate(args, report);
      });
    }
  }
  return analysis;
}

/**
 * Judges the resources of a stack, in their order, by the stack policies among `policies`, as the engine does at the end.
 * The resources have no parents and no dependencies. A pack whose stack policies count on its resource policies (as
 * `waiver-hygiene` does) is asked about the same resources with {@link analyzeResource} first.
 *
 * @throws Error (as a rejected promise) where a policy throws. What it threw is the `cause`.
 */
export async function analyzeStack(
  policies: Policies,
  resources: readonly TestResource[],
  { config = {} }: AnalysisOptions = {},
): Promise<Analysis> {
  const analysis = new Recorder(config);
  for (const policy of policies) {
    if (analysis.isDisabled(policy) || !("validateStack" in policy) || typeof policy.validateStack !== "function") {
      continue;
    }
    const onlyType = pulumiTypeOf(policy.validateStack);
    if (onlyType !== undefined && !resources.some((resource) => describeResource(resource).type === onlyType)) {
      analysis.skip(policy, `Policy only applies to resources of type '${onlyType}'`);
      continue;
    }
    await analysis.run(policy, (report) => {
      const args: StackValidationArgs = {
        resources: resources.map((resource): PolicyResource => ({
          ...describeResource(resource),
          dependencies: [],
          propertyDependencies: {},
        })),
        stackTags: new Map(),
        getConfig: <T extends object>() => analysis.settingsOf(policy) as T,
        notApplicable,
      };
      return policy.validateStack(args, report);
    });
  }
  return analysis;
}

/** What CrossGuard accepts as a violation; its types declare the text only. */
type Report = string | Partial<Record<"name" | "message" | "description" | "enforcementLevel" | "severity", string>>;

/** Collects what policies report. */
class Recorder implements Analysis {
  readonly violations: ReportedViolation[] = [];
  readonly notApplicable: NotApplicable[] = [];
  readonly #config: PolicyPackConfig;

  constructor(config: PolicyPackConfig) {
    this.#config = config;
  }

  /** The policy's configuration, without the level. */
  settingsOf({ name, configSchema }: Policy): Record<string, unknown> {
    const settings: Record<string, unknown> = {};
    for (const [key, schema] of Object.entries(configSchema?.properties ?? {})) {
      if (schema.default !== undefined) settings[key] = schema.default;
    }
    Object.assign(settings, this.#configOf(name));
    delete settings.enforcementLevel;
    return settings;
  }

  isDisabled(policy: Policy): boolean {
    return this.#levelOf(policy) === "disabled";
  }

  skip({ name }: Policy, reason: string): void {
    this.notApplicable.push({ policy: name, reason });
  }

  async run(policy: Policy, validate: (report: ReportViolation) => Promise<void> | void): Promise<void> {
    try {
      await validate((message) => this.#report(policy, message));
    } catch (error) {
      const from = `policy '${policy.name}' from policy pack 'testing@v0.0.0'`;
      if (error instanceof NotApplicableError) {
        this.skip(policy, error.message);
      } else if (error instanceof UnknownValueError) {
        const message = `can't run ${from} during preview: ${error.message}`;
        this.violations.push({ policy: policy.name, message, enforcementLevel: "advisory" });
      } else {
        const shown = error instanceof Error ? error.stack : String(error);
        throw new Error(`Error validating resource with ${from}:\n${shown}`, { cause: error });
      }
    }
  }

  #report(policy: Policy, reported: Report = ""): void {
    const { name, message, description, enforcementLevel, severity } =
      typeof reported === "object" ? reported : { message: reported };
    this.violations.push({
      policy: name || policy.name,
      message: message || description || policy.description,
      enforcementLevel: (enforcementLevel as EnforcementLevel | undefined) || this.#levelOf(policy),
      ...(severity && { severity }),
    });
  }

  #levelOf({ name, enforcementLevel }: Policy): EnforcementLevel {
    const level =
      this.#configOf(name).enforcementLevel ?? this.#configOf("all").enforcementLevel ?? enforcementLevel ?? "advisory";
    // What is still wrong after a remediation is a violation that counts.
    return level === "remediate" ? "mandatory" : level;
  }

  #configOf(name: string): Exclude<PolicyPackConfig[string], string> {
    const config = Object.hasOwn(this.#config, name) ? (this.#config[name] ?? {}) : {};
    return typeof config === "string" ? { enforcementLevel: config } : config;
  }
}

/** The arguments that resource and stack policies have in common. */
function describeResource({
  type = USER_TOKENS_TYPES[0] ?? "",
  name = "resource",
  props: raw,
  ignoreChanges = [],
  provider,
}: TestResource) {
  const props = propsOf(raw);
  const isType: PolicyResource["isType"] = (resourceClass) => {
    const ofClass = pulumiTypeOf(resourceClass);
    if (ofClass !== undefined) return ofClass === type;
    const { isInstance } = resourceClass as { isInstance?: (resource: object) => unknown };
    return typeof isInstance === "function" && isInstance.call(resourceClass, { __pulumiType: type }) === true;
  };
  return {
    type,
    name,
    urn: `urn:pulumi:test::test::${type}::${name}`,
    props,
    opts: {
      protect: false,
      ignoreChanges: [...ignoreChanges],
      aliases: [],
      additionalSecretOutputs: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    },
    ...(provider && { provider: describeProvider(provider) }),
    isType,
    // The SDK's type promises what the class takes; at run time it is the same properties.
    asType: ((resourceClass: Parameters<typeof isType>[0]) => (isType(resourceClass) ? props : undefined)) as never,
  };
}

function propsOf(raw: object): Record<string, unknown> {
  return unknownCheckingProxy(deserializeProps(raw));
}

function describeProvider(configuration: object) {
  const type = "pulumi:providers:motherduck-tokens";
  const name = "provider";
  return { type, name, urn: `urn:pulumi:test::test::${type}::${name}`, props: propsOf(configuration) };
}

function isValidation(value: unknown): value is ResourceValidation | ResourceValidation[] {
  return typeof value === "function" || (Array.isArray(value) && value.every((item) => typeof item === "function"));
}

class NotApplicableError extends Error {}

function notApplicable(reason = "Policy does not apply"): never {
  throw new NotApplicableError(reason);
}
