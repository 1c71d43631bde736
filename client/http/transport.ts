import { Agent as HttpAgent } from "node:http";
import axios, { AxiosError, type AxiosInstance, type AxiosResponse } from "axios";
import axiosRetry from "axios-retry";
import { version } from "../../core/version";
import { createAttempt } from "./attempt";
import { ApiError, NetworkError, type ReadTarget, ResponseError } from "../errors";
import { describeApiError, describeNetworkError, type NetworkFailure, type RequestContext } from "./messages";
import { isTooManyRequests, paceRequests, pauseAfter } from "./pace";
import { createHttpsAgent, findProxy, nameOfProxy } from "./proxy";
import { createRedactor } from "./redact";
import { ATTEMPT_TIMED_OUT, DEFAULT_RETRY_TIMING, isWorthRetrying, type RetryTiming, UNREADABLE_BODY } from "./retry";
import type { ClientSettings } from "../settings";

/** Sends one GET request and gives the parsed JSON of a 200 answer. */
export interface Transport {
  /**
   * @param path of the endpoint below the base URL, each segment percent-encoded, for example `/v1/users/ada/tokens`.
   * @param target what is asked for, as errors name it.
   * @param signal ends the request, its retries and the waits between them.
   * @throws ApiError, NetworkError or ResponseError; never one that holds a credential.
   */
  getJson(path: string, query: Record<string, string>, target: ReadTarget, signal: AbortSignal): Promise<unknown>;
}

/** Makes a transport for one base URL and one token, with its own pool of kept-alive connections. */
export function createTransport(settings: ClientSettings, timing: RetryTiming = DEFAULT_RETRY_TIMING): Transport {
  const proxy = findProxy(settings.apiUrl);
  const http = createAxios(settings, timing, proxy);
  const redact = createRedactor(settings.apiToken);

  return {
    async getJson(path, query, target, signal) {
      const context = {
        target,
        url: `${settings.apiUrl}${path}`,
        settings,
        ...(proxy && { proxy: nameOfProxy(proxy) }),
      };
      let response: AxiosResponse<string>;
      try {
        response = await http.get<string>(path, { params: query, signal });
      } catch (error) {
        // An AxiosError carries the request with its Authorization header, so it goes no further than this.
        throw toReadError(error, signal.aborted, context, redact);
      }
      return parseBody(response, settings.apiToken, target, redact);
    },
  };
}

function toReadError(error: unknown, timeIsUp: boolean, context: RequestContext, redact: (text: string) => string) {
  const { response, code = "UNKNOWN", message } = error instanceof AxiosError ? error : new AxiosError(String(error));
  if (response) {
    const refusal = readRefusal(response as AxiosResponse<string>, redact);
    return new ApiError(context.target, describeApiError(refusal, context), refusal);
  }
  if (code === UNREADABLE_BODY) return unusable(context.target, `cannot be used: ${redact(message)}`);
  const failure = failureOf(code, redact(message), timeIsUp);
  return new NetworkError(context.target, describeNetworkError(failure, context), failure.code);
}

function failureOf(code: string, reason: string, timeIsUp: boolean): NetworkFailure {
  const timedOut = { code: "ETIMEDOUT", reason };
  if (timeIsUp) return { ...timedOut, reason: "the whole read's time is up", limit: "readTimeoutSeconds" };
  if (code === ATTEMPT_TIMED_OUT) return { ...timedOut, limit: "attemptTimeoutSeconds" };
  return { code, reason };
}

function createAxios(settings: ClientSettings, timing: RetryTiming, proxy: URL | undefined): AxiosInstance {
  const agents = { keepAlive: true };
  const http = axios.create({
    baseURL: settings.apiUrl,
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${settings.apiToken}`,
      "User-Agent": `pulumi-motherduck-tokens/${version} (node ${process.versions.node})`,
    },
    httpAgent: new HttpAgent(agents),
    httpsAgent: createHttpsAgent(proxy, agents, settings.attemptTimeoutSeconds),
    // Axios' own support would send the token to HTTP_PROXY unencrypted if the base URL is http on loopback.
    proxy: false,
    // A redirect could carry the token to another origin; the API documents none.
    maxRedirects: 0,
    // Not axios' JSON step: it silently passes on text that is not JSON.
    transformResponse: (body: string) => body,
    adapter: paceRequests(createAttempt(settings.attemptTimeoutSeconds), settings.concurrency, timing),
  });
  axiosRetry(http, {
    retries: settings.maxAttempts - 1,
    retryCondition: isWorthRetrying,
    // After a 429 the next attempt waits for its turn with all other requests.
    retryDelay: (retryNumber, error) => (isTooManyRequests(error) ? 0 : pauseAfter(error, retryNumber, timing)),
  });
  return http;
}

/** Reads an error response. */
function readRefusal(response: AxiosResponse<string>, redact: (text: string) => string) {
  const body = readObject(response.data);
  const text = (value: unknown) => (typeof value === "string" ? redact(value) : undefined);
  const issues = Array.isArray(body.issues) ? (body.issues as { message?: unknown }[]) : [];
  return {
    status: response.status,
    ...(typeof body.code === "string" && { code: redact(body.code) }),
    apiMessage: text(body.message),
    issues: issues.flatMap((issue) => (typeof issue?.message === "string" ? [{ message: redact(issue.message) }] : [])),
    location: text(response.headers.location),
  };
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function parseBody(
  { data, headers }: AxiosResponse<string>,
  apiToken: string,
  target: ReadTarget,
  redact: (text: string) => string,
): unknown {
  const type = String(headers["content-type"] ?? "");
  if (data === "") throw unusable(target, "is empty");
  if (!/\bjson\b/i.test(type)) throw unusable(target, `is ${redact(type) || "of an undeclared type"}, not JSON`);
  try {
    // What echoes the API token must not carry it into errors or state. Without a backslash, a text stands there as it is.
    if (!data.includes("\\") && !data.includes(apiToken)) return JSON.parse(data) as unknown;
    return JSON.parse(data, (_key, value: unknown) =>
      typeof value === "string" ? value.replaceAll(apiToken, "[token]") : value,
    ) as unknown;
  } catch {
    throw unusable(target, "is not valid JSON; it may have been cut off");
  }
}

function unusable(target: ReadTarget, what: string): ResponseError {
  return new ResponseError(
    target,
    `the answer (status 200) ${what}. A proxy in between, or a base URL that is not the API's, is the usual cause.`,
  );
}
