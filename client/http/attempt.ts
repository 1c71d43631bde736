import type { Readable } from "node:stream";
import axios, { AxiosError, type AxiosAdapter, type AxiosResponse } from "axios";
import { startDeadline } from "./deadline";
import { ATTEMPT_TIMED_OUT, UNREADABLE_BODY } from "./retry";

const MIB = 1024 * 1024;

/** The size limit of a body, in bytes after decompression. */
const MAX_BODY_BYTES = 16 * MIB;

/** The size limit of an error response; the rest is discarded. */
const MAX_ERROR_BODY_BYTES = 1 * MIB;

/**
 * Sends a request once, with a deadline for all of it (axios' own `timeout` only bounds the silence between two packets),
 * and reads the body itself: axios has one limit for all bodies, and reports a truncated body as a response.
 *
 * It resolves for status 200 only. An AxiosError with a `response` is another status; one without means that none came.
 */
export function createAttempt(timeoutSeconds: number): AxiosAdapter {
  const send = axios.getAdapter("http");
  return async (config) => {
    const deadline = startDeadline(timeoutSeconds, config.signal as AbortSignal);
    const { signal } = deadline;
    let response: AxiosResponse<string> | undefined;
    try {
      const answer = await send({ ...config, signal, responseType: "stream", validateStatus: null });
      const { data, failure } = await readBody(answer.data as Readable, answer.status);
      response = { ...answer, config, data };
      if (failure && answer.status === 200) throw bodyError(failure);
    } catch (error) {
      const { message, code } = deadline.isUp()
        ? { message: `no complete answer within ${timeoutSeconds} s`, code: ATTEMPT_TIMED_OUT }
        : (error as AxiosError);
      // With the original config: another attempt must not inherit this one's deadline.
      throw new AxiosError(message, code, config);
    } finally {
      deadline.clear();
    }
    if (response.status === 200) return response;
    throw new AxiosError(`status ${response.status}`, undefined, config, undefined, response);
  };
}

/** Reads as much as possible: the status of an error response counts even if its body is unreadable. */
async function readBody(stream: Readable, status: number): Promise<{ data: string; failure?: unknown }> {
  const limit = status === 200 ? MAX_BODY_BYTES : MAX_ERROR_BODY_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  const text = () => new TextDecoder().decode(Buffer.concat(chunks));
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new AxiosError(`it is larger than ${limit / MIB} MiB`, UNREADABLE_BODY);
      chunks.push(chunk);
    }
    return { data: text() };
  } catch (failure) {
    return { data: text(), failure };
  }
}

/** A body that cannot be decompressed fails again in every attempt; a truncated one may succeed. */
function bodyError(failure: unknown): AxiosError {
  const { message, code = "ECONNRESET" } = failure as { message: string; code?: string };
  // It is too large: `readBody` made this error.
  if (code === UNREADABLE_BODY) return new AxiosError(message, code);
  // The codes of zlib, Brotli and Zstandard.
  return /^(Z_|ERR__|ZSTD_)/.test(code)
    ? new AxiosError(`it cannot be unpacked (${message})`, UNREADABLE_BODY)
    : new AxiosError("the answer broke off", code);
}
