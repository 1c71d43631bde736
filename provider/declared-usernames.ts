import { DEFAULT_SETTINGS } from "../client/settings";
import { currentRun } from "./program-run";

/**
 * How many reads start ahead. The engine spends some milliseconds on each resource, so a read that takes many times as long
 * is still done when its resource's turn comes.
 */
const AHEAD = DEFAULT_SETTINGS.concurrency;

/** The usernames that are declared in one tick, in order. */
interface Batch {
  readonly usernames: string[];
  /** Resolves when the tick is over. */
  readonly isComplete: Promise<void>;
}

/** By run, because usernames go only to the API of the run that declares them. */
const batches = new Map<object | undefined, Batch>();

/**
 * Registers a declared username, and resolves to those that are declared next in the same tick, as a JSON array: a string
 * costs the SDK much less than a list. Each resource carries such a list, because they may reach the engine in any order.
 * Resolves to `undefined` if there are none.
 *
 * Only plain strings count. An output could depend on the very resource that would wait for it, could be secret, and would
 * make one resource depend on another one's dependencies.
 */
export function usernamesAfter(username: unknown): Promise<string | undefined> {
  const run = currentRun();
  const { usernames, isComplete } = batches.get(run) ?? startBatch(run);
  if (typeof username === "string") usernames.push(username);
  const start = usernames.length;
  return isComplete.then(() =>
    usernames.length > start ? JSON.stringify(usernames.slice(start, start + AHEAD)) : undefined,
  );
}

function startBatch(run: object | undefined): Batch {
  const isComplete = new Promise<void>((resolve) => {
    setImmediate(() => {
      batches.delete(run);
      resolve();
    });
  });
  const batch = { usernames: [], isComplete };
  batches.set(run, batch);
  return batch;
}
