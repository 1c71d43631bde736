import axios, { AxiosError, type AxiosResponse } from "axios";
import axiosRetry from "axios-retry";
import { pauseAfter } from "../../client/http/pace";
import { createProxyAgent, findProxy } from "../../client/http/proxy";
import { DEFAULT_RETRY_TIMING, isAboutCertificate, isWorthRetrying, type RetryTiming } from "../../client/http/retry";
import { version } from "../../core/version";
import { certificateRefused, DeliveryError } from "./channel";

const TIMEOUT_MS = 10_000;
const RETRIES = 2;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Posts a JSON text. @throws DeliveryError unless the answer is a 2xx. */
export type Post = (body: string, headers?: Readonly<Record<string, string>>) => Promise<void>;

/** Statuses that are about this one message: another one may be accepted. */
const ABOUT_THE_MESSAGE: readonly number[] = [400, 409, 413, 422];

/** @param url a secret, which no error shows. */
export function createPost(url: string, timing: RetryTiming = DEFAULT_RETRY_TIMING): Post {
  const proxy = findProxy(url);
  const http = axios.create({
    headers: { "Content-Type": "application/json", "User-Agent": `pulumi-motherduck-tokens/${version}` },
    // A redirect could carry names of users and tokens to somebody else.
    maxRedirects: 0,
    proxy: false,
    ...(proxy && { httpsAgent: createProxyAgent(proxy, {}, TIMEOUT_MS) }),
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: "text",
    transformRequest: (body: string) => body,
    transformResponse: (body: string) => body,
  });
  axiosRetry(http, {
    retries: RETRIES,
    shouldResetTimeout: true,
    retryCondition: isWorthRetrying,
    retryDelay: (retryNumber, error) => pauseAfter(error, retryNumber, timing),
  });
  return async (body, headers = {}) => {
    try {
      await http.post(url, body, { headers, timeout: TIMEOUT_MS });
    } catch (error) {
      // An AxiosError carries the URL, so it goes no further than this.
      throw toDeliveryError(error);
    }
  };
}

function toDeliveryError(error: unknown): DeliveryError {
  const { response, code = "no answer" } = error instanceof AxiosError ? error : new AxiosError();
  if (!response && isAboutCertificate(code)) return new DeliveryError(certificateRefused(code), { isDown: true });
  if (!response) return new DeliveryError(`it did not answer (${code})`, { isDown: true });
  const { status } = response;
  const reason = reasonIn(response as AxiosResponse<unknown>);
  const redirect = status >= 300 && status < 400 ? ", and redirects are not followed" : "";
  return new DeliveryError(`it answered ${status}${reason}${redirect}`, {
    isDown: !ABOUT_THE_MESSAGE.includes(status),
  });
}

/** Slack's reasons are words such as `invalid_blocks`. Anything else in a response may repeat a secret. */
function reasonIn({ data }: AxiosResponse<unknown>): string {
  return typeof data === "string" && /^[a-z]{1,20}(_[a-z]{1,20}){1,4}$/.test(data) ? ` (${data})` : "";
}
