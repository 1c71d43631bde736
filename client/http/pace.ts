import { AxiosError, type AxiosAdapter, type GenericAbortSignal } from "axios";
import { exponentialDelay, retryAfter } from "axios-retry";
import type { RetryTiming } from "./retry";

/** A request's permission to be sent. One of these is called, once, when it is answered. */
interface Turn {
  /** @param isAnswer whether the API took the request. */
  done(isAnswer: boolean): void;
  /** The API asks for fewer requests, and for a pause. */
  refused(pauseMs: (refusalsInARow: number) => number): void;
}

/**
 * Sends requests through an adapter, at most `most` at the same time. After a 429 all of them pause, not only the one that
 * was refused, and fewer are sent at the same time: one, then more with every answer, as TCP does after a loss (RFC 5681).
 */
export function paceRequests(send: AxiosAdapter, most: number, timing: RetryTiming): AxiosAdapter {
  const pace = createPace(most);
  return async (config) => {
    const turn = await pace.turn(config.signal as GenericAbortSignal).catch((error: Error) => {
      throw new AxiosError(error.message, AxiosError.ERR_CANCELED, config);
    });
    try {
      const response = await send(config);
      turn.done(true);
      return response;
    } catch (error) {
      if (isTooManyRequests(error)) {
        turn.refused((refusals) => pauseAfter(error, refusals, timing));
      } else {
        turn.done(false);
      }
      throw error;
    }
  };
}

/** Whether the API asks for fewer requests. */
export function isTooManyRequests(error: unknown): error is AxiosError {
  return error instanceof AxiosError && error.response?.status === 429;
}

/** How long to wait after a failure, in milliseconds. */
export function pauseAfter(error: AxiosError, failuresInARow: number, timing: RetryTiming): number {
  return Math.max(
    exponentialDelay(failuresInARow - 1, undefined, timing.baseDelayMs),
    Math.min(retryAfter(error), timing.maxRetryAfterMs),
  );
}

interface Waiting {
  readonly place: number;
  readonly go: () => void;
}

function createPace(most: number) {
  // How many may be on their way; a fraction grows to the next whole number.
  let limit = most;
  /** Up to here the limit grows fast: half of where the last refusal came. */
  let threshold = most;
  let onTheirWay = 0;
  let refusals = 0;
  /** Grows with each refusal. Requests that were sent before tell nothing about the new limit. */
  let round = 0;
  let pausedUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  const waiting: Waiting[] = [];

  // One signal is one read: its next page, and its next attempt, go before the reads that began later.
  const places = new WeakMap<GenericAbortSignal, number>();
  let nextPlace = 0;
  const placeOf = (signal: GenericAbortSignal) => {
    const place = places.get(signal) ?? nextPlace++;
    places.set(signal, place);
    return place;
  };

  function letPass(): void {
    clearTimeout(timer);
    const pause = pausedUntil - Date.now();
    // Only while somebody waits: a timer keeps the process alive.
    if (pause > 0 && waiting.length > 0) timer = setTimeout(letPass, pause);
    while (pause <= 0 && onTheirWay < Math.floor(limit) && waiting.length > 0) {
      onTheirWay++;
      waiting.shift()?.go();
    }
  }

  function makeTurn(): Turn {
    const sentIn = round;
    return {
      done(isAnswer) {
        onTheirWay--;
        if (isAnswer && sentIn === round) {
          refusals = 0;
          limit = Math.min(most, limit + (limit < threshold ? 1 : 1 / limit));
        }
        letPass();
      },
      refused(pauseMs) {
        onTheirWay--;
        if (sentIn === round) {
          round++;
          refusals++;
          threshold = Math.max(1, Math.floor(limit / 2));
          limit = 1;
        }
        pausedUntil = Math.max(pausedUntil, Date.now() + pauseMs(refusals));
        letPass();
      },
    };
  }

  return {
    /** @throws Error where the signal ends the wait. */
    turn(signal: GenericAbortSignal): Promise<Turn> {
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting.splice(waiting.indexOf(mine), 1);
          reject(new Error("the wait for a turn was ended"));
        };
        const mine = {
          place: placeOf(signal),
          go: () => {
            signal.removeEventListener?.("abort", giveUp);
            resolve(makeTurn());
          },
        };
        const behind = waiting.findIndex(({ place }) => place > mine.place);
        waiting.splice(behind === -1 ? waiting.length : behind, 0, mine);
        signal.addEventListener?.("abort", giveUp);
        letPass();
      });
    },
  };
}
