import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until something holds.
 *
 * @param seconds default: enough for a busy machine.
 * @throws Error that says what it waited for, where that took longer.
 */
export async function until(what: string, holds: () => boolean, seconds = 60): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(10);
  }
}
