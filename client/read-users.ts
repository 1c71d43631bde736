import { Readable } from "node:stream";
import { ApiError, NetworkError, NotAskedError } from "./errors";
import type { User } from "../core/user";
import { tokensOf } from "./api/list-user-tokens";
import type { UserTokensReading } from "./reader";

/** The outcome of one user's read. */
export type UserOutcome<Item extends User> =
  { readonly user: Item; readonly reading: UserTokensReading } | { readonly user: Item; readonly error: Error };

type ReadUser = (username: string) => Promise<UserTokensReading>;

/** Reads in a row that failed for a reason that is not the user's; after them nobody else is asked for. */
const HOPELESS_AFTER = 5;

/**
 * Reads many users' tokens and gives the outcomes in the order of the users. A failure ends nothing: each user has an
 * outcome. Where the API itself is down or refuses the API token, the remaining users are not asked for, and their outcome
 * says so.
 *
 * @param read reads one user.
 * @param concurrency how many users are read ahead; memory is bounded by it, whatever the number of users.
 */
export function readUsers<Item extends User>(
  users: readonly Item[],
  read: ReadUser,
  concurrency: number,
): AsyncIterable<UserOutcome<Item>> {
  return Readable.from(users).map(createOutcomes<Item>(read), { concurrency }) as AsyncIterable<UserOutcome<Item>>;
}

/** {@link readUsers}, one by one: what gives a user's outcome, and never fails. It counts the failures itself. */
export function createOutcomes<Item extends User>(read: ReadUser): (user: Item) => Promise<UserOutcome<Item>> {
  let failedInARow = 0;
  return async function outcomeOf(user) {
    if (failedInARow >= HOPELESS_AFTER) {
      const reason = `not asked for, after ${HOPELESS_AFTER} reads in a row had failed`;
      return { user, error: new NotAskedError(tokensOf(user.username), reason) };
    }
    try {
      const reading = await readListed(read, user);
      failedInARow = 0;
      return { user, reading };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failedInARow = isAboutEverybody(error) ? failedInARow + 1 : 0;
      return { user, error };
    }
  };
}

/** A deprovisioned user whom the API does not know any more holds no token. */
async function readListed(read: ReadUser, { username, isDeprovisioned }: User): Promise<UserTokensReading> {
  try {
    return await read(username);
  } catch (error) {
    if (!isDeprovisioned || !isUnknownUser(error)) throw error;
    return { username, tokens: [], fetchedAt: new Date().toISOString() };
  }
}

/** Whether the API reports an unknown user, not merely an unknown path. */
export function isUnknownUser(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.code === "NOT_FOUND";
}

function isAboutEverybody(error: Error): boolean {
  if (error instanceof ApiError) return !isUnknownUser(error) && error.status !== 400 && error.status !== 500;
  return error instanceof NetworkError;
}
