import * as v from "valibot";
import { compileGlobs } from "../../core/glob";
import type { User } from "../../core/user";
import { ENFORCEMENT_LEVELS, type Rule } from "../rule";
import type { RulesConfig } from "../rules";
import { NonEmptyText, usernames } from "../setting-types";

const Level = v.picklist(ENFORCEMENT_LEVELS);

// Not a union: its errors would not tell which of the two was meant.
const RuleShape = v.lazy((value) =>
  typeof value === "string" ? Level : v.looseObject({ enforcementLevel: v.optional(Level) }),
);

/** Levels and settings by rule; each rule checks its own. */
export const RulesShape = v.record(v.string(), RuleShape);

/** Whom a group holds. */
export const GroupMembersSchema = v.strictObject({
  name: v.pipe(NonEmptyText, v.description("What errors and reports call it. Unique in the settings.")),
  users: v.optional(v.pipe(usernames("Users of the group: names or globs. Default: everybody."), v.minLength(1))),
  accounts: v.optional(
    v.pipe(
      v.picklist(["humans", "serviceAccounts"]),
      v.description("Only people, or only service accounts. Default: both."),
    ),
  ),
});

/** A group as it is written in the settings file. */
export const GroupSchema = v.strictObject({ ...GroupMembersSchema.entries, rules: RulesShape });

/** Not a part of the schema, whose entries it would hide. */
export const GroupsSchema = v.array(
  v.pipe(
    GroupSchema,
    v.check(
      ({ users, accounts }) => users !== undefined || accounts !== undefined,
      "a group with users or accounts, or both",
    ),
  ),
);

/** Users whom some rules judge by levels and settings of their own. */
export interface Group<Custom extends Rule = never> extends Readonly<v.InferOutput<typeof GroupMembersSchema>> {
  /** By rule: a level, or an object with `enforcementLevel` and the rule's own settings. */
  readonly rules: RulesConfig<Custom>;
}

/** A user, as far as groups ask. */
export type GroupUser = Pick<User, "username" | "isServiceAccount">;

/**
 * Compiles who is in which group.
 *
 * @returns for a user, the places of the user's groups in the list. Where it is not known whether the user is a service account,
 *   and groups depend on that, there are two answers: that of a person and that of a service account.
 */
export function compileGroups(
  groups: readonly Pick<Group, "users" | "accounts">[],
): (user: GroupUser) => readonly (readonly number[])[] {
  const compiled = groups.map(({ users, accounts }, place) => ({
    ...{ place, accounts },
    matches: users === undefined ? () => true : compileGlobs(users),
  }));
  return ({ username, isServiceAccount }) => {
    const named = compiled.filter(({ matches }) => matches(username));
    const placesOf = (kind: "humans" | "serviceAccounts") =>
      named.filter(({ accounts = kind }) => accounts === kind).map(({ place }) => place);
    if (isServiceAccount !== undefined) return [placesOf(isServiceAccount ? "serviceAccounts" : "humans")];
    const isAnyKind = named.every(({ accounts }) => accounts === undefined);
    return isAnyKind ? [placesOf("humans")] : [placesOf("humans"), placesOf("serviceAccounts")];
  };
}

/** Why a group cannot say this of a rule; `undefined` where it can. */
export function refuseInGroup(rule: Rule, config: object): string | undefined {
  if (rule.kind === "stack") return "it judges the whole, not users. Set it under rules.";
  const key = rule.settingsForAll?.find((name) => name in config);
  return key === undefined ? undefined : `${key} is about no user. Set it under rules.`;
}
