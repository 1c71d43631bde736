import type { PolicyConfigSchema, ResourceValidationPolicy } from "@pulumi/policy";
import { toJsonSchema } from "@valibot/to-json-schema";
import { printable } from "../core/printable";
import { readEvidence } from "./evidence";
import type { EnforcementLevel, Rule, SettingsSchema } from "./rule";
import { resolveRuleSettings } from "./settings";

/** A rule's configuration outside CrossGuard's: its own settings, and the level. */
export type RuleConfig = { readonly enforcementLevel?: EnforcementLevel } & { readonly [setting: string]: unknown };

/**
 * Turns a rule into a CrossGuard resource policy: the only place where the two meet.
 *
 * The policy judges each resource that carries evidence, on its inputs, before the engine acts on it. Evidence that it
 * does not understand is a violation; evidence that is not known yet in a preview is the engine's advisory
 * "can't run policy … during preview", and the update judges it before it creates anything.
 *
 * @param config settings and level that CrossGuard's own configuration can override.
 */
export function toPolicy(rule: Rule, { enforcementLevel, ...settings }: RuleConfig = {}): ResourceValidationPolicy {
  // A mistake here is one of the pack's author: it shows when the pack is loaded.
  resolveRuleSettings(rule, settings);
  return {
    name: rule.name,
    displayName: rule.displayName,
    description: rule.description,
    enforcementLevel: enforcementLevel ?? rule.enforcementLevel,
    severity: rule.severity,
    framework: FRAMEWORK,
    tags: ["motherduck", "tokens", ...rule.controls],
    remediationSteps: rule.remediation,
    url: VENDOR_PAGE,
    configSchema: toConfigSchema(rule.settings),

    validateResource(args, reportViolation) {
      // Before anything else: a mistake in the configuration must show even where there is nothing to judge.
      const resolved = resolveRuleSettings(rule, { ...settings, ...args.getConfig<object>() });
      const evidence = readEvidence(args.type, args.props);
      switch (evidence.kind) {
        case "other":
          return args.notApplicable("It judges resources that carry MotherDuck tokens.");
        case "unreadable":
          return reportViolation(
            `${printable(args.name)}: there is nothing to judge: ${evidence.reason}. Unless this resource has an error of ` +
              `its own, run again without --target and --exclude, and with the same version of the package and of the pack.`,
          );
        case "user":
          for (const { message } of rule.check(evidence.user, resolved, Date.now())) reportViolation(message);
      }
    },
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
  const { properties = {} } = toJsonSchema(settings, { typeMode: "input" });
  // Without defaults: the engine would fill them in, and they would beat every other source.
  const withoutDefault = Object.entries(properties).map(([key, schema]) => [
    key,
    { ...(schema as object), default: undefined },
  ]);
  return { properties: JSON.parse(JSON.stringify(Object.fromEntries(withoutDefault))) as object } as PolicyConfigSchema;
}
