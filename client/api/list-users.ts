import { quoted } from "../../core/printable";
import { agreedDetails, detailsOf, type User } from "../../core/user";
import { type ReadTarget, ResponseError } from "../errors";
import { startDeadline } from "../http/deadline";
import { walkPages } from "./pages";
import { type ListedUser, parseUsersPage } from "./parse";
import type { Transport } from "../http/transport";

/** Everybody, as errors name them. */
export const ALL_USERS: ReadTarget = { name: "the users of the organization" };

/** Users per page, as in the vendor's client. */
const PAGE_SIZE = "1000";

/**
 * Lists everybody in the organization, by username, each once. Deprovisioned users are asked for explicitly: whether the
 * API lists them otherwise is not documented.
 *
 * @param deadlineSeconds for the whole listing.
 * @throws ApiError (403 where the token may not list members), NetworkError, or ResponseError for a listing that is empty
 *   or has fewer users than its `total_count`.
 */
export async function listUsers(transport: Transport, deadlineSeconds: number): Promise<User[]> {
  const deadline = startDeadline(deadlineSeconds);
  const { signal } = deadline;
  const listings = [listByStatus(transport, false, signal), listByStatus(transport, true, signal)];
  // If one fails, the other still finishes first: no request is left running.
  await Promise.allSettled(listings);
  deadline.clear();
  const users = mergeByUsername((await Promise.all(listings)).flat());
  if (users.length === 0) {
    throw new ResponseError(ALL_USERS, "the API lists nobody, not even the owner of the API token.");
  }
  return users;
}

async function listByStatus(transport: Transport, isDeprovisioned: boolean, deadline: AbortSignal) {
  // By id: a user who is added while the pages are read can be on two of them.
  const users = new Map<string, ListedUser>();
  let expected = 0;
  const query = { limit: PAGE_SIZE, is_deprovisioned: String(isDeprovisioned) };
  const pages = walkPages(
    async (cursor) =>
      parseUsersPage(await transport.getJson("/v1/users", { ...query, ...cursor }, ALL_USERS, deadline), ALL_USERS),
    ALL_USERS,
  );
  for await (const page of pages) {
    for (const user of page.users) addListed(users, { isDeprovisioned, ...user });
    expected = page.totalCount ?? expected;
  }
  if (users.size < expected) {
    throw new ResponseError(
      ALL_USERS,
      `the API announced ${expected} users and listed ${users.size}. Try again; if the error persists, contact MotherDuck support.`,
    );
  }
  return [...users.values()];
}

// One of two users with the same id would never be read.
function addListed(users: Map<string, ListedUser>, user: ListedUser): void {
  const known = users.get(user.id);
  if (known && known.username !== user.username) {
    throw new ResponseError(
      ALL_USERS,
      `two users have the id ${quoted(user.id, 60)}: ${quoted(known.username, 60)} and ${quoted(user.username, 60)}. ` +
        "Try again; if the error persists, contact MotherDuck support.",
    );
  }
  users.set(user.id, user);
}

/**
 * By code unit, so that two machines agree. The ids end here: they would make state larger, and no rule asks for them.
 */
function mergeByUsername(listed: readonly ListedUser[]): User[] {
  const users = new Map<string, User>();
  for (const user of listed) {
    const { username } = user;
    const other = users.get(username);
    users.set(username, { username, ...(other ? agreedDetails(other, user) : detailsOf(user)) });
  }
  return [...users.values()].sort((a, b) => (a.username < b.username ? -1 : 1));
}
