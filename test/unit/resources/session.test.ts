import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, it } from "mocha";
import { ApiError, SettingsError } from "../../../client/errors";
import { createSession, type Session } from "../../../resources/session";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { until } from "../../until";
import { failureOf, useStandIn } from "../support";

describe("session", () => {
  const api = useStandIn();
  let session: Session;
  beforeEach(() => {
    session = createSession(() => undefined, api.standIn.env);
  });

  describe("a read that was started ahead", () => {
    it("is not started again", async () => {
      session.readAhead(["ada", "grace"]);
      session.readAhead(["grace", "ada"]);
      assert.equal((await session.read("ada")).username, "ada");
      assert.equal((await session.read("ada")).tokens.length, 2);
      await session.read("grace");
      assert.deepEqual([api.standIn.readsOf("ada"), api.standIn.readsOf("grace")], [1, 1]);
    });

    it("runs beside the others", async () => {
      api.standIn.latencyMs = 50;
      session.readAhead(Object.keys(api.standIn.users));
      await session.read("ada");
      assert.equal(api.standIn.mostAtOnce, 5);
    });

    it("keeps its error for the one who asks, and is asked for again after that", async () => {
      api.standIn.script("ada", ERRORS.internal);
      session.readAhead(["ada"]);
      await sleep(50);
      const { status, message } = await failureOf(() => session.read("ada"), ApiError);
      assert.equal(status, 500);
      assert.match(message, /^could not read the tokens of user "ada"/);
      assert.equal(api.standIn.readsOf("ada"), 1);
      api.standIn.script("ada", { body: { tokens: [] } });
      assert.deepEqual((await session.read("ada")).tokens, []);
    });

    it("fails in silence where nobody asks", async () => {
      const unhandled: unknown[] = [];
      const note = (error: unknown) => unhandled.push(error);
      process.on("unhandledRejection", note);
      try {
        createSession(() => undefined, {}).readAhead(["ada"]);
        session.readAhead(["nobody", ".."]);
        await until("the read", () => api.standIn.readsOf("nobody") > 0);
        await sleep(50);
      } finally {
        process.off("unhandledRejection", note);
      }
      assert.deepEqual(unhandled, []);
    });
  });

  describe("users who are read ahead", () => {
    const sessionOf = (...usersAhead: string[]) => createSession(() => undefined, api.standIn.env, { usersAhead });
    const reads = () => Object.keys(api.standIn.users).map((username) => api.standIn.readsOf(username));

    it("are read with the first one, all at the same time, each once", async () => {
      api.standIn.latencyMs = 50;
      const names = Object.keys(api.standIn.users);
      const ahead = sessionOf("*");
      for (const username of names) assert.equal((await ahead.read(username)).username, username);
      for (const username of names) await ahead.read(username);
      assert.deepEqual(
        reads(),
        names.map(() => 1),
      );
      assert.ok(api.standIn.mostAtOnce >= names.length - 1, `${api.standIn.mostAtOnce} at once`);
    });

    it("are those who are named, without asking for the list of users", async () => {
      const ahead = sessionOf("ada", "grace");
      await ahead.read("ada");
      await until("the other read", () => api.standIn.readsOf("grace") > 0);
      await sleep(50);
      assert.deepEqual(api.standIn.requests.map(({ url }) => url).sort(), [
        "/v1/users/ada/tokens",
        "/v1/users/grace/tokens",
      ]);
      await ahead.read("grace");
      assert.equal(api.standIn.readsOf("grace"), 1);
    });

    it("are nobody before the first is asked for, and where there is no setting", async () => {
      sessionOf("*");
      const without = sessionOf();
      await without.read("ada");
      await sleep(50);
      assert.equal(api.standIn.requests.length, 1);
    });

    it("keep their errors for themselves", async () => {
      api.standIn.script("grace", ERRORS.internal);
      const ahead = sessionOf("*");
      await ahead.read("ada");
      await sleep(50);
      await ahead.read("svc_bi");
      const { status } = await failureOf(() => ahead.read("grace"), ApiError);
      assert.equal(status, 500);
    });

    it("are read one by one where the API token may not list users", async () => {
      api.standIn.scriptListing(ERRORS.forbidden);
      const ahead = sessionOf("*");
      for (const username of ["ada", "grace"]) await ahead.read(username);
      assert.deepEqual([api.standIn.readsOf("ada"), api.standIn.readsOf("grace")], [1, 1]);
    });
  });

  it("says what is wrong with the settings each time it is asked", async () => {
    const broken = createSession((key) => (key === "maxAttempts" ? "many" : undefined), api.standIn.env);
    for (const ask of [() => broken.read("ada"), () => broken.reader()]) {
      assert.match((await failureOf(ask, SettingsError)).message, /maxAttempts.*many/);
    }
  });
});
