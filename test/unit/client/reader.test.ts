import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ApiError, NetworkError, SettingsError } from "../../../client/errors";
import { createReader } from "../../../client/reader";
import { parseInstant } from "../../../core/instant";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { FAST, failureOf, settingsFor, useStandIn, without } from "../support";

describe("reader", () => {
  const api = useStandIn();
  const makeReader = (overrides = {}) => createReader(settingsFor(api.standIn, overrides), FAST);

  it("gives the user, the tokens, and when they were read", async () => {
    const before = Date.now();
    const { username, tokens, fetchedAt } = await makeReader().read("ada");
    const readAt = parseInstant(fetchedAt) ?? NaN;
    assert.deepEqual([username, tokens.length], ["ada", 2]);
    assert.ok(readAt >= before && readAt <= Date.now(), fetchedAt);
  });

  it("leaves personal data out where it is told to: e-mail addresses and descriptions, and nothing else", async () => {
    const [kept, omitted] = [makeReader(), makeReader({ personalData: "omit" })];
    const [ada, adaWithout] = await Promise.all(
      [kept, omitted].map(async (reader) => (await reader.listUsers()).find(({ username }) => username === "ada")),
    );
    assert.deepEqual(ada, { ...adaWithout, email: "ada@example.com" });
    assert.ok(!("email" in (adaWithout ?? {})));
    const [tokens = [], tokensWithout = []] = await Promise.all(
      [kept, omitted].map(async (reader) => (await reader.read("svc_etl")).tokens),
    );
    assert.match(tokens[0]?.description ?? "", /^Loads the warehouse/);
    assert.deepEqual(
      tokensWithout,
      tokens.map((token) => without(token, "description")),
    );
    assert.ok(!JSON.stringify(tokensWithout).includes("warehouse"));
  });

  it("asks once for a user, also for reads at the same time", async () => {
    const reader = makeReader();
    const readings = await Promise.all([reader.read("ada"), reader.read("ada"), reader.read("svc_bi")]);
    assert.equal(readings[0], readings[1]);
    assert.equal(await reader.read("ada"), readings[0]);
    assert.deepEqual([api.standIn.readsOf("ada"), api.standIn.readsOf("svc_bi")], [1, 1]);
  });

  it("does not know what another reader has read", async () => {
    await makeReader().read("ada");
    await makeReader().read("ada");
    assert.equal(api.standIn.readsOf("ada"), 2);
  });

  it("asks again after a failure", async () => {
    const reader = makeReader();
    api.standIn.script("ada", ERRORS.internal, { body: { tokens: [] } });
    const { status, message } = await failureOf(() => reader.read("ada"), ApiError);
    assert.equal(status, 500);
    assert.match(message, /^could not read the tokens of user "ada"/);
    assert.deepEqual((await reader.read("ada")).tokens, []);
  });

  it("tells all who wait for one read that it failed", async () => {
    const reader = makeReader();
    const results = await Promise.allSettled([reader.read("nobody"), reader.read("nobody")]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(api.standIn.readsOf("nobody"), 1);
  });

  it("reads no more users at the same time than `concurrency` allows", async () => {
    api.standIn.latencyMs = 20;
    const reader = makeReader({ concurrency: 2 });
    await Promise.all(Object.keys(api.standIn.users).map((username) => reader.read(username)));
    assert.equal(api.standIn.mostAtOnce, 2);
  });

  it("gives each user's read its own time, however long it waited for its turn", async () => {
    api.standIn.latencyMs = 150;
    const reader = makeReader({ concurrency: 1, readTimeoutSeconds: 0.7, attemptTimeoutSeconds: 0.7 });
    const usernames = Object.keys(api.standIn.users);
    assert.equal((await Promise.all(usernames.map((username) => reader.read(username)))).length, usernames.length);
  });

  it("keeps to the time of a whole read", async () => {
    api.standIn.script("ada", { delayMs: 30_000, body: { tokens: [] } });
    const { code, message } = await failureOf(() => makeReader({ readTimeoutSeconds: 0.1 }).read("ada"), NetworkError);
    assert.equal(code, "ETIMEDOUT");
    assert.match(message, /0\.1 s in all/);
  });

  it("lists users once, and again after a failure", async () => {
    const reader = makeReader();
    api.standIn.scriptListing(ERRORS.internal);
    const { status, message } = await failureOf(() => reader.listUsers(), ApiError);
    assert.equal(status, 500);
    assert.match(message, /^could not read the users of the organization/);
    api.standIn.reset();
    assert.equal(await reader.listUsers(), await reader.listUsers());
    assert.equal(api.standIn.requests.length, 2, "active and deprovisioned users");
  });

  it("reads anew where it is told to", async () => {
    const reader = makeReader();
    await reader.read("ada");
    await reader.readAnew("ada");
    await reader.readAnew("ada");
    assert.equal(api.standIn.readsOf("ada"), 3);
  });

  it("sends nothing for a username that cannot be", async () => {
    for (const username of ["..", null, undefined] as string[]) {
      const { message } = await failureOf(() => makeReader().read(username), SettingsError);
      assert.match(message, /username/);
    }
    assert.equal(api.standIn.requests.length, 0);
  });
});
