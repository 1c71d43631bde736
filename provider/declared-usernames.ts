import { currentRun } from "./program-run";

/**
 * How many reads are started ahead. The engine spends some milliseconds on each resource, so a read may take many times as
 * long and is still done when its resource's turn comes.
 */
const AHEAD = 32;

/** The usernames that are declared in one tick, in their order. */
interface Batch {
  readonly usernames: string[];
  /** When the tick is over. */
  readonly isComplete: Promise<void>;
}

/** By run: names are sent to the API of the run that declares them, and to no other. */
const batches = new Map<object | undefined, Batch>();

/**
 * Notes a username that is declared, and promises those that are declared next in the same tick, as a JSON list: an input
 * that is one text costs the SDK much less than one that is a list. Each resource says it, because the order in which they
 * reach the engine is not certain. `undefined` for none.
 *
 * Plain strings only: an output could depend on the very resource that would wait for it, could be secret, and would make
 * one resource depend on another one's dependencies.
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
