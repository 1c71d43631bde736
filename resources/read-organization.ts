import { isForbidden, SettingsError } from "../client/errors";
import { isUnknownUser, readUsers } from "../client/read-users";
import type { Reader } from "../client/reader";
import { ACCOUNTS, type Accounts, selectUsers, type UserSelection } from "../client/select-users";
import { checkUsername } from "../client/api/username";
import { quoted } from "../core/printable";
import { sortUsers, type OrganizationUser } from "../core/organization-user";
import { type User, usersNamed } from "../core/user";
import type { Properties } from "./evidence-resource";
import { describeFailedReads, type FailedRead, toFailedRead } from "../client/failed-reads";
import type { Session } from "./session";

/** Many users' tokens, and when the reading began. */
export interface OrganizationReading {
  /** As the API has them, in canonical order. */
  readonly users: OrganizationUser[];
  /** ISO 8601, by this machine's clock. */
  readonly fetchedAt: string;
}

/**
 * Lists the users of the organization, and reads the tokens of those who are selected.
 *
 * @param options.withoutGone leaves out users that are not there any more; otherwise they are an error.
 * @throws Error for a selection that cannot be, a listing that fails, and one for all users that could not be read.
 */
export async function readOrganization(
  properties: Properties,
  session: Session,
  { withoutGone = false } = {},
): Promise<OrganizationReading> {
  const selection = checkSelection(properties);
  const began = new Date().toISOString();
  const reader = await session.reader();
  const selected = await findSelected(selection, reader, withoutGone);
  const users: OrganizationUser[] = [];
  const failed: FailedRead[] = [];
  let fetchedAt = began;
  for await (const outcome of readUsers(selected, (username) => session.read(username), reader.concurrency)) {
    if ("error" in outcome) {
      const { user, error } = outcome;
      if (!(withoutGone && isUnknownUser(error))) failed.push(toFailedRead(user.username, error));
      continue;
    }
    const { user, reading } = outcome;
    users.push({ ...user, tokens: reading.tokens });
    // Another resource of this run may have read a user before.
    if (reading.fetchedAt < fetchedAt) fetchedAt = reading.fetchedAt;
  }
  if (failed.length > 0) throw new Error(describeFailedReads(failed, selected.length));
  return { users: sortUsers(users), fetchedAt };
}

/** If the API token may not list users, users given by name are still read, without their details. */
async function findSelected(selection: UserSelection, reader: Reader, withoutGone: boolean): Promise<readonly User[]> {
  const { usernames, accounts = "all" } = selection;
  let listed: readonly User[];
  try {
    listed = await reader.listUsers();
  } catch (error) {
    if (usernames === undefined || accounts !== "all" || !isForbidden(error)) throw error;
    return usersNamed(usernames);
  }
  if (withoutGone && usernames !== undefined) {
    const names = new Set(listed.map(({ username }) => username));
    const left = usernames.filter((username) => names.has(username));
    if (left.length === 0) return [];
    return selectUsers(listed, { accounts, usernames: left });
  }
  return selectUsers(listed, selection);
}

function checkSelection({ usernames, accounts }: Properties): UserSelection {
  if (accounts !== undefined && !ACCOUNTS.includes(accounts as Accounts)) {
    const found = typeof accounts === "string" ? quoted(accounts, 50) : `a value of another type (${typeof accounts})`;
    throw new SettingsError(`accounts is ${found}. Use one of ${ACCOUNTS.map((name) => quoted(name)).join(", ")}.`);
  }
  if (usernames === undefined) return { accounts: accounts as Accounts | undefined };
  if (!Array.isArray(usernames)) {
    throw new SettingsError("usernames is not a list. Give a list of usernames, or leave it out for everybody.");
  }
  if (usernames.length === 0) {
    throw new SettingsError("usernames is an empty list. Name at least one user, or leave it out for everybody.");
  }
  return { accounts: accounts as Accounts | undefined, usernames: usernames.map(checkUsername) };
}
