import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { type AgentOptions, request as httpsRequest } from "node:https";
import { isIP, isIPv6, type Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { Agent, type AgentConnectOpts } from "agent-base";
import { startDeadline } from "./deadline";
import { PROXY_REFUSED, PROXY_UNAVAILABLE, RETRIED_STATUSES } from "./retry";

/**
 * Opens TLS connections through an HTTP proxy with `CONNECT`, and keeps them in a pool.
 *
 * Not `https-proxy-agent`, which axios uses: it reports the proxy's refusal as the API's response, so that a
 * proxy's 403 reads as "this token may not do this", and it leaves a connection behind where a proxy never answers.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #timeoutSeconds: number;

  /** @param timeoutSeconds for the proxy's answer to `CONNECT`. */
  constructor(proxy: URL, options: AgentOptions, timeoutSeconds: number) {
    super(options);
    this.#proxy = proxy;
    this.#timeoutSeconds = timeoutSeconds;
  }

  override async connect(_request: ClientRequest, { host = "", port, ...options }: AgentConnectOpts): Promise<Socket> {
    const socket = await this.#openTunnel(`${isIPv6(host) ? `[${host}]` : host}:${port}`);
    return connect({ ...(options as ConnectionOptions), servername: isIP(host) ? "" : host, host, socket });
  }

  async #openTunnel(authority: string): Promise<Socket> {
    const { protocol, hostname, port, username, password } = this.#proxy;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    const send = protocol === "https:" ? httpsRequest : httpRequest;
    const host = hostname.replace(/^\[|\]$/g, "");
    const deadline = startDeadline(this.#timeoutSeconds);
    const tunnel = send({
      method: "CONNECT",
      host,
      port,
      path: authority,
      // A proxy that is https itself: not the name in the `Host` header. An IP address is not a valid server name.
      servername: isIP(host) ? "" : host,
      // It gets the proxy's password.
      rejectUnauthorized: true,
      agent: false,
      signal: deadline.signal,
      headers: {
        host: authority,
        ...(username !== "" && { "proxy-authorization": `Basic ${credentials.toString("base64")}` }),
      },
    });
    tunnel.end();
    const connected = once(tunnel, "connect").finally(() => deadline.clear());
    const [response, socket] = (await connected) as [IncomingMessage, Socket];
    if (response.statusCode === 200) return socket;
    socket.destroy();
    throw toTunnelError(response);
  }
}

function toTunnelError({ statusCode = 0, statusMessage = "" }: IncomingMessage): Error {
  const code = RETRIED_STATUSES.includes(statusCode) ? PROXY_UNAVAILABLE : PROXY_REFUSED;
  return Object.assign(new Error(`the proxy answered ${`${statusCode} ${statusMessage}`.trim()}`), { code });
}
