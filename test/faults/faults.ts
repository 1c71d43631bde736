import { gzipSync } from "node:zlib";
import type { ClientSettings } from "../../client/settings";
import { type Behaviour, send, sendAndClose, sendAndReset, trickle } from "./servers";

/** Something that goes wrong on the way to the API and back. */
export interface Fault {
  readonly title: string;
  /** What the API's server does with a request. Where it does nothing, no server is needed. */
  readonly server?: Behaviour | "closed port" | "full queue" | "unknown name" | "no DNS";
  /** Over TLS, with a certificate of this kind. */
  readonly tls?: "self-signed" | "private CA" | "expired" | "other name" | "not TLS at all";
  /** Whether `NODE_EXTRA_CA_CERTS` names the private CA. */
  readonly trusted?: boolean;
  /** What the proxy in `HTTPS_PROXY` does, where there is one. */
  readonly proxy?: Behaviour | "closed port" | "full queue" | "not a URL";
  readonly settings?: Partial<ClientSettings>;
  /** How many requests are made; each is an attempt or a page. */
  readonly attempts: number;
  /** The error's name, or what comes of it where it is none. */
  readonly outcome: "NetworkError" | "ApiError" | "ResponseError" | "SettingsError" | "the tokens are read";
}

/** A group of faults, which is a table of the documentation. */
export interface FaultGroup {
  readonly title: string;
  readonly faults: readonly Fault[];
}

/** Where an attempt has to run out of time. Elsewhere it has its 30 s: the machine may be busy. */
const IMPATIENT = { attemptTimeoutSeconds: 0.3 };

const EMPTY_LIST = `{"tokens":[]}`;
const JSON_TYPE = "content-type: application/json\r\n";

/** An HTTP answer, as text. */
function answer(status: string, headers: string, body: string | Buffer = ""): [string, string | Buffer] {
  return [`HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n`, body];
}

const json = (body: string): Behaviour => send(...answer("200 OK", JSON_TYPE, body));
const packed = (body: Buffer, encoding = "gzip"): Behaviour =>
  send(...answer("200 OK", `${JSON_TYPE}content-encoding: ${encoding}\r\n`, body));
const refusal = (status: string, code: string, message: string): Behaviour =>
  send(...answer(status, JSON_TYPE, JSON.stringify({ message, code })));
const page = (fields: object): Behaviour =>
  json(
    JSON.stringify({ tokens: [{ id: "1", created_ts: "2026-01-01", read_only: false, token_type: "x", ...fields }] }),
  );

const MIB = 1024 * 1024;
const proxied = { server: json(EMPTY_LIST), tls: "private CA" } as const;

/** What goes wrong, and how it must end. The messages are in `docs/faults.md`. */
export const FAULTS: readonly FaultGroup[] = [
  {
    title: "No connection",
    faults: [
      { title: "nobody listens", server: "closed port", attempts: 4, outcome: "NetworkError" },
      { title: "the host's name does not exist", server: "unknown name", attempts: 1, outcome: "NetworkError" },
      { title: "the DNS server does not answer", server: "no DNS", attempts: 4, outcome: "NetworkError" },
      { title: "closed without an answer", server: sendAndClose(), attempts: 4, outcome: "NetworkError" },
      { title: "reset before the headers", server: sendAndReset(), attempts: 4, outcome: "NetworkError" },
      {
        title: "reset within the headers",
        server: sendAndReset("HTTP/1.1 200 OK\r\ncontent-"),
        attempts: 4,
        outcome: "NetworkError",
      },
    ],
  },
  {
    title: "No answer in time",
    faults: [
      {
        title: "a connection that is never made",
        server: "full queue",
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        title: "accepted, but never answered",
        server: send(),
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        title: "headers that never end",
        server: trickle("HTTP/1.1 200 OK\r\nx-slow: ", "x"),
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        title: "a body that never ends",
        server: trickle(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 5000\r\n\r\n{"tokens":[`, " "),
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        title: "a body that stops in the middle",
        server: send(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 5000\r\n\r\n{"tokens":[`),
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        title: "never answered, and the whole read has less time than an attempt",
        server: send(),
        settings: { readTimeoutSeconds: 1 },
        attempts: 1,
        outcome: "NetworkError",
      },
    ],
  },
  {
    title: "TLS",
    faults: [
      { title: "a self-signed certificate", tls: "self-signed", attempts: 1, outcome: "NetworkError" },
      {
        title: "a certificate of an unknown CA",
        tls: "private CA",
        attempts: 1,
        outcome: "NetworkError",
      },
      { title: "a certificate that has expired", tls: "expired", attempts: 1, outcome: "NetworkError" },
      {
        title: "a certificate for another name",
        tls: "other name",
        trusted: true,
        attempts: 1,
        outcome: "NetworkError",
      },
      { title: "a server that closes instead of TLS", tls: "not TLS at all", attempts: 4, outcome: "NetworkError" },
    ],
  },
  {
    title: "A proxy in `HTTPS_PROXY`",
    faults: [
      { ...proxied, title: "it is not there", proxy: "closed port", attempts: 4, outcome: "NetworkError" },
      {
        ...proxied,
        title: "no connection to it is ever made",
        proxy: "full queue",
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        ...proxied,
        title: "it never answers",
        proxy: send(),
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        ...proxied,
        title: "it opens a tunnel in which nothing answers",
        proxy: send("HTTP/1.1 200 Connection established\r\n\r\n"),
        settings: IMPATIENT,
        attempts: 1,
        outcome: "NetworkError",
      },
      { ...proxied, title: "it closes the connection", proxy: sendAndClose(), attempts: 4, outcome: "NetworkError" },
      {
        ...proxied,
        title: "it wants a password",
        proxy: sendAndClose("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        ...proxied,
        title: "it does not allow this host",
        proxy: sendAndClose("HTTP/1.1 403 Forbidden\r\n\r\n"),
        attempts: 1,
        outcome: "NetworkError",
      },
      {
        ...proxied,
        title: "it does not reach the API",
        proxy: sendAndClose("HTTP/1.1 503 Service Unavailable\r\n\r\n"),
        attempts: 4,
        outcome: "NetworkError",
      },
      {
        ...proxied,
        title: "the variable does not hold a URL",
        proxy: "not a URL",
        attempts: 0,
        outcome: "SettingsError",
      },
    ],
  },
  {
    title: "Bodies that break off",
    faults: [
      {
        title: "reset in the body",
        server: sendAndReset(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 5000\r\n\r\n{"tokens":[`),
        attempts: 4,
        outcome: "NetworkError",
      },
      {
        title: "shorter than its `Content-Length`",
        server: sendAndClose(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 500\r\n\r\n${EMPTY_LIST}`),
        attempts: 4,
        outcome: "NetworkError",
      },
      {
        title: "chunks without the last one",
        server: sendAndClose(`HTTP/1.1 200 OK\r\n${JSON_TYPE}transfer-encoding: chunked\r\n\r\nd\r\n${EMPTY_LIST}\r\n`),
        attempts: 4,
        outcome: "NetworkError",
      },
      {
        title: "a chunk with an invalid length",
        server: sendAndClose(
          `HTTP/1.1 200 OK\r\n${JSON_TYPE}transfer-encoding: chunked\r\n\r\nzz\r\n${EMPTY_LIST}\r\n`,
        ),
        attempts: 4,
        outcome: "NetworkError",
      },
      {
        title: "without a declared length, and cut off",
        server: sendAndClose(`HTTP/1.1 200 OK\r\n${JSON_TYPE}connection: close\r\n\r\n{"tokens":[`),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "longer than its `Content-Length`",
        server: send(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: 5\r\n\r\n${EMPTY_LIST}`),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "compressed, and cut off",
        server: packed(gzipSync(JSON.stringify({ tokens: ["x".repeat(100)] })).subarray(0, 25)),
        attempts: 1,
        outcome: "ResponseError",
      },
    ],
  },
  {
    title: "Answers that are not JSON",
    faults: [
      { title: "not HTTP", server: sendAndClose("SSH-2.0-OpenSSH_9.9\r\n"), attempts: 4, outcome: "NetworkError" },
      {
        title: "more than 16 KiB of headers",
        server: send(...answer("200 OK", `${JSON_TYPE}x-huge: ${"x".repeat(20_000)}\r\n`, EMPTY_LIST)),
        attempts: 4,
        outcome: "NetworkError",
      },
      {
        title: "a web page with status 200",
        server: send(...answer("200 OK", "content-type: text/html\r\n", "<html>Please log in</html>")),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "no content type",
        server: send(...answer("200 OK", "", EMPTY_LIST)),
        attempts: 1,
        outcome: "ResponseError",
      },
      { title: "an empty body", server: json(""), attempts: 1, outcome: "ResponseError" },
      { title: "JSON that was cut off", server: json(`{"tokens":[{"id":`), attempts: 1, outcome: "ResponseError" },
      {
        title: "called gzip, but is not",
        server: packed(Buffer.from(EMPTY_LIST)),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "called Brotli, but is not",
        server: packed(Buffer.from(EMPTY_LIST), "br"),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "of 17 MiB",
        server: json(`{"tokens":[]${" ".repeat(17 * MIB)}}`),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "of some kilobytes that unpack to 17 MiB",
        server: packed(gzipSync(`{"tokens":[]${" ".repeat(17 * MIB)}}`)),
        attempts: 1,
        outcome: "ResponseError",
      },
    ],
  },
  {
    title: "Bodies of another shape",
    faults: [
      { title: "`{}`", server: json("{}"), attempts: 1, outcome: "ResponseError" },
      { title: "`[]`", server: json("[]"), attempts: 1, outcome: "ResponseError" },
      { title: "`null`", server: json("null"), attempts: 1, outcome: "ResponseError" },
      { title: "`null` in place of the list", server: json(`{"tokens":null}`), attempts: 1, outcome: "ResponseError" },
      {
        title: "a missing field",
        server: page({ created_ts: undefined }),
        attempts: 1,
        outcome: "ResponseError",
      },
      { title: "a field of another type", server: page({ read_only: "no" }), attempts: 1, outcome: "ResponseError" },
      {
        title: "two different tokens with one id",
        server: json(
          JSON.stringify({
            tokens: ["a", "b"].map((name) => ({
              id: "1",
              name,
              created_ts: "2026-01-01",
              read_only: false,
              token_type: "read_write",
            })),
          }),
        ),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "a cursor of a next page that is a number",
        server: json(`{"tokens":[],"next_page_token":2}`),
        attempts: 1,
        outcome: "ResponseError",
      },
      {
        title: "pages that run in a circle",
        server: json(`{"tokens":[],"next_page_token":"2"}`),
        attempts: 2,
        outcome: "ResponseError",
      },
    ],
  },
  {
    title: "The API refuses",
    faults: [
      {
        title: "400",
        server: refusal("400 Bad Request", "BAD_REQUEST", "Bad Request"),
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "401",
        server: refusal("401 Unauthorized", "UNAUTHORIZED", "Invalid Credentials"),
        attempts: 1,
        outcome: "ApiError",
      },
      { title: "403", server: refusal("403 Forbidden", "FORBIDDEN", "Unauthorized"), attempts: 1, outcome: "ApiError" },
      {
        title: "404 of a user",
        server: refusal("404 Not Found", "NOT_FOUND", "Not Found"),
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "404 in plain text",
        server: send(...answer("404 Not Found", "content-type: text/plain\r\n", "Not Found")),
        attempts: 1,
        outcome: "ApiError",
      },
      { title: "429", server: send(...answer("429 Too Many Requests", "")), attempts: 4, outcome: "ApiError" },
      {
        title: "500",
        server: refusal("500 Internal Server Error", "INTERNAL_SERVER_ERROR", "Internal Error"),
        attempts: 1,
        outcome: "ApiError",
      },
      { title: "503", server: send(...answer("503 Service Unavailable", "")), attempts: 4, outcome: "ApiError" },
      { title: "204", server: send("HTTP/1.1 204 No Content\r\n\r\n"), attempts: 1, outcome: "ApiError" },
      {
        title: "403 with a body of more than 1 MiB",
        server: send(
          ...answer("403 Forbidden", JSON_TYPE, JSON.stringify({ message: "x".repeat(2 * MIB), code: "NO" })),
        ),
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "403 with a body that breaks off",
        server: sendAndClose(`HTTP/1.1 403 Forbidden\r\n${JSON_TYPE}content-length: 500\r\n\r\n{"message":"no`),
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "403 with a body that never ends",
        server: trickle(`HTTP/1.1 403 Forbidden\r\n${JSON_TYPE}content-length: 500\r\n\r\n{"message":"no`, " "),
        // The status has to arrive in time.
        settings: { attemptTimeoutSeconds: 2 },
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "403 that is called gzip, but is not",
        server: send(...answer("403 Forbidden", `${JSON_TYPE}content-encoding: gzip\r\n`, `{"message":"no"}`)),
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "a redirect to the same origin",
        server: send(...answer("307 Temporary Redirect", "location: /v1/users/grace/tokens\r\n")),
        attempts: 1,
        outcome: "ApiError",
      },
      {
        title: "a redirect to another origin",
        server: send(...answer("302 Found", "location: https://elsewhere.example/login\r\n")),
        attempts: 1,
        outcome: "ApiError",
      },
    ],
  },
  {
    title: "Odd, but not a fault",
    faults: [
      {
        title: "a certificate of a CA in `NODE_EXTRA_CA_CERTS`",
        server: json(EMPTY_LIST),
        tls: "private CA",
        trusted: true,
        attempts: 1,
        outcome: "the tokens are read",
      },
      {
        title: "status 100, 102 and 103 before the answer",
        server: send(
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 102 Processing\r\n\r\n",
          "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n",
          ...answer("200 OK", JSON_TYPE, EMPTY_LIST),
        ),
        attempts: 1,
        outcome: "the tokens are read",
      },
      {
        title: "one byte in a chunk",
        server: send(
          `HTTP/1.1 200 OK\r\n${JSON_TYPE}transfer-encoding: chunked\r\n\r\n`,
          [...EMPTY_LIST].map((byte) => `1\r\n${byte}\r\n`).join(""),
          "0\r\n\r\n",
        ),
        attempts: 1,
        outcome: "the tokens are read",
      },
      {
        title: "without a declared length",
        server: sendAndClose(`HTTP/1.1 200 OK\r\n${JSON_TYPE}connection: close\r\n\r\n${EMPTY_LIST}`),
        attempts: 1,
        outcome: "the tokens are read",
      },
      { title: "compressed", server: packed(gzipSync(EMPTY_LIST)), attempts: 1, outcome: "the tokens are read" },
      { title: "a byte order mark", server: json(`\ufeff${EMPTY_LIST}`), attempts: 1, outcome: "the tokens are read" },
    ],
  },
];
