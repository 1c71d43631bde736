import dns from "node:dns";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ClientSettings, DEFAULT_SETTINGS } from "../../client/settings";
import { type Certificate, createAuthority, createCertificate } from "./certificates";
import type { Fault } from "./faults";
import { readInChild } from "./read-in-child";
import { readOnce, type ReadResult } from "./read-once";
import { type RawServer, sendAndClose, startFullServer, startNobody, startServer } from "./servers";

/** What came of a fault. */
export interface Outcome {
  readonly fault: Fault;
  /** The error's name, or `the tokens are read`. */
  readonly kind: string;
  /** What the user sees, with the parts that differ from run to run replaced; empty where nothing failed. */
  readonly message: string;
  /** How often the API was asked, or the proxy for it. */
  readonly attempts: number;
  /** The error, or the reading. */
  readonly result: unknown;
  /** All that the proxy received in clear. */
  readonly seenByProxy: string;
}

/** A value that nothing else contains. */
export const TOKEN = "canary-5b8e2d40-this-is-not-a-real-token";

const NO_SERVER: RawServer = { port: 9, requests: [], stop: () => Promise.resolve() };

/** Makes it happen, on real sockets, and reads a user's tokens through it. */
export async function runFault(fault: Fault): Promise<Outcome> {
  const authority = await createAuthority();
  const server = await startApi(fault, authority);
  const proxy = await startProxyOf(fault);
  const apiUrl = urlOf(fault, server.port);
  try {
    const read = await readThrough(fault, settingsFor(fault, apiUrl), proxyOf(fault, proxy.port), authority);
    const [result] = read.results;
    const failed = result instanceof Error;
    return {
      fault,
      kind: failed ? result.name : "the tokens are read",
      message: failed ? withoutChance(result.message, apiUrl, [server.port, proxy.port]) : "",
      attempts: fault.proxy === undefined ? read.requests : read.tunnels,
      result,
      seenByProxy: proxy.requests.join(""),
    };
  } finally {
    await Promise.all([server.stop(), proxy.stop()]);
  }
}

function settingsFor({ settings }: Fault, apiUrl: string): ClientSettings {
  const token = { apiToken: TOKEN, apiTokenSource: "MOTHERDUCK_ADMIN_TOKEN" };
  return { ...DEFAULT_SETTINGS, ...token, apiUrl, ...settings };
}

async function startApi({ server, tls }: Fault, authority: Certificate): Promise<RawServer> {
  if (server === "full queue") return startFullServer();
  if (typeof server === "string") return startNobody();
  return startServer(server ?? sendAndClose(), await certificateOf(tls, authority));
}

async function startProxyOf({ proxy }: Fault): Promise<RawServer> {
  if (proxy === "full queue") return startFullServer();
  return typeof proxy === "function" ? startServer(proxy) : NO_SERVER;
}

function certificateOf(kind: Fault["tls"], authority: Certificate): Promise<Certificate> | undefined {
  switch (kind) {
    case undefined:
    case "not TLS at all":
      return undefined;
    case "self-signed":
      return createCertificate("localhost");
    case "private CA":
      return createCertificate("localhost", { authority });
    case "expired":
      return createCertificate("localhost", { expired: true });
    case "other name":
      return createCertificate("other.example", { authority });
  }
}

function urlOf({ server, tls }: Fault, port: number): string {
  if (server === "unknown name") return `https://api.invalid:${port}`;
  if (server === "no DNS") return `https://api.no-dns.invalid:${port}`;
  return tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
}

function proxyOf({ proxy }: Fault, port: number): NodeJS.ProcessEnv {
  if (proxy === undefined) return {};
  return { HTTPS_PROXY: proxy === "not a URL" ? "socks5://ada:pa55word@md.example" : `ada:pa55word@127.0.0.1:${port}` };
}

async function readThrough(
  { trusted }: Fault,
  settings: ClientSettings,
  env: NodeJS.ProcessEnv,
  authority: Certificate,
): Promise<ReadResult> {
  if (trusted) return withFile(authority.cert, (file) => readInChild(settings, ["ada"], { NODE_EXTRA_CA_CERTS: file }));
  // For a moment only, because other faults run at the same time.
  Object.assign(process.env, env);
  const read = readOnce(settings, ["ada"]);
  for (const name of Object.keys(env)) delete process.env[name];
  return read;
}

/** Runs something with a file that holds a text. */
export async function withFile<T>(text: string, run: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-"));
  const file = path.join(folder, "ca.pem");
  writeFileSync(file, text);
  try {
    return await run(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function withoutChance(message: string, url: string, ports: number[]): string {
  // Which of the two a reset is called is a matter of microseconds.
  const text = message.replaceAll(url, DEFAULT_SETTINGS.apiUrl).replace("read ECONNRESET", "socket hang up");
  return ports.reduce((shown, port) => shown.replaceAll(`:${port}`, ":PORT"), text);
}

/**
 * Answers for the two names that need it: what a machine without a network says about names differs from what others do.
 * Gives a function that takes it back.
 */
export function fakeDns(): () => void {
  const { lookup } = dns;
  const fake = (host: string, options: object, done: (error: Error | null, ...found: unknown[]) => void) => {
    const code = { "api.invalid": "ENOTFOUND", "api.no-dns.invalid": "EAI_AGAIN" }[host];
    if (code === undefined) return lookup(host, options, done as never);
    process.nextTick(done, Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code, syscall: "getaddrinfo" }));
  };
  dns.lookup = fake as never;
  return () => {
    dns.lookup = lookup;
  };
}
