import { groupBy } from "../core/group-by";
import type { Configuration, RulesInForce } from "./configuration/configuration";
import { type JudgedViolation, judgeUser } from "./judge-user";
import { limitsInForce } from "./limits";
import { ownersOf } from "./owners";
import type { EnforcementLevel, UserEvidence, UserRule } from "./rule";
import type { SettingsInForce } from "./settings-in-force";
import type { WaiverMatcher } from "./waivers";

/** What judging needs besides the rule and the user: the pack and the audit have the same. */
export interface Judging {
  readonly configuration: Configuration;
  readonly settings: SettingsInForce;
  readonly findWaiver: WaiverMatcher;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether violations name owners. */
  readonly namesOwners: boolean;
}

/**
 * Judges one user by one rule, as the user's groups have it. A violation has the level that a group gives it, whatever level
 * the policy has.
 */
export function judgeInGroups(rule: UserRule, user: UserEvidence, judging: Judging): JudgedViolation[] {
  const { configuration, namesOwners } = judging;
  const { findOwner } = configuration;
  const evidence = rule.needsOwners === true ? { ...user, owners: ownersOf(user, findOwner) } : user;
  const [found = [], ...others] = configuration
    .rulesFor(user)
    .map((inForce) => judgeBy(inForce, rule, evidence, judging));
  const violations = others.reduce((one, other) => mergeFound(one, other, configuration.policyLevel(rule)), found);
  if (!namesOwners) return violations;
  return violations.map((violation) => {
    const token = user.tokens.find(({ id }) => id === violation.tokenId);
    const owner = findOwner(user, token);
    return owner ? { ...violation, owner } : violation;
  });
}

function judgeBy(
  inForce: RulesInForce,
  rule: UserRule,
  user: UserEvidence,
  { configuration, settings, findWaiver, now }: Judging,
): JudgedViolation[] {
  const groupLevel = inForce.groupLevel(rule);
  // A policy that is off in the settings but is asked was switched on by CrossGuard: for everybody except some groups.
  const isOff = configuration.policyLevel(rule) !== "disabled" && inForce.level(rule) === "disabled";
  if (isOff || groupLevel === "disabled") return [];
  const limits = limitsInForce(inForce, (other) => settings.of(other, inForce));
  const violations = judgeUser(rule, user, settings.of(rule, inForce), findWaiver, now, limits, configuration);
  if (groupLevel === undefined) return violations;
  return violations.map((violation) => ({ enforcementLevel: groupLevel, ...violation }));
}

/**
 * A user who may be a person or a service account is judged as both. Of what both find about one thing, the stronger is
 * reported.
 */
function mergeFound(
  one: readonly JudgedViolation[],
  other: readonly JudgedViolation[],
  policyLevel: EnforcementLevel,
): JudgedViolation[] {
  const isMandatory = ({ enforcementLevel }: JudgedViolation) => (enforcementLevel ?? policyLevel) === "mandatory";
  const thingOf = ({ tokenId, subject }: JudgedViolation) => JSON.stringify([tokenId ?? null, subject ?? null]);
  const strength = (found: readonly JudgedViolation[]) => (found.some(isMandatory) ? Infinity : found.length);
  const [ours, theirs] = [groupBy(one, thingOf), groupBy(other, thingOf)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((thing) => {
    const [our = [], their = []] = [ours.get(thing), theirs.get(thing)];
    return strength(their) > strength(our) ? their : our;
  });
}
