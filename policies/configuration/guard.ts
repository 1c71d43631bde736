import * as v from "valibot";
import { ACCOUNTS, type Accounts } from "../../core/accounts";
import * as setting from "../setting-types";

/** Whom the guard judges, and for how long it may reuse what it has read. */
export interface GuardSettings {
  /** Usernames or globs, each of which has to match somebody; absent: everybody. */
  readonly usernames?: readonly string[] | undefined;
  /** Default: `all`. */
  readonly accounts?: Accounts | undefined;
  /** Absent: everything is read in every run. */
  readonly cache?: { readonly maxAgeMinutes: number } | undefined;
}

/** The guard as it is written: `everybody`, a list of usernames and globs, or an object. */
export type GuardConfig = "everybody" | readonly string[] | GuardSettings;

const Usernames = v.pipe(setting.usernames("Usernames or globs; each has to match somebody."), v.minLength(1));

const GuardObject = v.strictObject({
  usernames: v.optional(Usernames),
  accounts: v.optional(
    v.pipe(
      v.picklist(ACCOUNTS),
      v.description("all, humans or serviceAccounts. Default: all, of those who are named."),
    ),
  ),
  cache: v.optional(
    v.strictObject({
      maxAgeMinutes: v.pipe(
        v.number(),
        v.gtValue(0),
        v.maxValue(1440),
        v.description("How old what was read may be, in minutes, up to a day."),
      ),
    }),
  ),
});

/** The keys of the object. */
export const GUARD_KEYS = Object.keys(GuardObject.entries);

/** The guard as an object: whom it names, or which accounts it means. */
export const GuardObjectSchema = v.pipe(
  GuardObject,
  v.check(
    ({ usernames, accounts }) => usernames !== undefined || accounts !== undefined,
    "usernames or accounts, or both",
  ),
);

/** Not a union: its errors would not tell which of them was meant. */
export const GuardSchema = v.lazy((value) =>
  typeof value === "string" ? v.picklist(["everybody"]) : Array.isArray(value) ? Usernames : GuardObjectSchema,
);

/** The three ways to write it, as one. */
export function toGuardSettings(guard: GuardConfig): GuardSettings {
  if (guard === "everybody") return {};
  return Array.isArray(guard) ? { usernames: guard as readonly string[] } : (guard as GuardSettings);
}
