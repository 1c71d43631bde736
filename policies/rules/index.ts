import type { Rule, StackRule, UserRule } from "../rule";
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

/** The rules that judge each user. */
export const userRules: readonly UserRule[] = [
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
];

/** The rules that judge a stack, or an audit, as a whole. */
export const stackRules: readonly StackRule[] = [inventoryCovered, waiverHygiene];

/** All rules, in the order in which the pack lists them. */
export const rules: readonly Rule[] = [...userRules, ...stackRules];

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
