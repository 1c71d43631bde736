import { ACCOUNTS, type Accounts } from "../core/accounts";
import { listSome } from "../core/list-some";
import { quoted } from "../core/printable";
import type { User } from "../core/user";
import { ResponseError, SettingsError } from "./errors";
import { ALL_USERS } from "./api/list-users";

export { ACCOUNTS, type Accounts };

/** Which users to read. A user must match both conditions. */
export interface UserSelection {
  /** Absent: everybody. */
  readonly usernames?: readonly string[] | undefined;
  /** Default: `all`. */
  readonly accounts?: Accounts | undefined;
}

/**
 * Selects users from the listing and keeps its order.
 *
 * @throws SettingsError for a name that is not listed and for a selection that is empty: nobody read would look like
 *   nothing found. ResponseError where the API does not return what a filter needs.
 */
export function selectUsers(listed: readonly User[], selection: UserSelection): readonly User[] {
  const { usernames, accounts = "all" } = selection;
  if (usernames?.length === 0) throw new SettingsError("the list of usernames is empty. Name at least one.");
  const named = usernames === undefined ? listed : pickByName(listed, usernames);
  const users = accounts === "all" ? named : named.filter((user) => isMeant(user, accounts));
  if (users.length === 0) {
    throw new SettingsError(
      `the selection is empty: none of ${named.length} users is one of the ${accounts}. Widen it.`,
    );
  }
  return users;
}

function pickByName(listed: readonly User[], usernames: readonly string[]): User[] {
  const known = new Set(listed.map(({ username }) => username));
  const unlisted = usernames.filter((username) => !known.has(username));
  if (unlisted.length > 0) {
    throw new SettingsError(
      `not in the organization of this API token: ${nameSome(unlisted)}. Check the spelling and the organization.`,
    );
  }
  const picked = new Set(usernames);
  return listed.filter(({ username }) => picked.has(username));
}

function isMeant({ username, isServiceAccount }: User, accounts: "humans" | "serviceAccounts"): boolean {
  if (isServiceAccount === undefined) {
    throw new ResponseError(
      ALL_USERS,
      `the API does not return whether ${quoted(username, 255)} is a service account. Select users by name instead.`,
    );
  }
  return isServiceAccount === (accounts === "serviceAccounts");
}

/** {@link listSome} for usernames, which are quoted. */
export function nameSome(usernames: readonly string[]): string {
  return listSome(usernames.map((username) => quoted(username, 255)));
}
