import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { createToken, findTokens, listTokens } from "./access-tokens";
import { loadOrganization, type Member, type Organization, type WireToken } from "./organization";

/** A custom response, in place of the API's. */
export interface Reply {
  /** Default: 200. */
  status?: number;
  /** An object is sent as JSON, a string as it is. Default: empty. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Closes the connection without an answer. */
  reset?: boolean;
  /** Waits before the answer. */
  delayMs?: number;
}

/** A request that was received. */
export interface ReceivedRequest {
  readonly method: string;
  /** The path and query as they came over the wire. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/**
 * The part of the MotherDuck API that this project reads, or tells people to call, on loopback: it checks the bearer token,
 * answers the documented errors, counts requests, and can be told to answer something else.
 */
export class StandIn {
  /** The bearer token that it accepts: a value that nothing else could contain by chance. May be changed. */
  token = "canary-3f1c9a7e-this-is-not-a-real-token";
  /** Whose token that is. Through the API an administrator makes tokens for themselves and for service accounts only. */
  administrator = "ada";
  /** The time by which tokens are made and expire; may be changed at any time. */
  clock: () => number;
  /** Whether tokens stay in the listing after they expired. MotherDuck's are expected to be gone. */
  listsExpiredTokens = false;
  /** All requests so far. */
  readonly requests: ReceivedRequest[] = [];
  /** The users and their tokens; may be changed at any time. */
  users: Organization;
  /** Other organizations, by the API token that reads them; what the listing says about users is the same for all. */
  readonly organizations: Record<string, Organization> = {};
  /** What the listing says about users. Default for a user: a person, not deprovisioned. */
  members: Record<string, Member>;
  /** Refuses what is more than this with 429, in windows of time. */
  rateLimit: { readonly requests: number; readonly windowMs: number; readonly retryAfter?: string } | undefined;
  /** A wait before every answer. */
  latencyMs = 0;
  /** How many requests it had to answer at the same time, at most. */
  mostAtOnce = 0;

  #unanswered = 0;
  #window = { start: 0, requests: 0 };
  readonly #cleanedUp: Organization;
  readonly #server: Server;
  readonly #scripts = new Map<string, Reply[]>();

  private constructor(now?: number) {
    this.clock = now === undefined ? Date.now : () => now;
    const { members, users, cleanedUp } = loadOrganization(now);
    this.users = users;
    this.members = members;
    this.#cleanedUp = cleanedUp;
    this.#server = createServer((request, response) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#unanswered);
      response.once("close", () => this.#unanswered--);
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Starts one on a free port. @param now what its days are counted from, and where its clock stands; default: the current time. */
  static async start(now?: number): Promise<StandIn> {
    const standIn = new StandIn(now);
    standIn.#server.listen(0, "127.0.0.1");
    await once(standIn.#server, "listening");
    return standIn;
  }

  /** The base URL. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a `pulumi` command needs in its environment to talk to it. */
  get env(): Record<string, string> {
    return { MOTHERDUCK_API_URL: this.url, MOTHERDUCK_ADMIN_TOKEN: this.token };
  }

  /** How often a user's tokens were asked for. */
  readsOf(username: string): number {
    return this.requests.filter(({ url }) => url.split("?")[0] === pathOf(username)).length;
  }

  /** Answers requests for a user's tokens with these, one after the other; the last one stays until `reset()`. */
  script(username: string, ...replies: Reply[]): void {
    this.#scripts.set(pathOf(username), replies);
  }

  /** Custom responses for the listing of users. */
  scriptListing(...replies: Reply[]): void {
    this.#scripts.set("/v1/users", replies);
  }

  /** Forgets requests and scripts, and stops being slow or strict. */
  reset(): void {
    this.rateLimit = undefined;
    this.requests.length = 0;
    this.mostAtOnce = 0;
    this.#scripts.clear();
    this.latencyMs = 0;
  }

  /** What the owners of the offending tokens should have done. */
  cleanUp(): void {
    this.users = { ...this.users, ...this.#cleanedUp };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    this.requests.push({ method, url, headers });
    const { pathname, searchParams } = new URL(url, this.url);
    const script = this.#scripts.get(pathname) ?? [];
    const reply =
      this.#refuseIfTooMany() ??
      (script.length > 1 ? script.shift() : script[0]) ??
      this.#reply(method, pathname, searchParams, headers, await text(request));
    // Without a hold on the process: a wait may be longer than all that is to come.
    await sleep(reply.delayMs ?? this.latencyMs, undefined, { ref: false });
    if (reply.reset) {
      request.socket.resetAndDestroy();
      return;
    }
    const isText = typeof reply.body === "string";
    response.writeHead(reply.status ?? 200, {
      "content-type": isText ? "text/plain" : "application/json",
      ...reply.headers,
    });
    response.end(isText ? reply.body : reply.body === undefined ? "" : JSON.stringify(reply.body));
  }

  #refuseIfTooMany(): Reply | undefined {
    if (!this.rateLimit) return undefined;
    const { requests, windowMs, retryAfter } = this.rateLimit;
    const now = Date.now();
    if (now - this.#window.start >= windowMs) this.#window = { start: now, requests: 0 };
    if (++this.#window.requests <= requests) return undefined;
    return {
      status: 429,
      body: "Too Many Requests",
      headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
    };
  }

  #reply(
    method: string,
    pathname: string,
    query: URLSearchParams,
    headers: IncomingMessage["headers"],
    body: string,
  ): Reply {
    const users = this.#organizationOf(headers.authorization ?? "");
    if (!users) return ERRORS.unauthorized;
    const [route, ...parts] = /^\/v1\/users(?:\/([^/]+)\/tokens(?:\/([^/]+))?)?$/.exec(pathname) ?? [];
    if (parts.some((part) => part !== undefined && !isEncoded(part))) return ERRORS.badRequest;
    const [username, token] = parts.map((part) => part && decodeURIComponent(part));
    if (route !== undefined) {
      if (method === "GET" && username === undefined) return this.#listUsers(users, query);
      if (method === "GET" && username !== undefined && token === undefined) {
        return this.#withUser(users, username, (tokens) => ({
          body: { tokens: listTokens(tokens, this.listsExpiredTokens ? -Infinity : this.clock()) },
        }));
      }
      if (method === "POST" && username !== undefined && token === undefined) {
        return this.#withUser(users, username, (tokens, owner) => this.#createToken(tokens, owner, body));
      }
      if (method === "DELETE" && username !== undefined && token !== undefined) {
        return this.#withUser(users, username, (tokens) => revokeToken(tokens, token));
      }
    }
    // A path without a route answers in plain text, without a code.
    return { status: 404, body: "Not Found" };
  }

  #withUser(users: Organization, name: string, answer: (tokens: WireToken[], owner: string) => Reply): Reply {
    const username = this.#findUser(users, name);
    const tokens = username === undefined ? undefined : users[username];
    return username === undefined || tokens === undefined ? ERRORS.notFound : answer(tokens, username);
  }

  /** People are known by their exact name; that of a service account may be written in any case. */
  #findUser(users: Organization, username: string): string | undefined {
    if (Object.hasOwn(users, username)) return username;
    const folded = username.toLowerCase();
    return Object.keys(users).find((name) => this.#isServiceAccount(name) && name.toLowerCase() === folded);
  }

  #isServiceAccount(username: string): boolean {
    return Object.hasOwn(this.members, username) && this.members[username]?.serviceAccount === true;
  }

  #createToken(tokens: WireToken[], owner: string, body: string): Reply {
    if (!this.#isServiceAccount(owner) && owner !== this.administrator) return ERRORS.forbidden;
    const created = createToken(body, this.clock());
    if (created === undefined) return ERRORS.badRequest;
    tokens.push(created.listed);
    return { body: { token: created.secret, ...created.listed } };
  }

  #organizationOf(authorization: string): Organization | undefined {
    const token = authorization.replace(/^Bearer /, "");
    if (token === this.token) return this.users;
    return Object.hasOwn(this.organizations, token) ? this.organizations[token] : undefined;
  }

  #listUsers(organization: Organization, query: URLSearchParams): Reply {
    const limit = Number(query.get("limit") ?? 1000);
    const start = Number(query.get("page_token") ?? query.get("offset") ?? 0);
    const wanted = (key: string, value: boolean) => !query.has(key) || query.get(key) === String(value);
    const users = Object.keys(organization)
      .sort()
      .map((username) => ({ username, ...this.members[username] }))
      .map(({ username, serviceAccount = false, deprovisioned = false, email, roles }) => ({
        id: username,
        username,
        email,
        roles,
        is_service_account: serviceAccount,
        is_deprovisioned: deprovisioned,
      }))
      .filter((user) => wanted("is_service_account", user.is_service_account))
      .filter((user) => wanted("is_deprovisioned", user.is_deprovisioned));
    const next = start + limit < users.length ? String(start + limit) : null;
    return { body: { users: users.slice(start, start + limit), total_count: users.length, next_page_token: next } };
  }
}

/** Takes a token off the list. @param key its id or its label; a label that several have is refused: which one is meant? */
function revokeToken(tokens: WireToken[], key: string): Reply {
  const [token, ...others] = findTokens(tokens, key);
  if (token === undefined) return ERRORS.notFound;
  if (others.length > 0) return ERRORS.badRequest;
  tokens.splice(tokens.indexOf(token), 1);
  return {};
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function pathOf(username: string): string {
  return `/v1/users/${encodeURIComponent(username)}/tokens`;
}

/** The documented errors. */
export const ERRORS = {
  badRequest: { status: 400, body: { message: "Bad Request", code: "BAD_REQUEST", issues: [] } },
  unauthorized: { status: 401, body: { message: "Invalid Credentials", code: "UNAUTHORIZED", issues: [] } },
  forbidden: { status: 403, body: { message: "Unauthorized", code: "FORBIDDEN", issues: [] } },
  notFound: { status: 404, body: { message: "Not Found", code: "NOT_FOUND", issues: [] } },
  internal: { status: 500, body: { message: "Internal Error", code: "INTERNAL_SERVER_ERROR", issues: [] } },
} as const;
