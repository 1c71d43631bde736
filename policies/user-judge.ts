import { groupBy } from "../core/group-by";
import type { Configuration, RulesInForce } from "./configuration/configuration";
import { type JudgedViolation, judgeUser } from "./judge-user";
import { limitsInForce } from "./limits";
import { ownersOf } from "./owners";
import type { UserEvidence, UserRule } from "./rule";
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
  const violations = others.reduce(mergeFound, found);
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
 * reported. A violation without a level has the policy's, which CrossGuard may have raised or lowered: it gives way to a mandatory
 * one, and never to an advisory one.
 */
function mergeFound(one: readonly JudgedViolation[], other: readonly JudgedViolation[]): JudgedViolation[] {
  const rank = ({ enforcementLevel }: JudgedViolation) =>
    ["advisory", undefined, "mandatory"].indexOf(enforcementLevel);
  const strongest = (found: readonly JudgedViolation[]) => Math.max(-1, ...found.map(rank));
  const isStronger = (found: readonly JudgedViolation[], than: readonly JudgedViolation[]) =>
    (strongest(found) - strongest(than) || found.length - than.length) > 0;
  const thingOf = ({ tokenId, subject }: JudgedViolation) => JSON.stringify([tokenId ?? null, subject ?? null]);
  const [ours, theirs] = [groupBy(one, thingOf), groupBy(other, thingOf)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((thing) => {
    const [our = [], their = []] = [ours.get(thing), theirs.get(thing)];
    return isStronger(their, our) ? their : our;
  });
}
