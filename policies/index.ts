/**
 * Policy packs of the rules for MotherDuck API tokens, and rules to add to them. Importing this starts nothing.
 *
 * @packageDocumentation
 */
export { PolicyConfigError } from "./configuration/config-error";
export type { PolicyConfig } from "./configuration/configuration";
export { createPolicies, createPolicyPack, type PolicyPackOptions } from "./create-policy-pack";
export { type Evidence, readEvidence } from "./read-evidence";
export { type Preset, PRESETS } from "./configuration/presets";
export {
  defineStackRule,
  defineUserRule,
  type EnforcementLevel,
  type OwnReading,
  type PresetSettings,
  type Rule,
  type RuleConfig,
  type RuleMetadata,
  type SettingsSchema,
  type Severity,
  type StackEvidence,
  type StackRule,
  type UserEvidence,
  type UserRule,
  type Violation,
} from "./rule";
export { type RuleName, rules, type RulesConfig } from "./rules";
export type { TokenLimits } from "./token-facts";
export type { Waiver } from "./waivers";
