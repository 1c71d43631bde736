/**
 * Rules for MotherDuck API tokens, and the CrossGuard policies made from them. Importing this starts nothing.
 *
 * @packageDocumentation
 */
export { createPolicies, createPolicyPack, type PolicyPackOptions } from "./create-policy-pack";
export { readEvidence, USER_TOKENS_TYPES, type Evidence } from "./evidence";
export { toPolicy, type RuleConfig } from "./policy";
export {
  defineRule,
  type EnforcementLevel,
  type Rule,
  type RuleMetadata,
  type SettingsSchema,
  type Severity,
  type UserEvidence,
  type Violation,
} from "./rule";
export { evidenceFresh, maxReadWriteTokens, rules, tokensMustExpire } from "./rules";
export { PolicyConfigError, resolveRuleSettings } from "./settings";
