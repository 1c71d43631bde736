import type { Labels, Sample } from "./exposition";

/** Counts by labels, in the order in which they come first. */
export class Counter {
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>();

  /** @param expected what is counted even where there is none. */
  constructor(expected: readonly Labels[]) {
    for (const labels of expected) this.#samples.set(JSON.stringify(labels), { labels, value: 0 });
  }

  add(labels: Labels): void {
    const key = JSON.stringify(labels);
    const sample = this.#samples.get(key);
    if (sample) sample.value++;
    else this.#samples.set(key, { labels, value: 1 });
  }

  samples(): readonly Sample[] {
    return [...this.#samples.values()];
  }
}
