import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { NetworkError, ResponseError, SettingsError } from "../../../../client/errors";
import { listUserTokens } from "../../../../client/api/list-user-tokens";
import { createTransport } from "../../../../client/http/transport";
import type { Reply } from "../../../../tools/stand-in/stand-in";
import { FAST, failureOf, jsonText, settingsFor, useStandIn, wireToken } from "../../support";

describe("listUserTokens", () => {
  const api = useStandIn();

  function list(username: string, seconds = 5) {
    return listUserTokens(createTransport(settingsFor(api.standIn), FAST), username, seconds);
  }

  /** Lists the tokens that these pages hold: ids only. */
  async function listPages(...pages: object[]): Promise<string[]> {
    api.standIn.script("ada", ...pages.map((body): Reply => ({ body })));
    return (await list("ada")).map(({ id }) => id);
  }

  const pageTokens = () =>
    api.standIn.requests.map(({ url }) => new URL(url, api.standIn.url).searchParams.get("page_token"));
  const page = (ids: string[], cursor?: string) => ({
    tokens: ids.map((id) => wireToken(id)),
    ...(cursor !== undefined && { next_page_token: cursor }),
  });

  it("gives a user's tokens", async () => {
    const tokens = await list("ada");
    assert.deepEqual(
      tokens.map(({ name, tokenType }) => [name, tokenType]),
      [
        ["laptop", "read_write"],
        ["notebook", "read_scaling"],
      ],
    );
  });

  it("gives them in canonical order, whatever the API's", async () => {
    const dated = (id: string, created_ts: string) => wireToken(id, { created_ts });
    const tokens = [dated("x", "?"), dated("b", "2025-01-01"), dated("a", "2025-01-01"), dated("z", "2024-01-01")];
    assert.deepEqual(await listPages({ tokens }), ["z", "a", "b", "x"]);
  });

  it("gives them as the API has them, whatever is in their texts", async () => {
    const tokens = [wireToken("A", { name: "a\nb\\u000a" }), wireToken("\u001b")];
    assert.deepEqual(await listPages({ tokens }), ["\u001b", "A"]);
    assert.equal((await list("ada"))[1]?.name, "a\nb\\u000a");
  });

  it("gives an empty list for a user without tokens", async () => {
    assert.deepEqual(await listPages({ tokens: [] }), []);
  });

  describe("sends the username as one segment of the path", () => {
    for (const [username, segment] of [
      ["ada@example.com", "ada%40example.com"],
      ["a/b", "a%2Fb"],
      ["a%2Fb", "a%252Fb"],
      ["%2e%2e", "%252e%252e"],
      ["ü", "%C3%BC"],
      ["🦆", "%F0%9F%A6%86"],
      ["..x", "..x"],
      ["...", "..."],
      ["a b  c", "a%20b%20%20c"],
      [" a ", "%20a%20"],
      ["a?b#c", "a%3Fb%23c"],
      ["a\\b", "a%5Cb"],
      ["a;b=c&d+e", "a%3Bb%3Dc%26d%2Be"],
      ["a\nb", "a%0Ab"],
      ["it's(a)*!~", "it's(a)*!~"],
    ] as const) {
      it(`such as ${JSON.stringify(username)}`, async () => {
        api.standIn.users = { [username]: [wireToken("theirs")] };
        const [token] = await list(username);
        assert.equal(token?.id, "theirs");
        assert.equal(api.standIn.requests[0]?.url, `/v1/users/${segment}/tokens`);
      });
    }

    it("and sends nothing where that cannot be", async () => {
      for (const username of ["..", ".", "", "a".repeat(256), "\ud83e"]) {
        assert.match((await failureOf(() => list(username), SettingsError)).message, /username/);
      }
      assert.equal(api.standIn.requests.length, 0);
    });
  });

  describe("with pages", () => {
    it("reads them all, and sends each cursor back as `page_token`", async () => {
      assert.deepEqual(await listPages(page(["a"], "2 &"), page([], "3"), page(["b"])), ["a", "b"]);
      assert.deepEqual(pageTokens(), [null, "2 &", "3"]);
    });

    for (const fields of [
      { next_cursor: "2" },
      { next_page_token: "2" },
      { pagination: { next_cursor: "2" } },
      { pagination: { next_page_token: "2" } },
      { pagination: { cursor: "2" } },
    ]) {
      it(`follows the cursor in ${JSON.stringify(fields)}`, async () => {
        assert.deepEqual(await listPages({ ...page(["a"]), ...fields }, page(["b"])), ["a", "b"]);
        assert.deepEqual(pageTokens(), [null, "2"]);
      });
    }

    it("counts a token once that is on two of them", async () => {
      assert.deepEqual((await listPages(page(["a", "b"], "2"), page(["b", "c", "c"]))).sort(), ["a", "b", "c"]);
    });

    it("refuses two different tokens of one id", async () => {
      const other = { tokens: [wireToken("a", { name: "other" })] };
      const { message } = await failureOf(() => listPages(page(["a"], "2"), other), ResponseError);
      assert.match(message, /^could not read the tokens of user "ada": two different tokens have the id "a"\./);
    });

    for (const { title, pages, requests } of [
      { title: "to itself", pages: [page(["a"], "2")], requests: 2 },
      { title: "over several of them", pages: [page([], "2"), page([], "3"), page([], "2")], requests: 3 },
    ]) {
      it(`refuses a circle ${title}`, async () => {
        const { message } = await failureOf(() => listPages(...pages), ResponseError);
        assert.match(message, /the API's pages run in a circle/);
        assert.equal(api.standIn.requests.length, requests);
      });
    }

    it("gives nothing where the last one cannot be read", async () => {
      const { message } = await failureOf(() => listPages(page(["a"], "2"), {}), ResponseError);
      assert.match(message, /^could not read the tokens of user "ada": .*tokens/);
    });

    it("keeps to one deadline for all of them", async () => {
      const slow = Array.from({ length: 20 }, (_, i) => ({ body: page([], `${i}`), delayMs: 50 }));
      api.standIn.script("ada", ...slow);
      const { code } = await failureOf(() => list("ada", 0.2), NetworkError);
      assert.equal(code, "ETIMEDOUT");
    });
  });

  for (const body of ["", "{}", `{"tokens":null}`, "[]", "null", `{"tokens":[{"id`, "<html>"]) {
    it(`never takes ${body || "an empty body"} for an empty list`, async () => {
      api.standIn.script("ada", jsonText(body));
      const { message } = await failureOf(() => list("ada"), ResponseError);
      assert.match(message, /^could not read the tokens of user "ada": /);
    });
  }

  it("names the user in errors, safe to print", async () => {
    const { message } = await failureOf(() => list(`no\u202e"body"`));
    assert.match(message, /^could not read the tokens of user "no\\u202e\\"body\\"": the API answered 404 NOT_FOUND/);
  });
});
