import assert from "node:assert/strict";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { afterEach, describe, it } from "mocha";
import { ERRORS, type Reply, StandIn } from "../../tools/stand-in/stand-in";
import contract from "../contract/users-list-tokens.openapi.json";
import { at, NOW, useStandIn } from "./support";

const { responses } = contract.paths["/v1/users/{username}/tokens"].get;
type Status = keyof typeof responses;

// `example` is OpenAPI's own word.
const ajv = addFormats(new Ajv({ allErrors: true })).addVocabulary(["example"]);

/** Holds that a body is what the API's contract promises for a status. */
function assertContract(status: Status, body: unknown): void {
  ajv.validate(responses[status].content["application/json"].schema, body);
  assert.deepEqual(ajv.errors ?? [], []);
}

describe("stand-in", () => {
  const api = useStandIn();

  async function get(path: string, token = api.standIn.token) {
    const response = await fetch(`${api.standIn.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    const isJson = response.headers.get("content-type") === "application/json";
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  }

  const tokensOf = (username: string) => get(`/v1/users/${username}/tokens`);

  describe("keeps the API's contract", () => {
    it("with the tokens of each user, before and after they cleaned up", async () => {
      const own = await StandIn.start();
      try {
        for (const cleaned of [false, true]) {
          if (cleaned) own.cleanUp();
          for (const username of Object.keys(own.users)) assertContract("200", { tokens: own.users[username] });
        }
      } finally {
        await own.stop();
      }
      const { status, body } = await tokensOf("svc_bi");
      assert.equal(status, 200);
      assertContract("200", body);
    });

    for (const [name, reply] of Object.entries(ERRORS)) {
      it(`with the error ${name}, which is the contract's own example`, async () => {
        api.standIn.script("ada", reply);
        const { status, body } = await tokensOf("ada");
        const schema = responses[String(status) as Status].content["application/json"].schema as { example?: unknown };
        assert.equal(status, reply.status);
        assertContract(String(status) as Status, body);
        assert.deepEqual(body, schema.example);
      });
    }

    it("for every error that the contract names", () => {
      const statuses = Object.values(ERRORS).map(({ status }) => String(status));
      assert.deepEqual(["200", ...statuses].sort(), Object.keys(responses).sort());
    });

    it("where the contract is strict enough to notice a difference", () => {
      for (const body of [{}, { tokens: null }, { tokens: [{ id: "no-uuid" }] }]) {
        assert.throws(() => assertContract("200", body), assert.AssertionError);
      }
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
      assert.deepEqual([laptop?.created_ts, laptop?.expire_at], [at(-20), at(40)]);
    });
  });
});
