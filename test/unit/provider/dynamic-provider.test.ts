import assert from "node:assert/strict";
import type { ConfigureRequest } from "@pulumi/pulumi/dynamic";
import { unknownValue } from "@pulumi/pulumi/runtime";
import { beforeEach, describe, it } from "mocha";
import * as exported from "../../../provider/dynamic-provider";
import { createDynamicProviders } from "../../../provider/create-dynamic-providers";
import { UNKNOWN_VALUE } from "../../../resources/evidence-resource";
import { userTokensResource as resource } from "../../../resources/user-tokens";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { assertHidden, at, endlessToken, failureOf, useStandIn, userToken } from "../support";
import { useEnvironment } from "./environment";

describe("dynamic provider", () => {
  it("knows the engine's word for what is not known yet", () => assert.equal(UNKNOWN_VALUE, unknownValue));

  const api = useStandIn();

  const makeProviders = () => createDynamicProviders({ userTokens: resource });
  let { userTokens } = makeProviders();

  const configure = (values: Record<string, unknown> = {}) => {
    ({ userTokens } = makeProviders());
    return userTokens.configure({
      config: { get: (key: string) => values[key], require: (key: string) => values[key] },
    } as unknown as ConfigureRequest);
  };

  useEnvironment(() => api.standIn.env);
  beforeEach(() => configure());

  describe("check", () => {
    it("gives the tokens as inputs, and where and when they were read", async () => {
      const { inputs, failures } = await userTokens.check(undefined, { username: "ada" });
      assert.equal(failures, undefined);
      assert.deepEqual(Object.keys(inputs ?? {}), ["username", "tokens", "_provenance"]);
      assert.equal(inputs?.username, "ada");
      assert.deepEqual(
        (inputs.tokens as { name: string }[]).map(({ name }) => name),
        ["laptop", "notebook"],
      );
      const { apiUrl, fetchedAt = "", ...more } = inputs._provenance as Record<string, string>;
      assert.deepEqual([apiUrl, more], [api.standIn.url, {}]);
      assert.equal(new Date(fetchedAt).toISOString(), fetchedAt);
    });

    it("names the organization where the settings do", async () => {
      await configure({ "motherduck-tokens:organization": "acme" });
      const { inputs } = await userTokens.check(undefined, { username: "ada" });
      assert.equal((inputs?._provenance as Record<string, string>).organization, "acme");
    });

    it("gives nothing that the engine cannot carry", async () => {
      for (const username of ["svc_bi", "nobody", undefined, unknownValue]) {
        const result = await userTokens.check(undefined, { username });
        assert.deepEqual(result, JSON.parse(JSON.stringify(result)));
      }
    });

    it("sends nothing for an unknown username, and leaves the tokens unknown", async () => {
      assert.deepEqual(await userTokens.check(undefined, { username: unknownValue }), {
        inputs: { username: unknownValue, tokens: unknownValue, _provenance: unknownValue },
      });
      assert.equal(api.standIn.requests.length, 0);
    });

    describe("drops evidence that the program made itself", () => {
      const forged = {
        tokens: [],
        _provenance: { apiUrl: "https://api.motherduck.com", fetchedAt: "2999-01-01T00:00:00Z" },
        more: 1,
      };
      const check = async (username: unknown) => (await userTokens.check(forged, { username, ...forged })).inputs;

      it("when the read succeeds", async () => {
        const inputs = await check("svc_bi");
        assert.deepEqual(Object.keys(inputs ?? {}), ["username", "tokens", "_provenance"]);
        assert.equal((inputs?.tokens as unknown[]).length, 2);
        const { apiUrl, fetchedAt } = inputs?._provenance as Record<string, string>;
        assert.equal(apiUrl, api.standIn.url);
        assert.notEqual(fetchedAt, forged._provenance.fetchedAt);
      });

      it("when the read fails: no evidence is not an empty list", async () => {
        assert.deepEqual(await check("nobody"), { username: "nobody" });
      });

      it("when the username is unknown", async () => {
        const unknown = { username: unknownValue, tokens: unknownValue, _provenance: unknownValue };
        assert.deepEqual(await check(unknownValue), unknown);
      });

      it("when the username is missing", async () => assert.deepEqual(await check(undefined), { username: null }));
    });

    describe("fails on `username`, with what to do,", () => {
      const reasonOf = async (username: unknown) => {
        const { inputs, failures } = await userTokens.check(undefined, { username });
        assert.deepEqual(inputs, { username: username ?? null });
        assert.equal(failures?.length, 1);
        assert.equal(failures[0]?.property, "username");
        assertHidden(new Error(failures[0].reason), api.standIn.token);
        return failures[0].reason;
      };

      it("where there is no such user", async () => {
        assert.match(await reasonOf("nobody"), /^could not read .* 404 NOT_FOUND .*Check the username and the organiz/);
      });

      it("where the API fails", async () => {
        api.standIn.script("ada", ERRORS.internal);
        assert.match(await reasonOf("ada"), /500 INTERNAL_SERVER_ERROR/);
      });

      it("where the answer is no list", async () => {
        api.standIn.script("ada", { body: {} });
        assert.match(await reasonOf("ada"), /field tokens is missing/);
      });

      it("where the username cannot be one", async () => {
        for (const username of ["..", "", undefined, null, 7]) {
          assert.match(await reasonOf(username), /^username cannot be used: /);
        }
        assert.equal(api.standIn.requests.length, 0);
      });

      it("where there is no token", async () => {
        delete process.env.MOTHERDUCK_ADMIN_TOKEN;
        assert.match(await reasonOf("ada"), /^no MotherDuck API token: looked at /);
      });

      it("where a setting cannot be, which `configure` lets pass", async () => {
        await configure({ "motherduck-tokens:maxAttempts": "many" });
        assert.match(await reasonOf("ada"), /^motherduck-tokens:maxAttempts is "many"/);
      });
    });

    it("does the same with a username, and reads the user of that name again", async () => {
      const username = "ada\n\\u000a";
      api.standIn.users[username] = [];
      const { inputs } = await userTokens.check(undefined, { username });
      assert.equal(inputs?.username, "ada\\u000a\\u005cu000a");
      const { id } = await userTokens.create(inputs);
      assert.equal((await userTokens.read(id)).id, id);
      assert.equal(api.standIn.readsOf(username), 1);
      delete api.standIn.users[username];
    });

    it("asks once for a user that several resources name at the same time", async () => {
      const checks = Array.from({ length: 5 }, () => userTokens.check(undefined, { username: "ada" }));
      assert.equal(new Set((await Promise.all(checks)).map((result) => JSON.stringify(result))).size, 1);
      assert.equal(api.standIn.readsOf("ada"), 1);
    });

    it("asks again after a read that failed", async () => {
      api.standIn.script("ada", ERRORS.internal);
      assert.equal((await userTokens.check(undefined, { username: "ada" })).failures?.length, 1);
      api.standIn.reset();
      assert.equal((await userTokens.check(undefined, { username: "ada" })).failures, undefined);
      assert.equal(api.standIn.readsOf("ada"), 1);
    });

    it("hands no control character of a token to the engine, which would print it", async () => {
      const [token] = api.standIn.users.ada ?? [];
      assert.ok(token);
      api.standIn.script("ada", { body: { tokens: [{ ...token, name: "a\u001b[2J\nb" }] } });
      const { inputs } = await userTokens.check(undefined, { username: "ada" });
      assert.equal((inputs?.tokens as { name: string }[])[0]?.name, "a\\u001b[2J\\u000ab");
    });

    it("does the same with a username, and reads the user of that name again", async () => {
      const username = "ada\n\\u000a";
      api.standIn.users[username] = [];
      const { inputs } = await userTokens.check(undefined, { username });
      assert.equal(inputs?.username, "ada\\u000a\\u005cu000a");
      const { id } = await userTokens.create(inputs);
      assert.equal((await userTokens.read(id)).id, id);
      assert.equal(api.standIn.readsOf(username), 1);
      delete api.standIn.users[username];
    });

    it("asks once for a user that several resources name", async () => {
      const results = [await userTokens.check(undefined, { username: "ada" })];
      results.push(await userTokens.check(undefined, { username: "ada" }));
      assert.deepEqual(results[0], results[1]);
      assert.equal(api.standIn.readsOf("ada"), 1);
    });
  });

  it("names the providers that state names, which share what they have read", async () => {
    assert.deepEqual(Object.keys(exported).sort(), ["organizationTokens", "userTokens"]);
    await exported.userTokens.check(undefined, { username: "ada" });
    const { inputs, failures } = await exported.organizationTokens.check(undefined, { usernames: ["ada"] });
    assert.deepEqual([failures, (inputs?.users as unknown[]).length], [undefined, 1]);
    assert.equal(api.standIn.readsOf("ada"), 1);
    assert.deepEqual(Object.keys(await exported.organizationTokens.create(inputs ?? {})), ["id", "outs"]);
  });

  describe("configure", () => {
    it("takes the stack's configuration before the environment", async () => {
      const { url, token } = api.standIn;
      Object.assign(process.env, { MOTHERDUCK_ADMIN_TOKEN: "another", MOTHERDUCK_API_URL: "https://md.invalid" });
      await configure({ "motherduck-tokens:apiUrl": url, "motherduck-tokens:apiToken": token });
      assert.equal((await userTokens.check(undefined, { username: "ada" })).failures, undefined);
    });

    it("does not take what belongs to another namespace", async () => {
      await configure({ "motherduck:apiUrl": "https://md.invalid", apiUrl: "https://md.invalid" });
      assert.equal((await userTokens.check(undefined, { username: "ada" })).failures, undefined);
    });
  });

  describe("diff", () => {
    const a = userToken({ id: "a" });
    const b = userToken({ id: "b" });
    const olds = { username: "ada", tokens: [a, b], _provenance: { apiUrl: "https://a.example", fetchedAt: at(-1) } };
    for (const { title, before = olds, news, changes, replaces = [] } of [
      {
        title: "sees no change in the time and place of reading",
        news: { _provenance: { apiUrl: "https://b.example", organization: "acme", fetchedAt: at(0) } },
        changes: false,
      },
      { title: "sees no change in the order", news: { tokens: [b, a] }, changes: false },
      { title: "sees a new token", news: { tokens: [a, b, userToken({ id: "c" })] }, changes: true },
      { title: "sees a token that is gone", news: { tokens: [a] }, changes: true },
      { title: "sees an expiry that is gone", news: { tokens: [a, endlessToken({ id: "b" })] }, changes: true },
      { title: "sees tokens that are unknown", news: { tokens: unknownValue }, changes: true },
      { title: "sees tokens where none were read", before: { username: "ada" }, news: {}, changes: true },
      {
        title: "sees tokens in place of hidden ones",
        before: { ...olds, tokens: "[secret]" },
        news: {},
        changes: true,
      },
      { title: "replaces for another user", news: { username: "eve" }, changes: true, replaces: ["username"] },
      {
        title: "replaces for an unknown user",
        news: { username: unknownValue },
        changes: true,
        replaces: ["username"],
      },
    ]) {
      it(title, async () => {
        const result = await userTokens.diff("ada", before, { ...olds, ...news });
        assert.deepEqual(result, { changes, replaces, deleteBeforeReplace: true });
      });
    }
  });

  describe("create and update", () => {
    const _provenance = { apiUrl: "https://a.example", fetchedAt: at(0) };
    const inputs = { username: "ada", tokens: [userToken({ id: "a" })], _provenance };
    const outs = { username: "ada", tokens: inputs.tokens };

    it("put the evidence of check into outputs, without its time, and ask for nothing", async () => {
      assert.deepEqual(await userTokens.create(inputs), { id: "ada", outs });
      assert.deepEqual(await userTokens.update("ada", inputs, inputs), { outs });
      assert.equal(api.standIn.requests.length, 0);
    });

    for (const tokens of [undefined, unknownValue, "[secret]", [null]]) {
      it(`refuse ${JSON.stringify(tokens)} in place of tokens`, async () => {
        const broken = { ...inputs, tokens };
        for (const run of [
          async () => userTokens.create(broken),
          async () => userTokens.update("ada", inputs, broken),
        ]) {
          assert.match((await failureOf(run)).message, /^no tokens were read for this resource; run the same command/);
        }
      });
    }
  });

  describe("read", () => {
    it("gives the tokens as they are now", async () => {
      const { id, props, inputs } = (await userTokens.read("ada")) as {
        id: string;
        props: object;
        inputs: { tokens: unknown };
      };
      assert.equal(id, "ada");
      assert.deepEqual(Object.keys(inputs), ["username", "tokens", "_provenance"]);
      assert.deepEqual(props, { username: "ada", tokens: inputs.tokens });
    });

    // Where the engine keeps inputs once, the SDK hands them over in place of outputs (pulumi/pulumi#24977).
    it("keeps the selection and adds nothing to state where it is handed inputs in place of outputs", async () => {
      const inputs = { usernames: ["ada"], users: [], fetchedAt: at(-1), __provider: "…" };
      const read = await exported.organizationTokens.read("organization", inputs);
      assert.deepEqual(Object.keys(read.props ?? {}).sort(), ["usernames", "users"]);
      const { users, usernames } = read.props as { users: { username: string }[]; usernames: string[] };
      assert.deepEqual([usernames, users.map(({ username }) => username)], [["ada"], ["ada"]]);
      const { props } = await userTokens.read("ada", { username: "ada", tokens: [], fetchedAt: at(-1) });
      assert.deepEqual(Object.keys(props ?? {}).sort(), ["tokens", "username"]);
    });

    it("tells the engine that a user is gone by an empty id", async () => {
      assert.deepEqual(await userTokens.read("nobody"), { id: "" });
    });

    for (const [title, reply] of [
      ["a wrong base URL", { status: 404, body: "Not Found" }],
      ["a token that is not accepted", ERRORS.unauthorized],
      ["a token without the right", ERRORS.forbidden],
      ["a failing API", ERRORS.internal],
      ["a body that is not a list", { body: {} }],
    ] as const) {
      it(`does not take ${title} for a user that is gone`, async () => {
        api.standIn.script("ada", reply);
        const error = await failureOf(() => userTokens.read("ada"));
        assert.match(error.message, /^could not read the tokens of user "ada"/);
        assert.equal(error.stack, error.message);
        assertHidden(error, api.standIn.token);
      });
    }
  });
});
