import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import { createReader } from "../../client/reader";
import type { ClientSettings } from "../../client/settings";

/** What came of reading users' tokens. */
export interface ReadResult {
  /** What each user's read gave: a reading, or an error. */
  readonly results: readonly unknown[];
  /** How many requests were started to the API, whether they arrived or not. */
  readonly requests: number;
  /** How many tunnels through a proxy. */
  readonly tunnels: number;
}

/** Reads the tokens of these users, all at the same time. The environment is looked at before this returns. */
export async function readOnce(settings: ClientSettings, usernames: readonly string[]): Promise<ReadResult> {
  const counter = countRequests(new URL(settings.apiUrl).host);
  try {
    const reader = createReader(settings, { baseDelayMs: 1, maxRetryAfterMs: 1 });
    const reads = usernames.map((username) => reader.read(username).catch((error: unknown) => error));
    return { results: await Promise.all(reads), ...counter.counts };
  } catch (error) {
    return { results: [error], ...counter.counts };
  } finally {
    counter.stop();
  }
}

function countRequests(host: string) {
  const counts = { requests: 0, tunnels: 0 };
  const onStart = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (request.method === "CONNECT" && request.path === host) counts.tunnels++;
    if (request.method === "GET" && request.getHeader("host") === host) counts.requests++;
  };
  subscribe("http.client.request.start", onStart);
  return { counts, stop: () => unsubscribe("http.client.request.start", onStart) };
}
