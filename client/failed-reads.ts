import { groupBy } from "../core/group-by";
import { NAMED_ITEMS } from "../core/list-some";
import { NotAskedError, ReadError } from "./errors";
import { nameSome } from "./select-users";

/** A user whose tokens could not be read. */
export interface FailedRead {
  readonly username: string;
  /** What happened, and what to do next, without whose tokens they are. Safe to print. */
  readonly reason: string;
  /** Whether nobody asked for them, because the reads before had failed. Default: false. */
  readonly isNotAsked?: boolean;
}

/** What a list tells of a read that failed. */
export function toFailedRead(username: string, error: Error): FailedRead {
  return {
    username,
    reason: error instanceof ReadError ? error.reason : error.message,
    ...(error instanceof NotAskedError && { isNotAsked: true }),
  };
}

/**
 * One message for all users that could not be read: the first ten with what happened, those of one reason together, how
 * many more there are, and how many were not asked for.
 *
 * @param total all users that were to be read.
 */
export function describeFailedReads(failed: readonly FailedRead[], total: number): string {
  const notAsked = failed.filter(({ isNotAsked = false }) => isNotAsked);
  const asked = failed.filter(({ isNotAsked = false }) => !isNotAsked);
  const named = asked.slice(0, NAMED_ITEMS);
  const lines = [...groupBy(named, ({ reason }) => reason)].map(
    ([reason, group]) => `${nameSome(group.map(({ username }) => username))}: ${reason}`,
  );
  const more = asked.length - named.length;
  if (more > 0) lines.push(`${more} more ${more === 1 ? "user" : "users"} could not be read`);
  if (notAsked[0]) lines.push(`${notAsked.length} were ${notAsked[0].reason}`);
  return [`could not read the tokens of ${failed.length} of ${total} users:`, ...lines].join("\n  - ");
}
