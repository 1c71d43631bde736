import assert from "node:assert/strict";
import { execa } from "execa";
import fc from "fast-check";
import { afterEach, beforeEach, describe, it } from "mocha";
import { DAY } from "../../core/duration";
import { loadOrganization, wireToken as fixtureToken } from "../../tools/stand-in/organization";
import { ERRORS, type Reply, StandIn } from "../../tools/stand-in/stand-in";
import { assertContract, ERROR_STATUSES, type Operation, schemaOf } from "../contract/contract";
import { ROOT } from "../../tools/sandbox";
import { until } from "../until";
import { at, NOW, useStandIn, wireToken } from "./support";

const TOKENS: Operation = "GET /v1/users/{username}/tokens";

interface ApiCall {
  readonly operation: Operation;
  readonly path: string;
  readonly sent?: unknown;
}

const username = fc.constantFrom("ada", "Ada", "grace", "svc_etl", "SVC_ETL", "nobody", "__proto__", "%ff");
const text = fc.oneof(fc.constantFrom("", "nightly", "a".repeat(256)), fc.string({ unit: "binary" }));
const createRequest = fc.record(
  {
    name: text,
    description: fc.oneof(text, fc.constantFrom("d".repeat(1000), "d".repeat(1001))),
    ttl: fc.oneof(fc.constantFrom(299, 300, 31_536_000, 31_536_001, 300.5), fc.integer()),
    token_type: fc.constantFrom("read_write", "read_scaling", "read_future"),
  },
  { requiredKeys: [] },
);
const listQuery = fc.record(
  {
    limit: fc.integer({ min: 1, max: 6 }),
    offset: fc.nat(6),
    page_token: fc.nat(6),
    is_service_account: fc.boolean(),
    is_deprovisioned: fc.boolean(),
  },
  { requiredKeys: [] },
);
const { id: nightly } = fixtureToken("svc_etl", { name: "nightly", type: "read_write", created: 0 });

/** Any call that the stand-in knows, sensible or not; some without its token. */
const apiCall = fc
  .tuple(
    fc.oneof<fc.Arbitrary<ApiCall>[]>(
      username.map((user) => ({ operation: TOKENS, path: `/v1/users/${user}/tokens` })),
      listQuery.map((query) => {
        const search = new URLSearchParams(
          Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]),
        );
        return { operation: "GET /v1/users", path: `/v1/users?${search.toString()}` };
      }),
      fc.tuple(username, fc.oneof(createRequest, fc.constant("{"))).map(([user, sent]) => ({
        operation: "POST /v1/users/{username}/tokens",
        path: `/v1/users/${user}/tokens`,
        sent,
      })),
      fc.tuple(username, fc.constantFrom(nightly, "nightly", "laptop", "none", "%ff")).map(([user, key]) => ({
        operation: "DELETE /v1/users/{username}/tokens/{token_id}",
        path: `/v1/users/${user}/tokens/${key}`,
      })),
    ),
    fc.oneof({ arbitrary: fc.constant({}), weight: 9 }, fc.constant({ token: "another" })),
  )
  .map(([call, access]: [ApiCall, { token?: string }]) => ({ ...call, ...access }));

/** Calls that lead to every answer, whatever the random ones lead to. */
const EVERY_ANSWER: readonly (ApiCall & { readonly token?: string })[] = [
  { operation: "GET /v1/users", path: "/v1/users" },
  { operation: TOKENS, path: "/v1/users/%ff/tokens" },
  { operation: TOKENS, path: "/v1/users/ada/tokens", token: "another" },
  { operation: TOKENS, path: "/v1/users/nobody/tokens" },
  ...["svc_etl", "grace"].map((user): ApiCall => {
    const [operation, path] = ["POST /v1/users/{username}/tokens", `/v1/users/${user}/tokens`] as const;
    return { operation, path, sent: { name: "made" } };
  }),
  { operation: "POST /v1/users/{username}/tokens", path: "/v1/users/svc_etl/tokens", sent: "{" },
  { operation: "DELETE /v1/users/{username}/tokens/{token_id}", path: `/v1/users/svc_etl/tokens/${nightly}` },
];

describe("stand-in", () => {
  const api = useStandIn();

  const get = (path: string, token = api.standIn.token) =>
    call("GET", path, undefined, { url: api.standIn.url, token });

  async function call(
    method: string,
    path: string,
    sent?: unknown,
    { token, url: origin }: Pick<StandIn, "token" | "url"> = api.standIn,
  ) {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(sent !== undefined && { body: typeof sent === "string" ? sent : JSON.stringify(sent) }),
    });
    const text = await response.text();
    const isJson = text !== "" && response.headers.get("content-type") === "application/json";
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  }

  const tokensOf = (username: string) => get(`/v1/users/${username}/tokens`);

  describe("keeps the API's contract", () => {
    it("with every answer to every call", async () => {
      const { standIn } = api;
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(fc.array(apiCall, { minLength: 6, maxLength: 12 }), async (calls) => {
          standIn.users = loadOrganization(NOW).users;
          for (const { operation, path, sent, token = standIn.token } of calls) {
            const [method = ""] = operation.split(" ");
            const { status, body } = await call(method, path, sent, { url: standIn.url, token });
            assertContract(operation, status, body);
            seen.add(`${method} ${status}`);
          }
        }),
        { examples: [[[...EVERY_ANSWER]]] },
      );
      standIn.users = loadOrganization().users;
      const expected = ["GET 200", "GET 400", "GET 401", "GET 404", "POST 200", "POST 400", "POST 403", "DELETE 200"];
      for (const answer of expected) assert.ok(seen.has(answer), `none of the calls led to ${answer}`);
    });

    for (const [name, reply] of Object.entries(ERRORS)) {
      it(`with the error ${name}, which is the contract's own example`, async () => {
        api.standIn.script("ada", reply);
        const { status, body } = await tokensOf("ada");
        assert.equal(status, reply.status);
        assertContract(TOKENS, status, body);
        assert.deepEqual(body, schemaOf(TOKENS, status)?.example);
      });
    }

    it("for every error that the contract names", () => {
      const statuses = Object.values(ERRORS).map(({ status }) => String(status));
      assert.deepEqual(statuses.sort(), [...ERROR_STATUSES].sort());
    });

    it("where the contract is strict enough to notice a difference", () => {
      const token = wireToken("7c1f0000-0000-4000-8000-000000000000");
      assertContract(TOKENS, 200, { tokens: [token] });
      for (const body of [
        {},
        { tokens: null },
        { tokens: [{ id: "no-uuid" }] },
        { tokens: [{ ...token, description: "" }] },
        { tokens: [{ ...token, description: "d".repeat(1001) }] },
        { tokens: [{ ...token, token: "a secret" }] },
        { tokens: [{ ...token, token_type: "read_future" }] },
      ]) {
        assert.throws(() => assertContract(TOKENS, 200, body), assert.AssertionError);
      }
      assert.throws(() => assertContract("GET /v1/users", 200, { users: [{ id: "1" }], next_page_token: null }));
      assert.throws(() => assertContract(TOKENS, 418, {}), /does not answer 418/);
    });
  });

  it("answers 401 without its token", async () => {
    assert.deepEqual(await get("/v1/users/ada/tokens", "another"), ERRORS.unauthorized);
  });

  it("answers 404 with a code for a user that is not there, whatever the name", async () => {
    for (const username of ["nobody", "constructor", "__proto__", "Ada"]) {
      assert.deepEqual(await tokensOf(username), ERRORS.notFound);
    }
  });

  it("answers 404 in plain text, without a code, for a path that is not there", async () => {
    for (const path of ["/", "/v1", "/v2/users/ada/tokens", "/v1/users/ada/tokens/", "/v1/users/a/b/tokens"]) {
      assert.deepEqual(await get(path), { status: 404, body: "Not Found" });
    }
  });

  it("counts a user's requests, with and without a query, as they came", async () => {
    await tokensOf("ada");
    await get("/v1/users/ada/tokens?page_token=2");
    await tokensOf("svc_bi");
    assert.deepEqual([api.standIn.readsOf("ada"), api.standIn.readsOf("grace")], [2, 0]);
    assert.equal(api.standIn.requests[1]?.url, "/v1/users/ada/tokens?page_token=2");
  });

  it("follows a script for one user, whose last answer stays", async () => {
    const replies: Reply[] = [{ status: 503, body: "busy" }, { body: { tokens: [] } }];
    api.standIn.script("ada", ...replies);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await tokensOf("ada")).status);
    assert.deepEqual(statuses, [503, 200, 200]);
    assert.deepEqual(await tokensOf("nobody"), ERRORS.notFound);
  });

  it("forgets requests and scripts", async () => {
    api.standIn.script("ada", ERRORS.internal);
    await tokensOf("ada");
    api.standIn.reset();
    assert.equal(api.standIn.readsOf("ada"), 0);
    assert.equal((await tokensOf("ada")).status, 200);
  });

  it("tells a command where it is and which token it takes", () => {
    const { env, url, token } = api.standIn;
    assert.deepEqual(env, { MOTHERDUCK_API_URL: url, MOTHERDUCK_ADMIN_TOKEN: token });
  });

  describe("lists users", () => {
    interface Listing {
      users: { username: string; is_service_account: boolean }[];
      total_count: number;
      next_page_token: string | null;
    }
    const list = async (query: string) => (await get(`/v1/users?${query}`)).body as Listing;
    const names = async (query: string) => (await list(query)).users.map(({ username }) => username);

    it("in order, a page at a time", async () => {
      const first = await list("limit=3");
      assert.deepEqual([first.users.length, first.total_count, first.next_page_token], [3, 5, "3"]);
      const last = await list("limit=3&page_token=3");
      assert.deepEqual([last.users.length, last.next_page_token], [2, null]);
      assert.deepEqual(await names(""), ["ada", "grace", "linus", "svc_bi", "svc_etl"]);
    });

    it("of the kind that is asked for", async () => {
      assert.deepEqual(await names("is_service_account=true"), ["svc_bi", "svc_etl"]);
      assert.deepEqual(await names("is_service_account=false&is_deprovisioned=false"), ["ada", "grace"]);
      assert.deepEqual(await names("is_deprovisioned=true"), ["linus"]);
    });

    it("of both kinds, where neither is asked for", async () => {
      assert.ok((await names("is_service_account=false")).includes("linus"));
    });

    it("from an offset, but rather from a page token", async () => {
      assert.deepEqual(await names("limit=1&offset=1"), ["grace"]);
      assert.deepEqual(await names("limit=1&offset=1&page_token=2"), ["linus"]);
    });

    it("with what is known of them", async () => {
      const [ada, , , bi] = (await list("")).users;
      assert.deepEqual(ada, {
        id: "ada",
        username: "ada",
        email: "ada@example.com",
        roles: ["admin"],
        is_service_account: false,
        is_deprovisioned: false,
      });
      assert.deepEqual(bi, {
        ...{ id: "svc_bi", username: "svc_bi", is_service_account: true, is_deprovisioned: false },
        roles: ["explorer"],
      });
    });
  });

  it("refuses what is more than its rate, until it is reset", async () => {
    api.standIn.rateLimit = { requests: 2, windowMs: 60_000, retryAfter: "1" };
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await tokensOf("ada")).status);
    assert.deepEqual(statuses, [200, 200, 429]);
    api.standIn.reset();
    assert.equal((await tokensOf("ada")).status, 200);
  });

  describe("with a clock of its own", () => {
    let own: StandIn | undefined;
    afterEach(() => own?.stop());

    it("counts its days from there", async () => {
      own = await StandIn.start(NOW);
      const [laptop] = own.users.ada ?? [];
      assert.deepEqual([laptop?.created_ts, laptop?.expire_at], [at(-8), at(20)]);
    });

    it("no longer lists tokens that have expired, unless told to", async () => {
      own = await StandIn.start(NOW);
      const dates = [at(-1), at(0), at(0, 1), "never"];
      own.users.ada = [...dates.map((expire_at) => wireToken(expire_at, { expire_at })), wireToken("endless")];
      const ids = async () => {
        const { body } = await call("GET", "/v1/users/ada/tokens", undefined, own);
        return (body as { tokens: { id: string }[] }).tokens.map(({ id }) => id);
      };
      assert.deepEqual(await ids(), [at(0, 1), "never", "endless"]);
      own.clock = () => NOW + DAY;
      assert.deepEqual(await ids(), ["never", "endless"]);
      own.listsExpiredTokens = true;
      assert.equal((await ids()).length, 5);
    });
  });

  describe("makes and revokes tokens", () => {
    let own: StandIn;
    beforeEach(async () => {
      own = await StandIn.start(NOW);
    });
    afterEach(() => own.stop());

    const create = (username: string, sent: unknown) => call("POST", `/v1/users/${username}/tokens`, sent, own);
    const revoke = (username: string, key: string) =>
      call("DELETE", `/v1/users/${username}/tokens/${encodeURIComponent(key)}`, undefined, own);
    const list = (username: string) => call("GET", `/v1/users/${username}/tokens`, undefined, own);

    it("with the defaults, and shows the secret once", async () => {
      const { status, body } = await create("svc_bi", { name: "new" });
      const { token, ...rest } = body as Record<string, unknown>;
      const { id } = rest;
      assert.equal(status, 200);
      assert.equal(typeof token, "string");
      const expected = { id, name: "new", created_ts: at(0), read_only: false, token_type: "read_write" };
      assert.deepEqual(rest, expected);
      const listed = (await list("svc_bi")).body as { tokens: object[] };
      assert.deepEqual(listed.tokens.at(-1), expected);
    });

    it("with a lifetime, a type and a description", async () => {
      const sent = { name: "new", description: "For the dashboards", ttl: 86_400, token_type: "read_scaling" };
      const { body } = await create("svc_bi", sent);
      const { description, expire_at, read_only, token_type } = body as Record<string, unknown>;
      assert.deepEqual(
        { description, expire_at, read_only, token_type },
        { description: sent.description, expire_at: at(1), read_only: true, token_type: "read_scaling" },
      );
    });

    for (const [title, sent] of Object.entries({
      "no name": {},
      "an empty name": { name: "" },
      "a name that is too long": { name: "ü".repeat(256) },
      "an empty description": { name: "n", description: "" },
      "a description that is too long": { name: "n", description: "d".repeat(1001) },
      "a lifetime that is too short": { name: "n", ttl: 299 },
      "a lifetime that is too long": { name: "n", ttl: 31_536_001 },
      "a type that there is not": { name: "n", token_type: "read_future" },
      "a body that is not JSON": "name=n",
    })) {
      it(`but not with ${title}`, async () => {
        const before = own.users.svc_bi?.length;
        assert.deepEqual(await create("svc_bi", sent), ERRORS.badRequest);
        assert.equal(own.users.svc_bi?.length, before);
      });
    }

    it("up to the longest name and description, counted in characters", async () => {
      const { status } = await create("svc_bi", {
        name: "🦆".repeat(255),
        description: "🦆".repeat(1000),
        ttl: 31_536_000,
      });
      assert.equal(status, 200);
    });

    it("for the administrator and for service accounts, not for other people", async () => {
      assert.equal((await create("ada", { name: "own" })).status, 200);
      assert.deepEqual(await create("grace", { name: "hers" }), ERRORS.forbidden);
      assert.deepEqual(await create("nobody", { name: "n" }), ERRORS.notFound);
    });

    it("of a service account whose name is written in another case, and of nobody else so", async () => {
      assert.equal((await create("SVC_BI", { name: "new" })).status, 200);
      assert.deepEqual(await list("Svc_Bi"), {
        status: 200,
        body: { tokens: own.users.svc_bi },
      });
      assert.equal((await revoke("SVC_bi", "new")).status, 200);
      assert.deepEqual(await create("ADA", { name: "n" }), ERRORS.notFound);
    });

    it("by a token's id or its label, of other people, too", async () => {
      const [laptop, old] = own.users.grace ?? [];
      assert.equal((await revoke("grace", laptop?.id ?? "")).status, 200);
      assert.equal((await revoke("grace", "old-laptop")).status, 200);
      assert.deepEqual(
        own.users.grace?.map(({ name }) => name),
        ["experiment"],
      );
      assert.deepEqual(await revoke("grace", old?.id ?? ""), ERRORS.notFound);
      assert.deepEqual(await revoke("nobody", "laptop"), ERRORS.notFound);
    });

    it("by the id, where another token is labelled so, and not by a label that several have", async () => {
      own.users.svc_bi = [wireToken("a", { name: "b" }), wireToken("b", { name: "x" }), wireToken("c", { name: "x" })];
      assert.deepEqual(await revoke("svc_bi", "x"), ERRORS.badRequest);
      assert.equal((await revoke("svc_bi", "b")).status, 200);
      assert.deepEqual(
        own.users.svc_bi.map(({ id }) => id),
        ["a", "c"],
      );
    });

    it("and leaves an empty description out of the listing", async () => {
      own.users.ada = [wireToken("a", { description: "" }), wireToken("b", { description: "d" })];
      const { body } = await list("ada");
      const { tokens } = body as { tokens: { description?: string }[] };
      assert.deepEqual(
        tokens.map((token) => "description" in token),
        [false, true],
      );
    });
  });
});

describe("npm run stand-in", () => {
  it("prints the variables with which commands use it, and ends on Ctrl-C", async () => {
    const child = execa("node", ["-r", "ts-node/register/transpile-only", "tools/stand-in/main.ts"], { cwd: ROOT });
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await until("the variables", () => printed.includes("MOTHERDUCK_ADMIN_TOKEN="));
    const variable = (name: string) => new RegExp(`^export ${name}=(\\S+)$`, "m").exec(printed)?.[1] ?? "";
    const authorization = `Bearer ${variable("MOTHERDUCK_ADMIN_TOKEN")}`;
    const { status } = await fetch(`${variable("MOTHERDUCK_API_URL")}/v1/users`, { headers: { authorization } });
    assert.equal(status, 200);
    child.kill("SIGINT");
    assert.equal((await child).exitCode, 0);
  });
});
