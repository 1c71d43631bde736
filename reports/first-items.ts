/** Items by key, of which the first ones in an order are kept, in memory that does not grow with the others. */
export class FirstItems<Item> {
  readonly #limit: number;
  readonly #compare: (one: Item, other: Item) => number;
  readonly #items = new Map<string, Item>();
  readonly #mostKept: number;
  #leftOut = 0;

  /** @param returning whether a key can come again after others: then all are kept until the end. Default: it cannot. */
  constructor(
    limit: number,
    compare: (one: Item, other: Item) => number,
    { returning = false }: { readonly returning?: boolean } = {},
  ) {
    this.#limit = limit;
    this.#compare = compare;
    // So that an item costs the same on average, however many there are.
    this.#mostKept = returning ? Infinity : 2 * limit;
  }

  /** The item of a key, unless it was left out already. */
  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  set(key: string, item: Item): void {
    this.#items.set(key, item);
    if (this.#items.size >= this.#mostKept) this.#leaveOut();
  }

  /** The first items in their order, and how many others there were. */
  take(): { readonly items: readonly Item[]; readonly leftOut: number } {
    this.#leaveOut();
    return { items: [...this.#items.values()], leftOut: this.#leftOut };
  }

  #leaveOut(): void {
    const sorted = [...this.#items].sort(([, one], [, other]) => this.#compare(one, other));
    const rest = sorted.splice(this.#limit);
    this.#leftOut += rest.length;
    this.#items.clear();
    for (const [key, item] of sorted) this.#items.set(key, item);
  }
}
