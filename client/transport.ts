import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from "axios";
import axiosRetry, { exponentialDelay, retryAfter } from "axios-retry";
import { version } from "../core/version";
import { ApiError, NetworkError, ResponseError } from "./errors";
import { describeApiError, describeNetworkError, type RequestContext } from "./messages";
import { createRedactor } from "./redact";
import type { ClientSettings } from "./settings";

/** Sends one GET request and gives the parsed JSON of a 200 answer. */
export interface Transport {
  /**
   * @param path of the endpoint below the base URL, each segment percent-encoded, for example `/v1/users/ada/tokens`.
   * @param about what is asked for, as errors name it, for example `the tokens of user "ada"`.
   * @param signal ends the request, its retries and the waits between them.
   * @throws ApiError, NetworkError or ResponseError; never one that holds a credential.
   */
  getJson(path: string, query: Record<string, string>, about: string, signal: AbortSignal): Promise<unknown>;
}

/** What the tests change: how long waits between attempts are. */
export interface RetryTiming {
  /** The first wait, in milliseconds; it doubles with every attempt, with up to 20 % of jitter. */
  readonly baseDelayMs: number;
  /** The longest wait that a `Retry-After` header can ask for, in milliseconds. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY_TIMING: RetryTiming = { baseDelayMs: 250, maxRetryAfterMs: 30_000 };

/** Answers worth another attempt. 500 is not: it is the API's documented word for "this request failed". */
const RETRIED_STATUSES: readonly number[] = [408, 429, 502, 503, 504];

/** The code of a failure that another attempt would meet again. */
const UNREADABLE_BODY = "UNREADABLE_BODY";

/** Bytes of a body after decompression, at most. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Makes a transport for one base URL and one token, with its own pool of kept-alive connections. */
export function createTransport(settings: ClientSettings, timing: RetryTiming = DEFAULT_RETRY_TIMING): Transport {
  const http = createAxios(settings, timing);
  const redact = createRedactor(settings.apiToken);

  return {
    async getJson(path, query, about, signal) {
      const context = { about, url: `${settings.apiUrl}${path}`, settings };
      let response: AxiosResponse<string>;
      try {
        response = await http.get<string>(path, { params: query, signal });
      } catch (error) {
        // An AxiosError carries the request with its Authorization header, so it goes no further than this.
        throw describeFailure(error, signal.aborted, context, redact);
      }
      return parseJson(response, settings.apiToken, about, redact);
    },
  };
}

function describeFailure(error: unknown, timeIsUp: boolean, context: RequestContext, redact: (text: string) => string) {
  const { response, code = "UNKNOWN", message } = error instanceof AxiosError ? error : new AxiosError(String(error));
  if (response) {
    const refusal = refusalOf(response as AxiosResponse<string>, redact);
    return new ApiError(describeApiError(refusal, context), refusal);
  }
  if (code === UNREADABLE_BODY) return unreadable(context.about, `cannot be used: ${redact(message)}`);
  const reason = timeIsUp ? "ETIMEDOUT" : code;
  return new NetworkError(describeNetworkError(reason, redact(message), context), reason);
}

function createAxios(settings: ClientSettings, timing: RetryTiming): AxiosInstance {
  const agents = { keepAlive: true, maxSockets: settings.concurrency };
  const http = axios.create({
    baseURL: settings.apiUrl,
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${settings.apiToken}`,
      "User-Agent": `pulumi-motherduck-tokens/${version} (node ${process.versions.node})`,
    },
    httpAgent: new HttpAgent(agents),
    httpsAgent: new HttpsAgent(agents),
    // A redirect could carry the token to another origin; the API documents none.
    maxRedirects: 0,
    maxContentLength: MAX_BODY_BYTES,
    responseType: "text",
    // Not axios' own JSON step: it hands text that is no JSON through without a word.
    transformResponse: (body: string) => body,
    validateStatus: (status) => status === 200,
    adapter: withDeadline(settings.attemptTimeoutSeconds * 1000),
  });
  axiosRetry(http, {
    retries: settings.maxAttempts - 1,
    retryCondition: isWorthRetrying,
    retryDelay: (retryNumber, error) =>
      Math.max(
        exponentialDelay(retryNumber - 1, undefined, timing.baseDelayMs),
        Math.min(retryAfter(error), timing.maxRetryAfterMs),
      ),
  });
  return http;
}

/** A deadline for the whole attempt; axios' own `timeout` only bounds the silence between two packets. */
function withDeadline(milliseconds: number) {
  const send = axios.getAdapter("http");
  return async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
    const deadline = AbortSignal.timeout(milliseconds);
    const signal = AbortSignal.any([config.signal as AbortSignal, deadline]);
    try {
      return await send({ ...config, signal });
    } catch (error) {
      const [message, code, response] = deadline.aborted
        ? [`no complete answer within ${milliseconds / 1000} s`, "ETIMEDOUT", undefined]
        : classify(error as AxiosError);
      // With the config as it came in: another attempt must not inherit this one's deadline.
      throw new AxiosError(message, code, config, undefined, response);
    }
  };
}

/** Axios reports a body that broke off, or could not be unpacked, as a "response" with status 200. */
function classify({ message, code, response }: AxiosError): [string, string | undefined, AxiosResponse | undefined] {
  if (response && response.status !== 200) return [message, code, response];
  if (code?.startsWith("Z_") || message.startsWith("maxContentLength")) return [message, UNREADABLE_BODY, undefined];
  return [message, response ? "ECONNRESET" : code, undefined];
}

function isWorthRetrying(error: AxiosError): boolean {
  if (error.config?.signal?.aborted) return false;
  if (error.response) return RETRIED_STATUSES.includes(error.response.status);
  return error.code !== UNREADABLE_BODY && error.code !== AxiosError.ERR_CANCELED;
}

/** What the API said when it said no. */
function refusalOf(response: AxiosResponse<string>, redact: (text: string) => string) {
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

function parseJson(
  { data, headers }: AxiosResponse<string>,
  apiToken: string,
  about: string,
  redact: (text: string) => string,
): unknown {
  const type = String(headers["content-type"] ?? "");
  if (data === "") throw unreadable(about, "is empty");
  if (!/\bjson\b/i.test(type)) throw unreadable(about, `is ${redact(type) || "of no declared type"}, not JSON`);
  try {
    // What echoes the API token must not carry it into errors or state.
    return JSON.parse(data, (_key, value: unknown) =>
      typeof value === "string" ? value.replaceAll(apiToken, "[token]") : value,
    ) as unknown;
  } catch {
    throw unreadable(about, "is not valid JSON; it may have been cut off");
  }
}

function unreadable(about: string, what: string): ResponseError {
  return new ResponseError(
    `could not read ${about}: the answer (status 200) ${what}. ` +
      `A proxy in between, or a base URL that is not the API's, is the usual cause.`,
  );
}
