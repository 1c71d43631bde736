/** A time limit for one piece of work. */
export interface Deadline {
  /** Aborted when the time is up, or when the outer work is aborted. */
  readonly signal: AbortSignal;
  /** Whether this time is up. */
  isUp(): boolean;
  /** To be called when the work has ended, however it ended. */
  clear(): void;
}

/**
 * Starts a time limit. `AbortSignal.timeout` would keep its timer until the signal is collected: with many short reads, these
 * timers were most of the memory.
 *
 * @param outer the signal of the work that this one is a part of.
 */
export function startDeadline(seconds: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const endWithOuter = () => controller.abort(outer?.reason);
  let isUp = false;
  const timer = setTimeout(() => {
    isUp = true;
    controller.abort(new DOMException("The time is up.", "TimeoutError"));
  }, seconds * 1000);
  // The work itself keeps the process alive.
  timer.unref();
  if (outer?.aborted) endWithOuter();
  outer?.addEventListener("abort", endWithOuter, { once: true });
  return {
    signal: controller.signal,
    isUp: () => isUp,
    clear() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", endWithOuter);
    },
  };
}
