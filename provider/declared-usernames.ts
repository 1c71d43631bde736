/** How many users one resource asks for: itself, and those that are declared after it. */
const CHUNK = 32;

/** What a resource sends to the engine for the sake of speed, and when. */
export interface Declaration {
  /**
   * The usernames to read together with this one's, on the first resource of a chunk only: an input takes its time, also
   * one without a value.
   */
  readonly next?: Promise<string[] | undefined>;
  /** When the others may be sent: after all those first ones, so that every read is begun before it is asked for. */
  readonly turn: Promise<void>;
}

/** What is declared in one tick. */
interface Batch {
  readonly usernames: string[];
  /** When the tick is over. */
  readonly isComplete: Promise<void>;
  /** When those that begin chunks are on their way. */
  readonly hasBegun: Promise<void>;
}

let batch: Batch | undefined;

/**
 * Notes a username that is declared. Plain strings only: an output could depend on the very resource that would wait for
 * it, could be secret, and would make one resource depend on another one's dependencies.
 */
export function declareUsername(username: unknown): Declaration {
  const { usernames, isComplete, hasBegun } = (batch ??= startBatch());
  if (typeof username !== "string") return { turn: hasBegun };
  const position = usernames.push(username) - 1;
  if (position % CHUNK > 0) return { turn: hasBegun };
  const next = isComplete.then(() => {
    const chunk = usernames.slice(position + 1, position + CHUNK);
    return chunk.length > 0 ? chunk : undefined;
  });
  return { next, turn: isComplete };
}

function startBatch(): Batch {
  const isComplete = nextTick().then(() => {
    batch = undefined;
  });
  return { usernames: [], isComplete, hasBegun: isComplete.then(nextTick) };
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
