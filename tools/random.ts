/** Random choices. */
export interface Random {
  /** True in a share of all cases. */
  readonly chance: (share: number) => boolean;
  /** A whole number from 0, below a limit. */
  readonly int: (below: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** Any of these, several times perhaps. */
  readonly some: <T>(items: readonly T[], most: number, least?: number) => T[];
}

/** Choices that follow from a seed, in every run the same. */
export function createRandom(seed: number): Random {
  const next = generator(seed);
  const int = (below: number) => Math.floor(next() * below);
  const pick = <T>(items: readonly T[]) => items[int(items.length)] as T;
  return {
    chance: (share) => next() < share,
    int,
    pick,
    some: (items, most, least = 0) => Array.from({ length: least + int(most - least + 1) }, () => pick(items)),
  };
}

/** Numbers from 0 up to 1: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
