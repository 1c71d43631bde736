import { addAbortSignal, type Readable } from "node:stream";
import axios, { AxiosError } from "axios";
import axiosRetry from "axios-retry";
import { pauseAfter } from "../../client/http/pace";
import { createHttpsAgent, findProxy } from "../../client/http/proxy";
import { isAboutCertificate, isWorthRetrying } from "../../client/http/retry";
import { version } from "../../core/version";
import { certificateRefused, DEFAULT_DELIVERY_TIMING, DeliveryError, type DeliveryTiming, sendInTime } from "./channel";

/** The longest silence of a receiver, in seconds. */
const SILENCE_SECONDS = 10;
const RETRIES = 2;
/** Characters of the longest reason that is shown. */
const MAX_REASON = 104;

/** Posts a JSON text. @throws DeliveryError unless the answer is a 2xx. */
export type Post = (body: string, headers?: Readonly<Record<string, string>>) => Promise<void>;

/** Statuses that are about this one message: another one may be accepted. */
const ABOUT_THE_MESSAGE: readonly number[] = [400, 409, 413, 422];

/** @param url a secret, which no error shows. */
export function createPost(url: string, timing: DeliveryTiming = DEFAULT_DELIVERY_TIMING): Post {
  const http = axios.create({
    headers: { "Content-Type": "application/json", "User-Agent": `pulumi-motherduck-tokens/${version}` },
    // A redirect could carry names of users and tokens to somebody else.
    maxRedirects: 0,
    proxy: false,
    httpsAgent: createHttpsAgent(findProxy(url), {}, SILENCE_SECONDS),
    // The status says whether a message was accepted: nobody waits for the end of a body.
    responseType: "stream",
    timeout: SILENCE_SECONDS * 1000,
    transformRequest: (body: string) => body,
  });
  axiosRetry(http, {
    retries: RETRIES,
    shouldResetTimeout: true,
    retryCondition: isWorthRetrying,
    retryDelay: (retryNumber, error) => pauseAfter(error, retryNumber, timing),
    onRetry: (_retryNumber, { response }) => void (response?.data as Readable | undefined)?.destroy(),
  });
  return (body, headers = {}) => {
    const send = async (signal: AbortSignal) => {
      const { data } = await http.post<Readable>(url, body, { headers, signal });
      data.destroy();
    };
    // An AxiosError carries the URL, so it goes no further than this.
    return sendInTime(timing, send, toDeliveryError);
  };
}

async function toDeliveryError(error: unknown, signal: AbortSignal): Promise<DeliveryError> {
  const { response, code = "no answer" } = error instanceof AxiosError ? error : new AxiosError<Readable>();
  if (!response && isAboutCertificate(code)) return new DeliveryError(certificateRefused(code), { isDown: true });
  if (!response) return new DeliveryError(`it did not answer (${code})`, { isDown: true });
  const { status } = response;
  const reason = await reasonIn(addAbortSignal(signal, response.data as Readable));
  const redirect = status >= 300 && status < 400 ? ", and redirects are not followed" : "";
  return new DeliveryError(`it answered ${status}${reason}${redirect}`, {
    isDown: !ABOUT_THE_MESSAGE.includes(status),
  });
}

/** Slack's reasons are words such as `invalid_blocks`. Anything else in a response may repeat a secret. */
async function reasonIn(body: Readable): Promise<string> {
  const text = await textOf(body).catch(() => "");
  return /^[a-z]{1,20}(_[a-z]{1,20}){1,4}$/.test(text) ? ` (${text})` : "";
}

/** The text of a body, or its beginning if it is longer than any reason. */
async function textOf(body: Readable): Promise<string> {
  let text = "";
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += chunk.toString("latin1");
    if (text.length > MAX_REASON) break;
  }
  return text;
}
