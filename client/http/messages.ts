import type { ApiIssue, ReadTarget } from "../errors";
import { isAboutCertificate, isPassing, PROXY_REFUSED } from "./retry";
import { type ClientSettings, KEY_PREFIX } from "../settings";

/** What a message needs to name the request. */
export interface RequestContext {
  readonly target: ReadTarget;
  /** The requested URL, without its query. */
  readonly url: string;
  /** The proxy in between, without its user and password. */
  readonly proxy?: string;
  readonly settings: Pick<
    ClientSettings,
    "apiUrl" | "apiTokenSource" | "maxAttempts" | "readTimeoutSeconds" | "keyPrefix"
  >;
}

/** An error response of the API; its texts are already safe to print. */
export interface Refusal {
  readonly status: number;
  readonly code?: string;
  readonly apiMessage?: string | undefined;
  readonly issues: readonly ApiIssue[];
  readonly location?: string | undefined;
}

/** Why there was no response; the reason is safe to print. */
export interface NetworkFailure {
  readonly code: string;
  readonly reason: string;
  /** The setting whose time ran out, where one did. */
  readonly limit?: "attemptTimeoutSeconds" | "readTimeoutSeconds";
}

/** One sentence for what happened, one for what to do next. */
export function describeApiError(refusal: Refusal, context: RequestContext): string {
  const { status, code, apiMessage, issues } = refusal;
  const answer = [String(status), code].filter(Boolean).join(" ");
  const details = [apiMessage, ...issues.map(({ message }) => message)].filter(Boolean).join("; ");
  return `the API answered ${answer}${details ? ` (${details})` : ""}. ${nextStep(refusal, context)}`;
}

function nextStep({ status, code, location }: Refusal, { url, settings }: RequestContext): string {
  switch (status) {
    case 400:
      return "Check the spelling of the username.";
    case 401:
      return `The token in ${settings.apiTokenSource} was not accepted: it may have expired, been revoked or been cut off. Set a valid one.`;
    case 403:
      return `The token in ${settings.apiTokenSource} may not do this: it must be a read_write token of a user with the Admin role.`;
    case 404:
      // A path without a route answers in plain text: that is a wrong base URL, not a missing user.
      return code === "NOT_FOUND"
        ? "No such user in the organization of this token. Check the username and the organization."
        : `There is no such endpoint at ${url}. Check the base URL (${settings.keyPrefix ?? KEY_PREFIX}apiUrl or MOTHERDUCK_API_URL).`;
    case 500:
      return "The API failed. Try again; if the error persists, contact MotherDuck support.";
    case 429:
      return `The API asks for fewer requests (attempts made: ${settings.maxAttempts}). Try again later.`;
  }
  if (status >= 300 && status < 400) {
    return `Redirects are not followed, they could carry the token elsewhere${location ? ` (here: ${location})` : ""}. Check the base URL.`;
  }
  if (status === 408 || status > 500) {
    return `The API is not available (attempts made: ${settings.maxAttempts}). Try again later.`;
  }
  return "Check the base URL, and whether a newer version of this package knows this answer.";
}

/** Describes a request without a response, as {@link describeApiError} does. */
export function describeNetworkError(failure: NetworkFailure, context: RequestContext): string {
  const { code, reason, limit } = failure;
  const { proxy, settings } = context;
  const what = limit === undefined ? `no answer` : `no complete answer in time`;
  const why = [code, reason].filter(Boolean).join(": ");
  const tries =
    isPassing(code) && limit !== "attemptTimeoutSeconds"
      ? `; attempts: up to ${settings.maxAttempts}, ${settings.readTimeoutSeconds} s in all`
      : "";
  return (
    `${what} from ${settings.apiUrl}${proxy === undefined ? "" : ` through the proxy ${proxy}`} ` +
    `(${why}${tries}). ${nextNetworkStep(failure, settings.keyPrefix)}`
  );
}

function nextNetworkStep({ code, limit }: NetworkFailure, keyPrefix = KEY_PREFIX): string {
  if (limit !== undefined) {
    return `Check the network, the proxy and the base URL; if the API is just slow, raise ${keyPrefix}${limit}.`;
  }
  if (code === PROXY_REFUSED) {
    return "Check the proxy, its user and its password in HTTPS_PROXY, or name the API's host in NO_PROXY.";
  }
  if (isAboutCertificate(code)) {
    return (
      "The server's certificate was not accepted. Where your network has a CA of its own, name its file in " +
      "NODE_EXTRA_CA_CERTS; otherwise check the base URL and this machine's clock."
    );
  }
  return "Check the network, the proxy and the base URL, then try again.";
}
