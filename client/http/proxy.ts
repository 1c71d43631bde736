import { Agent, type AgentOptions } from "node:https";
import { getProxyForUrl } from "proxy-from-env";
import { SettingsError } from "../errors";
import type * as tunnelAgent from "./tunnel-agent";

const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/**
 * The proxy that this process' environment names for a URL, if any: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
 * For https only: http is loopback, and a proxy would read the API token.
 *
 * @throws SettingsError for one that cannot be used; it does not show the value, which may hold a password.
 */
export function findProxy(url: string): URL | undefined {
  const found = url.startsWith("https:") ? getProxyForUrl(url) : "";
  if (found === "") return undefined;
  // The library gives a proxy without a scheme that of the target; for everybody else it is http.
  const isComplete = PROXY_VARIABLES.some((name) => process.env[name] === found);
  const proxy = parseProxy(isComplete ? found : found.replace(/^https:/, "http:"));
  if (proxy) return proxy;
  throw new SettingsError(
    `the proxy in HTTPS_PROXY or ALL_PROXY is not an http or https URL. ` +
      `Set it to one such as http://proxy.example:3128, or name the API's host in NO_PROXY.`,
  );
}

function parseProxy(text: string): URL | undefined {
  try {
    const proxy = new URL(text);
    // Throws where a percent sign in the password was not encoded.
    decodeURIComponent(proxy.username + proxy.password);
    return /^https?:$/.test(proxy.protocol) ? proxy : undefined;
  } catch {
    return undefined;
  }
}

/** What a message may say about a proxy: never its user and password. */
export function nameOfProxy({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/**
 * An agent for https, through the proxy if there is one: by a tunnel, so that the proxy sees no more than the host's name.
 *
 * Certificates are verified whatever NODE_TLS_REJECT_UNAUTHORIZED says: a server in the API's place would get the API token, and
 * its empty lists would pass every rule.
 */
export function createHttpsAgent(proxy: URL | undefined, options: AgentOptions, tunnelTimeoutSeconds: number): Agent {
  const verifying = { ...options, rejectUnauthorized: true };
  if (!proxy) return new Agent(verifying);
  // Not at the top: few need it, and each preview would pay for it. An import on demand would be a promise.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { TunnelAgent } = require("./tunnel-agent") as typeof tunnelAgent;
  return new TunnelAgent(proxy, verifying, tunnelTimeoutSeconds);
}
