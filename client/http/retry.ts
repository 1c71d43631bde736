import type { AxiosError } from "axios";
import axiosRetry from "axios-retry";

/** How long to wait between attempts. The tests shorten it. */
export interface RetryTiming {
  /** The first wait, in milliseconds; it doubles with every attempt, with up to 20 % of jitter. */
  readonly baseDelayMs: number;
  /** The longest wait that a `Retry-After` header can ask for, in milliseconds. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY_TIMING: RetryTiming = { baseDelayMs: 250, maxRetryAfterMs: 30_000 };

/** Statuses that are retried. 500 is not: the API documents it as "this request failed". */
export const RETRIED_STATUSES: readonly number[] = [408, 429, 502, 503, 504];

/**
 * The code of an attempt that used up its time. The API got the request and the time, so another one would make the user
 * wait, and the engine on Ctrl-C, for the same. Not `ETIMEDOUT`: to Node, that is also a connection that it gave up after
 * a moment.
 */
export const ATTEMPT_TIMED_OUT = "EATTEMPTTIMEDOUT";

/** The code of a body that would be the same in another attempt. */
export const UNREADABLE_BODY = "UNREADABLE_BODY";

/** The code of a proxy that runs but does not reach the API. */
export const PROXY_UNAVAILABLE = "EPROXY";

/** The code of a refusal by a proxy. Not retried: repeated attempts may lock an account. */
export const PROXY_REFUSED = "EPROXYREFUSED";

/** Whether another attempt may help. */
export function isWorthRetrying(error: AxiosError): boolean {
  if (error.config?.signal?.aborted) return false;
  if (error.response) return RETRIED_STATUSES.includes(error.response.status);
  return isPassing(error.code);
}

const LASTING: readonly (string | undefined)[] = [ATTEMPT_TIMED_OUT, UNREADABLE_BODY, PROXY_REFUSED];

/** Whether a failure without an answer may pass: not a name that does not exist, nor a certificate. */
export function isPassing(code: string | undefined): boolean {
  if (LASTING.includes(code) || isAboutCertificate(code)) return false;
  return axiosRetry.isNetworkError({ code } as AxiosError);
}

/** Whether the server's certificate was refused; OpenSSL's and Node's codes have no prefix in common. */
export function isAboutCertificate(code: string | undefined): boolean {
  return /CERT|^UNABLE_TO_/.test(code ?? "");
}
