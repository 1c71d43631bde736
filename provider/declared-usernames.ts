/**
 * How many resources go to the engine together. It asks for one after the other, and spends some milliseconds on each: a
 * chunk is long enough for the reads of the next one.
 */
const CHUNK = 32;

/** What a resource sends to the engine for the sake of speed, and when. */
export interface Declaration {
  /**
   * The usernames to read ahead, on the first resource of a chunk only: an input takes its time, also one without a value.
   */
  readonly next?: Promise<string[] | undefined>;
  /** When the resource may be sent. */
  readonly turn: Promise<void>;
}

/** What is declared in one tick. */
interface Batch {
  readonly usernames: string[];
  /** For each chunk one for its first resource, then one for the others, so that what is to be read ahead arrives first. */
  readonly turns: Promise<void>[];
}

let batch: Batch | undefined;

/**
 * Notes a username that is declared. Plain strings only: an output could depend on the very resource that would wait for
 * it, could be secret, and would make one resource depend on another one's dependencies.
 */
export function declareUsername(username: unknown): Declaration {
  const { usernames, turns } = (batch ??= startBatch());
  if (typeof username !== "string") return { turn: takeTurn(turns, usernames.length) };
  const position = usernames.push(username) - 1;
  const turn = takeTurn(turns, position);
  return position % CHUNK === 0 ? { turn, next: turn.then(() => nextAfter(usernames, position)) } : { turn };
}

/** The next chunk: one's own was asked for by the chunk before, except for the first. */
function nextAfter(usernames: readonly string[], position: number): string[] | undefined {
  const next = usernames.slice(position === 0 ? 1 : position + CHUNK, position + 2 * CHUNK);
  return next.length > 0 ? next : undefined;
}

function startBatch(): Batch {
  const isComplete = nextTick().then(() => {
    batch = undefined;
  });
  return { usernames: [], turns: [isComplete] };
}

function takeTurn(turns: Promise<void>[], position: number): Promise<void> {
  const index = 2 * Math.floor(position / CHUNK) + (position % CHUNK === 0 ? 0 : 1);
  for (let last = turns.at(-1); last && turns.length <= index; last = turns.at(-1)) turns.push(last.then(nextTick));
  return turns[index] as Promise<void>;
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
