import type { InferInput } from "valibot";
import type { EnforcementLevel, Rule, StackRule, UserRule } from "../rule";
import { deprovisionedUserHasTokens } from "./deprovisioned-user-has-tokens";
import { evidenceFresh } from "./evidence-fresh";
import { evidenceOrigin } from "./evidence-origin";
import { evidenceVerified } from "./evidence-verified";
import { inventoryCovered } from "./inventory-covered";
import { maxReadWriteTokens } from "./max-read-write-tokens";
import { maxTokenAge } from "./max-token-age";
import { maxTokenLifetime } from "./max-token-lifetime";
import { maxTokensPerUser } from "./max-tokens-per-user";
import { noExpiredTokens } from "./no-expired-tokens";
import { readScalingOnly } from "./read-scaling-only";
import { tokenExpiringSoon } from "./token-expiring-soon";
import { tokenFieldsConsistent } from "./token-fields-consistent";
import { tokenNameRequired } from "./token-name-required";
import { tokensMustExpire } from "./tokens-must-expire";
import { uniqueTokenNames } from "./unique-token-names";
import { waiverHygiene } from "./waiver-hygiene";

const USER_RULES = [
  // First: the first policy that meets evidence it cannot judge reports it for all.
  evidenceFresh,
  evidenceOrigin,
  evidenceVerified,
  // Next: what they are set to is known to those after them, whose advice keeps it.
  maxTokenLifetime,
  maxTokenAge,
  tokensMustExpire,
  maxReadWriteTokens,
  tokenExpiringSoon,
  noExpiredTokens,
  maxTokensPerUser,
  tokenNameRequired,
  uniqueTokenNames,
  readScalingOnly,
  tokenFieldsConsistent,
  deprovisionedUserHasTokens,
] as const;

const STACK_RULES = [inventoryCovered, waiverHygiene] as const;

/** The rules that judge each user. */
export const userRules: readonly UserRule[] = USER_RULES;

/** The rules that judge a stack, or an audit, as a whole. */
export const stackRules: readonly StackRule[] = STACK_RULES;

/** All rules, in the order in which the pack lists them. */
export const rules: readonly Rule[] = [...userRules, ...stackRules];

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

type BuiltInRule = (typeof USER_RULES | typeof STACK_RULES)[number];

/** The name of a rule of this package. */
export type RuleName = BuiltInRule["name"];

/** By rule name: a level, or an object with `enforcementLevel` and the rule's own settings. */
export type RulesConfig<Custom extends Rule = never> = {
  readonly [R in BuiltInRule | Custom as R["name"]]?:
    | EnforcementLevel
    | ({ readonly enforcementLevel?: EnforcementLevel | undefined } & DeepReadonly<InferInput<R["settings"]>>);
};

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
  tokenExpiringSoon,
  tokenFieldsConsistent,
  tokenNameRequired,
  tokensMustExpire,
  uniqueTokenNames,
  waiverHygiene,
};
