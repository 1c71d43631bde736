import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios, { AxiosError, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from "axios";
import axiosRetry, { exponentialDelay, retryAfter } from "axios-retry";
import { version } from "../core/version";
import { ApiError, NetworkError, ResponseError } from "./errors";
import { describeApiError, describeNetworkError } from "./messages";
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
        const { response: refusal, code, message } = error instanceof AxiosError ? error : wrapUnknown(error);
        if (!refusal) throw networkError(redact(message), signal.aborted ? "ETIMEDOUT" : (code ?? "UNKNOWN"), context);
        const body = refusalOf(refusal as AxiosResponse<string>, redact);
        throw new ApiError(describeApiError(body, context), body);
      }
      return parseJson(response, context.about, redact);
    },
  };
}

function networkError(message: string, code: string, context: Parameters<typeof describeNetworkError>[2]) {
  return new NetworkError(describeNetworkError(code, message, context), code);
}

function wrapUnknown(error: unknown): AxiosError {
  return new AxiosError(error instanceof Error ? error.message : String(error));
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
      if (!deadline.aborted) throw error;
      throw new AxiosError(`no complete answer within ${milliseconds / 1000} s`, "ETIMEDOUT", config);
    }
  };
}

function isWorthRetrying(error: AxiosError): boolean {
  if (error.config?.signal?.aborted) return false;
  if (error.response) return RETRIED_STATUSES.includes(error.response.status);
  return error.code !== AxiosError.ERR_BAD_RESPONSE && error.code !== AxiosError.ERR_CANCELED;
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

function parseJson(response: AxiosResponse<string>, about: string, redact: (text: string) => string): unknown {
  const refused = (what: string) =>
    new ResponseError(
      `could not read ${about}: the answer (status 200) ${what}. ` +
        `A proxy in between, or a base URL that is not the API's, is the usual cause.`,
    );
  const type = String(response.headers["content-type"] ?? "");
  if (response.data === "") throw refused("is empty");
  if (!/\bjson\b/i.test(type)) throw refused(`is ${redact(type) || "of no declared type"}, not JSON`);
  try {
    return JSON.parse(response.data) as unknown;
  } catch {
    throw refused("is not valid JSON; it may have been cut off");
  }
}
