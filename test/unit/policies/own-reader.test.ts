import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { detailsOf } from "../../../core/user";
import { parseInstant } from "../../../core/instant";
import type { GuardSettings } from "../../../policies/configuration/guard";
import { createOwnReader, type OwnReaderOptions } from "../../../policies/own-reader";
import { createOwnReads } from "../../../policies/own-reads";
import { loadOrganization } from "../../../tools/stand-in/organization";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { FAST, goneStandIn, useStandIn, wireToken } from "../support";

describe("the pack's own reader", () => {
  const api = useStandIn();
  afterEach(() => {
    const { users, members } = loadOrganization();
    Object.assign(api.standIn, { users, members });
  });
  const everybody = () => Object.keys(api.standIn.users).sort();

  const make = (options: Partial<OwnReaderOptions> = {}) =>
    createOwnReader({ api: {}, apiUrls: [api.standIn.url], env: api.standIn.env, timing: FAST, ...options });
  const guard = (settings: GuardSettings, options?: Partial<OwnReaderOptions>) => make(options).readGuarded(settings);

  describe("without settings that hold", () => {
    const none = () => make({ env: {} });

    it("says why with each answer, and asks nobody", async () => {
      const reader = none();
      const own = await reader.read({ username: "ada" });
      assert.match(own.kind === "failed" ? own.reason : "", /no MotherDuck API token/);
      const listing = await reader.listUsers();
      assert.ok("reason" in listing && !listing.isForbidden);
      const { users, failure } = await reader.readGuarded({});
      assert.deepEqual(users, []);
      assert.match(failure ?? "", /no MotherDuck API token/);
      assert.deepEqual(await reader.inTurn([1, 2], (n) => Promise.resolve(n * 2)), [2, 4]);
      assert.equal(reader.origin, undefined);
      assert.equal(api.standIn.requests.length, 0);
    });
  });

  describe("its settings", () => {
    it("name the one variable of the API token, where they name one", async () => {
      const env = { PACK_TOKEN: api.standIn.token, MOTHERDUCK_ADMIN_TOKEN: "another" };
      const read = (tokenVariable: string) => make({ api: { tokenVariable }, env }).read({ username: "ada" });
      assert.equal((await read("PACK_TOKEN")).kind, "tokens");
      const own = await read("UNSET");
      const reason = own.kind === "failed" ? own.reason : "";
      assert.match(reason, /looked at UNSET\./);
      assert.doesNotMatch(reason, /MOTHERDUCK/);
    });

    it("say how often the client tries", async () => {
      api.standIn.script("ada", { status: 503 });
      await make({ api: { maxAttempts: 2 } }).read({ username: "ada" });
      assert.equal(api.standIn.readsOf("ada"), 2);
    });

    it("take the address that the environment names where it may be used, and else the first", () => {
      const [first, second] = ["https://one.example.com", "https://two.example.com/"];
      const urlOf = (MOTHERDUCK_API_URL: string | undefined, apiUrls = [first, second]) =>
        make({ apiUrls, env: { MOTHERDUCK_TOKEN: "t", MOTHERDUCK_API_URL } }).origin?.apiUrl;
      assert.equal(urlOf("https://TWO.example.com"), "https://two.example.com");
      assert.equal(urlOf("https://evil.example.com"), first);
      assert.equal(urlOf("no address"), first);
      assert.equal(urlOf(undefined), first);
      assert.equal(urlOf("https://evil.example.com", []), "https://evil.example.com");
    });

    it("give the organization its name", () => {
      const env = { ...api.standIn.env, MOTHERDUCK_ORGANIZATION: "theirs" };
      const { url: apiUrl } = api.standIn;
      assert.deepEqual(make({ organization: "acme", env }).origin, { apiUrl, organization: "acme" });
      assert.deepEqual(make({ env }).origin, { apiUrl, organization: "theirs" });
      assert.deepEqual(make().origin, { apiUrl });
    });
  });

  describe("read", () => {
    it("asks once for a user, and anew where the reading began too early", async () => {
      const reader = make();
      const before = Date.now();
      const [one, two] = await Promise.all([reader.read({ username: "ada" }), reader.read({ username: "ada" })]);
      assert.equal(one, two);
      assert.ok(one.kind === "tokens" && one.tokens.length === 2);
      assert.ok((parseInstant(one.fetchedAt) ?? NaN) >= before);
      assert.equal(await reader.read({ username: "ada" }, before), one);
      assert.equal(api.standIn.readsOf("ada"), 1);
      const anew = await reader.read({ username: "ada" }, Date.now() + 1);
      assert.notEqual(anew, one);
      assert.equal(await reader.read({ username: "ada" }), anew);
      assert.equal(api.standIn.readsOf("ada"), 2);
    });

    it("takes a deprovisioned user whom the API does not know for one without tokens", async () => {
      const left = await make().read({ username: "gone", isDeprovisioned: true });
      assert.deepEqual(left.kind === "tokens" && left.tokens, []);
      assert.equal((await make().read({ username: "gone" })).kind, "failed");
    });

    it("never rejects", async () => {
      const { url, token } = await goneStandIn();
      const reader = make({ api: { maxAttempts: 1 }, apiUrls: [url], env: { MOTHERDUCK_TOKEN: token } });
      const own = await reader.read({ username: "ada" });
      assert.match(own.kind === "failed" ? own.reason : "", /^no answer from http/);
      const listing = await reader.listUsers();
      assert.ok("reason" in listing && !listing.isForbidden && !listing.reason.includes(token));
    });
  });

  it("lists users once, and tells whether it may not", async () => {
    const reader = make();
    const listing = await reader.listUsers();
    assert.ok("users" in listing);
    assert.deepEqual(
      listing.users.map(({ username }) => username),
      everybody(),
    );
    assert.equal(await reader.listUsers(), listing);
    assert.equal(api.standIn.requests.length, 2, "active and deprovisioned users");
    api.standIn.scriptListing(ERRORS.forbidden);
    const forbidden = await make().listUsers();
    assert.ok("reason" in forbidden && forbidden.isForbidden);
  });

  it("calls for no more at the same time than users may be read, and keeps the order", async () => {
    let [now, most] = [0, 0];
    const call = async (n: number) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20 - 4 * n));
      now--;
      return n;
    };
    assert.deepEqual(await make({ api: { concurrency: 2 } }).inTurn([1, 2, 3, 4], call), [1, 2, 3, 4]);
    assert.equal(most, 2);
  });

  describe("readGuarded", () => {
    const namesOf = ({ users }: Awaited<ReturnType<typeof guard>>) => users.map(({ username }) => username);

    it("reads everybody, with what the listing tells, and where it was read", async () => {
      const { users, failure } = await guard({});
      assert.equal(failure, undefined);
      assert.deepEqual(
        users.map(({ username }) => username),
        everybody(),
      );
      for (const { username, origin, isServiceAccount, isDeprovisioned, own, tokens, fetchedAt } of users) {
        assert.deepEqual(origin, { apiUrl: api.standIn.url });
        assert.equal(isServiceAccount, username.startsWith("svc_"), username);
        assert.equal(isDeprovisioned, username === "linus", username);
        assert.deepEqual(own, { kind: "tokens", tokens, fetchedAt });
      }
    });

    it("leaves personal data out where the environment says so; what it verifies with has it", async () => {
      const env = { ...api.standIn.env, MOTHERDUCK_PERSONAL_DATA: "omit" };
      const { users } = await guard({ usernames: ["ada", "svc_etl"] }, { env });
      assert.deepEqual(
        users.map(({ roles }) => roles),
        [["admin"], ["builder"]],
      );
      assert.doesNotMatch(JSON.stringify(users), /example\.com|warehouse/);
      const reader = make({ env });
      const listing = await reader.listUsers();
      assert.match(
        JSON.stringify([listing, await reader.read({ username: "svc_etl" })]),
        /ada@example\.com.*warehouse/,
      );
    });

    it("reads names and globs, and accounts", async () => {
      assert.deepEqual(namesOf(await guard({ usernames: ["svc_*", "ada", "a*"] })), ["ada", "svc_bi", "svc_etl"]);
      assert.deepEqual(namesOf(await guard({ accounts: "serviceAccounts" })), ["svc_bi", "svc_etl"]);
      assert.deepEqual(namesOf(await guard({ accounts: "humans", usernames: ["*a*"] })), ["ada", "grace"]);
    });

    it("reports names that match nobody, and judges the others all the same", async () => {
      const reading = await guard({ usernames: ["ada", "svc_x*", "eve"] });
      assert.deepEqual(namesOf(reading), ["ada"]);
      assert.match(reading.failure ?? "", /^nobody .* is called "svc_x\*", "eve"\.$/);
      const nobody = await guard({ usernames: ["eve"] });
      assert.deepEqual(nobody.users, []);
      assert.match(nobody.failure ?? "", /"eve"/);
    });

    it("fails where the accounts leave nobody", async () => {
      const { users, failure } = await guard({ usernames: ["ada"], accounts: "serviceAccounts" });
      assert.deepEqual(users, []);
      assert.match(failure ?? "", /the selection is empty/);
    });

    it("reports whom it could not read, beside a name that matches nobody", async () => {
      api.standIn.script("ada", ERRORS.forbidden);
      const reading = await guard({ usernames: ["*a*", "eve"] }, { api: { maxAttempts: 1 } });
      assert.deepEqual(namesOf(reading), ["grace"]);
      assert.match(reading.failure ?? "", /"eve"\. And could not read the tokens of 1 of 2 users:\s+- "ada": .*403/);
      assert.ok(!reading.failure?.includes(api.standIn.token));
    });

    it("reads named users without a listing where it may not list, and nobody else", async () => {
      api.standIn.scriptListing(ERRORS.forbidden);
      const reading = await guard({ usernames: ["ada", "linus", "ada"] });
      assert.deepEqual(
        reading.users.map(({ username, isListingExpected, ...user }) => [username, isListingExpected, detailsOf(user)]),
        [
          ["ada", true, {}],
          ["linus", true, {}],
        ],
      );
      assert.equal(reading.failure, undefined);
      for (const settings of [{}, { usernames: ["a*"] }, { usernames: ["ada"], accounts: "humans" }] as const) {
        const { users, failure } = await guard(settings);
        assert.deepEqual(users, []);
        assert.match(failure ?? "", /403/, JSON.stringify(settings));
      }
    });

    it("fails where the listing does, named users or not", async () => {
      api.standIn.scriptListing(ERRORS.internal);
      const { users, failure } = await guard({ usernames: ["ada"] }, { api: { maxAttempts: 1 } });
      assert.deepEqual(users, []);
      assert.match(failure ?? "", /500/);
    });

    describe("with a cache", () => {
      let home: string;
      beforeEach(() => {
        home = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-guard-"));
      });
      afterEach(() => rmSync(home, { recursive: true }));
      const cached = (settings: GuardSettings = {}) =>
        guard({ ...settings, cache: { maxAgeMinutes: 5 } }, { env: { ...api.standIn.env, PULUMI_HOME: home } });

      it("asks for what it does not hold", async () => {
        const first = await cached({ usernames: ["ada"] });
        assert.equal(api.standIn.requests.length, 3, "the listing and one user");
        assert.deepEqual(await cached({ usernames: ["ada"] }), first);
        assert.equal(api.standIn.requests.length, 3);
        api.standIn.users = { ...api.standIn.users, ada: [wireToken("new")] };
        assert.deepEqual(namesOf(await cached()), everybody());
        assert.deepEqual([api.standIn.readsOf("ada"), api.standIn.readsOf("grace")], [1, 1]);
      });

      it("keeps no personal data where the environment says so", async () => {
        const [env, folder] = [
          { ...api.standIn.env, PULUMI_HOME: home },
          path.join(home, "motherduck-tokens", "guard"),
        ];
        const kept = () => readdirSync(folder).map((file) => readFileSync(path.join(folder, file), "utf8"));
        const settings = { cache: { maxAgeMinutes: 5 } };
        await guard(settings, { env: { ...env, MOTHERDUCK_PERSONAL_DATA: "omit" } });
        assert.match(kept().join(), /svc_etl/);
        assert.doesNotMatch(kept().join(), /example\.com|warehouse/);
      });

      it("does not keep who could not be read", async () => {
        api.standIn.script("ada", ERRORS.forbidden, { body: { tokens: [] } });
        assert.match((await cached({ usernames: ["ada"] })).failure ?? "", /403/);
        assert.deepEqual(namesOf(await cached({ usernames: ["ada"] })), ["ada"]);
      });

      it("keeps users also where it may not list", async () => {
        api.standIn.scriptListing(ERRORS.forbidden);
        await cached({ usernames: ["ada"] });
        assert.deepEqual(namesOf(await cached({ usernames: ["ada"] })), ["ada"]);
        assert.equal(api.standIn.readsOf("ada"), 1);
      });

      it("judges nobody where its folder is open to others", async () => {
        await cached();
        chmodSync(path.join(home, "motherduck-tokens", "guard"), 0o755);
        const { users, failure } = await cached();
        assert.deepEqual(users, []);
        assert.match(failure ?? "", /open to others/);
      });
    });
  });
});

describe("the pack's own reads", () => {
  const api = useStandIn();
  const make = (guard?: GuardSettings) =>
    createOwnReads({ api: {}, apiUrls: [api.standIn.url], guard }, { ...api.standIn.env });

  it("guard nobody, and load nothing, where there is no guard", async () => {
    const own = make();
    assert.equal(own.isGuarded, false);
    assert.deepEqual(await own.guarded(), { users: [] });
    assert.equal(api.standIn.requests.length, 0);
  });

  it("read guarded users once, with the reader that the rules get", async () => {
    const own = make({ usernames: ["ada"] });
    assert.equal(own.isGuarded, true);
    assert.equal(own.guarded(), own.guarded());
    const [ada] = (await own.guarded()).users;
    assert.equal(await own.reader().read({ username: "ada" }), ada?.own);
    assert.equal(own.reader(), own.reader());
    assert.equal(api.standIn.readsOf("ada"), 1);
  });
});
