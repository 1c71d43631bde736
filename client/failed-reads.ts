import { aboutTokensOf } from "./list-user-tokens";
import { NotAskedError } from "./read-users";
import { nameSome } from "./select-users";

/** A user whose tokens could not be read. */
export interface FailedRead {
  readonly username: string;
  readonly error: Error;
}

/** How many failing users an error names. */
const NAMED = 10;

/**
 * One message for all users that could not be read: the first ten with what happened, those of one reason together, how
 * many more there are, and how many were not asked for.
 *
 * @param total all users that were to be read.
 */
export function describeFailedReads(failed: readonly FailedRead[], total: number): string {
  const notAsked = failed.filter(({ error }) => error instanceof NotAskedError);
  const asked = failed.filter(({ error }) => !(error instanceof NotAskedError));
  const named = asked.slice(0, NAMED);
  const lines = [...groupByReason(named)].map(([reason, usernames]) => `${nameSome(usernames)}: ${reason}`);
  const more = asked.length - named.length;
  if (more > 0) lines.push(`${more} more ${more === 1 ? "user" : "users"} could not be read`);
  if (notAsked.length > 0) lines.push(`${notAsked.length} were ${notAsked[0]?.error.message}`);
  return [`could not read the tokens of ${failed.length} of ${total} users:`, ...lines].join("\n  - ");
}

function groupByReason(failed: readonly FailedRead[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { username, error } of failed) {
    // The client's messages name the user first; here the group does.
    const reason = error.message.replace(`could not read ${aboutTokensOf(username)}: `, "");
    groups.set(reason, [...(groups.get(reason) ?? []), username]);
  }
  return groups;
}
