import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { ApiError, NetworkError } from "../../../../client/errors";
import { createReader } from "../../../../client/reader";
import { until } from "../../../until";
import { failureOf, FAST, settingsFor, useStandIn } from "../../support";

describe("after a 429", () => {
  const api = useStandIn();
  const usernames = Array.from({ length: 200 }, (_, index) => `u${index}`);
  const makeReader = (overrides = {}, timing = FAST) => createReader(settingsFor(api.standIn, overrides), timing);

  let users: typeof api.standIn.users;
  beforeEach(() => {
    ({ users } = api.standIn);
    api.standIn.users = Object.fromEntries(usernames.map((username) => [username, []]));
  });
  afterEach(() => {
    api.standIn.users = users;
  });

  for (const requests of [1, 3, 10]) {
    it(`80 users get through a limit of ${requests} in a window, with few requests in vain`, async () => {
      const asked = usernames.slice(0, 80);
      api.standIn.rateLimit = { requests, windowMs: 30, retryAfter: "1" };
      const reader = makeReader({}, { baseDelayMs: 1, maxRetryAfterMs: 40 });
      const readings = await Promise.all(asked.map((username) => reader.read(username)));
      assert.equal(readings.length, asked.length);
      const refused = api.standIn.requests.length - asked.length;
      assert.ok(refused > 0, "the limit was met");
      assert.ok(refused <= 2 * asked.length + reader.concurrency, `${refused} requests were refused`);
      // A machine that stands still for a moment lets windows pass unused, and others overflow.
    }).retries(3);
  }

  it("all requests pause, not only the one that was refused", async () => {
    const pauseMs = 500;
    api.standIn.script("u0", { status: 429, headers: { "retry-after": "1" } }, { body: { tokens: [] } });
    const reader = makeReader({ concurrency: 2 }, { baseDelayMs: 1, maxRetryAfterMs: pauseMs });
    const refused = reader.read("u0");
    await until("the request", () => api.standIn.readsOf("u0") > 0);
    const others = Promise.all(usernames.slice(1, 20).map((username) => reader.read(username)));
    await new Promise((resolve) => setTimeout(resolve, pauseMs / 5));
    // One was on its way beside the refused one, and the next may have begun before the refusal was read.
    assert.ok(api.standIn.requests.length <= 3, `${api.standIn.requests.length} requests`);
    await Promise.all([refused, others]);
  });

  it("fewer are sent at the same time, and more again with the answers that follow", async () => {
    const reader = makeReader({ concurrency: 16 });
    api.standIn.script("u0", { status: 429 }, { body: { tokens: [] } });
    await reader.read("u0");
    api.standIn.mostAtOnce = 0;
    api.standIn.latencyMs = 5;
    await Promise.all(usernames.slice(1, 4).map((username) => reader.read(username)));
    const soonAfter = api.standIn.mostAtOnce;
    await Promise.all(usernames.slice(4).map((username) => reader.read(username)));
    assert.ok(soonAfter < 3, `${soonAfter} at once soon after`);
    assert.ok(api.standIn.mostAtOnce > 8, `${api.standIn.mostAtOnce} at once later`);
  });

  it("a read that is refused again and again fails, and says so", async () => {
    api.standIn.rateLimit = { requests: 0, windowMs: 60_000 };
    const { status, message } = await failureOf(() => makeReader().read("u0"), ApiError);
    assert.equal(status, 429);
    assert.match(message, /asks for fewer requests \(attempts made: 4\)/);
    assert.equal(api.standIn.requests.length, 4);
  });

  it("a read that waits for its turn keeps to its deadline", async () => {
    api.standIn.rateLimit = { requests: 0, windowMs: 60_000, retryAfter: "30" };
    const reader = makeReader({ readTimeoutSeconds: 0.2 }, { baseDelayMs: 1, maxRetryAfterMs: 30_000 });
    const failures = await Promise.all(
      usernames.slice(0, 20).map((username) => failureOf(() => reader.read(username), NetworkError)),
    );
    assert.ok(
      failures.every(({ code, message }) => code === "ETIMEDOUT" && /the whole read's time is up/.test(message)),
    );
  });
});
