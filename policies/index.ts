/**
 * Rules for MotherDuck API tokens, and the CrossGuard policies made from them. Importing this starts nothing.
 *
 * @packageDocumentation
 */
export { PolicyConfigError } from "./config-error";
export { configPlaceIn, type ConfigPlace, parseConfig, readConfigFile } from "./config-file";
export {
  CONFIG_TEXT_VARIABLE,
  CONFIG_VARIABLE,
  type Configuration,
  type ConfigSource,
  type PolicyConfig,
  resolveConfiguration,
} from "./configuration";
export { createPolicies, createPolicyPack, type PolicyPackOptions } from "./create-policy-pack";
export { type Evidence, ORGANIZATION_TOKENS_TYPES, readEvidence, USER_TOKENS_TYPES } from "./evidence";
export { type JudgedViolation, judgeUser } from "./judge";
export { limitsInForce } from "./limits";
export { createContext, type PackContext, toPolicy } from "./policy";
export { type Preset, PRESETS } from "./presets";
export {
  defineStackRule,
  defineUserRule,
  type EnforcementLevel,
  type OwnReading,
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
export {
  deprovisionedUserHasTokens,
  evidenceFresh,
  evidenceOrigin,
  evidenceVerified,
  inventoryCovered,
  maxReadWriteTokens,
  maxTokenAge,
  maxTokenLifetime,
  maxTokensPerUser,
  noExpiredTokens,
  readScalingOnly,
  type RuleName,
  rules,
  type RulesConfig,
  stackRules,
  tokenExpiringSoon,
  tokenFieldsConsistent,
  tokenNameRequired,
  tokensMustExpire,
  uniqueTokenNames,
  userRules,
  waiverHygiene,
} from "./rules";
export { resolveRuleSettings } from "./settings";
export type { TokenLimits } from "./token-facts";
export { createWaiverMatcher, findWaiverFaults, type Waiver, type WaiverLimits, type WaiverMatcher } from "./waivers";
