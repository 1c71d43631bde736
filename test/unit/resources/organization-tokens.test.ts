import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import type { Provenance } from "../../../core/provenance";
import type { OrganizationUser } from "../../../core/organization-user";
import { type Properties, UNKNOWN_VALUE } from "../../../resources/evidence-resource";
import { organizationTokensResource as organizationTokens } from "../../../resources/organization-tokens";
import { createSession, type Session } from "../../../resources/session";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { assertHidden, at, failureOf, userToken, useStandIn, without } from "../support";

const ACTIVE = ["ada", "grace", "svc_bi", "svc_etl"];

describe("OrganizationTokens", () => {
  const api = useStandIn();
  let session: Session;
  beforeEach(() => {
    session = sessionWith();
  });

  const sessionWith = (config: Record<string, string> = {}) =>
    createSession((key) => config[key] ?? (key === "attemptTimeoutSeconds" ? "5" : undefined), api.standIn.env);
  const check = (news: Properties) => organizationTokens.check(news, session);
  const read = async (news: Properties = {}) => {
    const { inputs, failures } = await check(news);
    assert.equal(failures, undefined);
    const { _provenance, ...evidence } = inputs as { users: OrganizationUser[]; _provenance: Provenance };
    const { fetchedAt, ...origin } = _provenance;
    assert.deepEqual(origin, { apiUrl: api.standIn.url });
    return { ...evidence, fetchedAt };
  };
  const names = async (news: Properties) => (await read(news)).users.map(({ username }) => username);
  const reasonOf = async (news: Properties = {}) => {
    const { inputs, failures = [] } = await check(news);
    assert.deepEqual(inputs, news, "no evidence is not an empty list");
    assert.deepEqual(
      failures.map(({ property }) => property),
      [""],
    );
    const [{ reason } = { reason: "" }] = failures;
    assertHidden(new Error(reason), api.standIn.token);
    return reason;
  };

  describe("check", () => {
    it("gives everybody with tokens and flags, and when the reading began", async () => {
      const before = new Date().toISOString();
      const { users, fetchedAt, ...rest } = await read();
      assert.deepEqual(rest, {});
      assert.deepEqual(
        users.map(({ username, isServiceAccount, isDeprovisioned, tokens }) => [
          username,
          isServiceAccount,
          isDeprovisioned,
          tokens.map(({ name }) => name),
        ]),
        [
          ["ada", false, false, ["laptop", "notebook"]],
          ["grace", false, false, ["laptop", "old-laptop", "experiment"]],
          ["linus", false, true, []],
          ["svc_bi", true, false, ["refresh", "dashboards"]],
          ["svc_etl", true, false, ["nightly", "nightly-next"]],
        ],
      );
      assert.ok(fetchedAt >= before && fetchedAt <= new Date().toISOString());
    });

    it("gives e-mail addresses, roles and descriptions, and leaves personal data out where it is told to", async () => {
      const [ada] = (await read()).users;
      assert.deepEqual([ada?.email, ada?.roles], ["ada@example.com", ["admin"]]);
      assert.match(JSON.stringify(await read()), /Loads the warehouse/);
      session = sessionWith({ personalData: "omit" });
      const omitted = await read();
      assert.deepEqual(omitted.users[0]?.roles, ["admin"]);
      assert.doesNotMatch(JSON.stringify(omitted), /example\.com|warehouse/);
    });

    it("gives nothing that the engine cannot carry", async () => {
      for (const news of [{}, { usernames: ["ada"] }, { usernames: ["nobody"] }, { accounts: UNKNOWN_VALUE }]) {
        const result = await check(news);
        assert.deepEqual(result, JSON.parse(JSON.stringify(result)));
      }
    });

    it("asks for each user once, and for the listing once", async () => {
      await read();
      for (const username of ACTIVE) assert.equal(api.standIn.readsOf(username), 1);
      assert.equal(api.standIn.requests.length, 2 + 5);
      await read({ accounts: "humans" });
      assert.equal(api.standIn.requests.length, 2 + 5, "what another resource has read is not read again");
    });

    it("tells the time of the oldest reading", async () => {
      const { fetchedAt } = await session.read("ada");
      assert.equal((await read()).fetchedAt, fetchedAt);
    });

    for (const [title, news, users] of [
      ["usernames select", { usernames: ["svc_bi", "ada"] }, ["ada", "svc_bi"]],
      ["a name counts once", { usernames: ["ada", "ada"] }, ["ada"]],
      ["`humans` are people", { accounts: "humans" }, ["ada", "grace", "linus"]],
      ["`serviceAccounts` are the others", { accounts: "serviceAccounts" }, ["svc_bi", "svc_etl"]],
      ["`all` is everybody", { accounts: "all" }, ["ada", "grace", "linus", "svc_bi", "svc_etl"]],
      ["both together mean both", { usernames: ["ada", "svc_bi"], accounts: "humans" }, ["ada"]],
    ] as const) {
      it(title, async () => {
        assert.deepEqual(await names(news), users);
        assert.deepEqual((await check(news)).inputs.usernames, (news as Properties).usernames);
      });
    }

    it("sends nothing where something is unknown, and leaves the users unknown", async () => {
      for (const news of [
        { usernames: UNKNOWN_VALUE },
        { usernames: ["ada", UNKNOWN_VALUE] },
        { accounts: UNKNOWN_VALUE },
        { usernames: ["ada"], accounts: UNKNOWN_VALUE },
      ]) {
        assert.deepEqual(await check(news), { inputs: { ...news, users: UNKNOWN_VALUE, _provenance: UNKNOWN_VALUE } });
      }
      assert.equal(api.standIn.requests.length, 0);
    });

    it("drops evidence that the program made itself, whether the read succeeds or not", async () => {
      const provenance = { apiUrl: "https://api.motherduck.com", fetchedAt: "2999-01-01T00:00:00Z" };
      const forged = { users: [{ username: "ada", tokens: [] }], _provenance: provenance, more: 1 };
      const { users, fetchedAt } = await read({ ...forged, usernames: ["ada"] });
      assert.equal(users[0]?.tokens.length, 2);
      assert.notEqual(fetchedAt, provenance.fetchedAt);
      assert.deepEqual((await check({ ...forged, usernames: ["nobody"] })).inputs, { usernames: ["nobody"] });
      assert.equal((await check({ ...forged, usernames: UNKNOWN_VALUE })).inputs.users, UNKNOWN_VALUE);
    });

    it("makes names safe to print, and asks with those that the API gave", async () => {
      const { users } = api.standIn;
      api.standIn.users = { "b\u001b[2J": [], a: [] };
      try {
        assert.deepEqual(await names({}), ["a", "b\\u001b[2J"]);
        assert.equal(api.standIn.readsOf("b\u001b[2J"), 1);
        const inputs: Properties = { ...(await read({ usernames: ["b\u001b[2J"] })) };
        assert.deepEqual(inputs.usernames, ["b\\u001b[2J"]);
        const again = await organizationTokens.refresh("organization", inputs, session);
        assert.deepEqual([again?.users, again?.usernames], [inputs.users, inputs.usernames]);
      } finally {
        api.standIn.users = users;
      }
    });

    it("takes a deprovisioned user whom the API does not know for one without tokens", async () => {
      api.standIn.script("linus", ERRORS.notFound);
      const { users } = await read();
      assert.deepEqual(users.find(({ username }) => username === "linus")?.tokens, []);
    });

    describe("where the API token may not list users", () => {
      beforeEach(() => api.standIn.scriptListing(ERRORS.forbidden));

      it("reads those that are named, without flags", async () => {
        const { users } = await read({ usernames: ["svc_bi", "ada", "ada"] });
        assert.deepEqual(
          users.map((user) => [user.username, Object.keys(user)]),
          ["ada", "svc_bi"].map((username) => [username, ["username", "tokens"]]),
        );
        assert.deepEqual(await names({ usernames: ["ada"], accounts: "all" }), ["ada"]);
      });

      it("fails where it needs the listing", async () => {
        for (const news of [{}, { accounts: "all" }, { usernames: ["ada"], accounts: "humans" }]) {
          assert.match(await reasonOf(news), /^could not read the users of the organization: the API answered 403/);
        }
      });

      it("fails on a name that is not there", async () => {
        assert.match(
          await reasonOf({ usernames: ["ada", "nobody"] }),
          /^could not read the tokens of 1 of 2 users:\n {2}- "nobody": the API answered 404 NOT_FOUND/,
        );
      });
    });

    it("does not take another refusal for that", async () => {
      api.standIn.scriptListing({ status: 403, body: "Forbidden" });
      assert.match(await reasonOf({ usernames: ["ada"] }), /^could not read the users of the organization/);
    });

    describe("fails, with what to do,", () => {
      for (const [title, news, says] of [
        [
          "on a name that is not listed",
          { usernames: ["ada", "nobody"] },
          /^not in the organization .*"nobody"\. Check/,
        ],
        ["on an empty list of names", { usernames: [] }, /^usernames is an empty list\. Name at least one user/],
        [
          "on a selection that is empty",
          { usernames: ["ada"], accounts: "serviceAccounts" },
          /^the selection is empty/,
        ],
        ["on usernames that are no list", { usernames: "ada" }, /^usernames is not a list/],
        ["on null in place of usernames", { usernames: null }, /^usernames is not a list/],
        ["on a name that cannot be", { usernames: ["ada", ".."] }, /^username cannot be used: it is ".."/],
        ["on a name that is none", { usernames: [7] }, /^username cannot be used: it is number/],
        [
          "on accounts that are not known",
          { accounts: "robots" },
          /^accounts is "robots"\. Use one of "all", "humans"/,
        ],
        ["on accounts of another type", { accounts: 7 }, /^accounts is a value of another type \(number\)/],
      ] as const) {
        it(title, async () => assert.match(await reasonOf(news), says));
      }

      it("where there is no token", async () => {
        session = createSession(() => undefined, {});
        assert.match(await reasonOf(), /^no MotherDuck API token: looked at /);
      });

      it("on a listing without anybody", async () => {
        api.standIn.scriptListing({ body: { users: [], total_count: 0 } });
        assert.match(await reasonOf(), /the API lists nobody/);
      });

      it("on a listing that ends early", async () => {
        api.standIn.scriptListing({ body: { users: [{ id: "1", username: "ada" }], total_count: 2 } });
        assert.match(await reasonOf({ usernames: ["ada"] }), /announced 2 users and listed 1/);
      });

      it("on users that cannot be read, all in one", async () => {
        api.standIn.script("ada", ERRORS.internal);
        api.standIn.script("svc_bi", ERRORS.internal);
        api.standIn.script("grace", { body: {} });
        const lines = (await reasonOf()).split("\n");
        assert.equal(lines[0], "could not read the tokens of 3 of 5 users:");
        assert.match(lines[1] ?? "", /^ {2}- "ada", "svc_bi": the API answered 500 INTERNAL_SERVER_ERROR/);
        assert.match(lines[2] ?? "", /^ {2}- "grace": in the answer \(status 200\), field tokens is missing/);
        assert.equal(lines.length, 3);
      });
    });

    it("reads no more users at the same time than `concurrency` allows", async () => {
      session = sessionWith({ concurrency: "2" });
      api.standIn.latencyMs = 20;
      await read();
      assert.equal(api.standIn.mostAtOnce, 2);
    });
  });

  describe("diff", () => {
    const user = (username: string, ...ids: string[]) => ({ username, tokens: ids.map((id) => userToken({ id })) });
    const readAt = (days: number) => ({ apiUrl: "https://a.example", fetchedAt: at(days) });
    const olds = { usernames: ["ada", "eve"], users: [user("ada", "a", "b"), user("eve")], _provenance: readAt(-1) };
    for (const { title, before = olds, news, changes } of [
      { title: "sees no change in the time of reading", news: { _provenance: readAt(0) }, changes: false },
      { title: "sees no change in the order of usernames", news: { usernames: ["eve", "ada", "eve"] }, changes: false },
      { title: "sees no change where the default is spelt out", news: { accounts: "all" }, changes: false },
      {
        title: "sees no change in the order of tokens",
        news: { users: [user("ada", "b", "a"), user("eve")] },
        changes: false,
      },
      { title: "sees a new token", news: { users: [user("ada", "a", "b"), user("eve", "c")] }, changes: true },
      { title: "sees a user who is gone", news: { users: [user("ada", "a", "b")] }, changes: true },
      { title: "sees a filter", news: { accounts: "humans" }, changes: true },
      { title: "sees another selection", news: { usernames: ["ada"] }, changes: true },
      { title: "sees users that are unknown", news: { users: UNKNOWN_VALUE }, changes: true },
      { title: "sees users in place of hidden ones", before: { ...olds, users: "[secret]" }, news: {}, changes: true },
    ] as { title: string; before?: Properties; news: Properties; changes: boolean }[]) {
      it(title, () => {
        assert.deepEqual(organizationTokens.diff(before, { ...olds, ...news }), { changes, replaces: [] });
      });
    }
  });

  it("has one id, whatever it reads", () => {
    assert.equal(organizationTokens.idOf({ usernames: ["ada"] }), "organization");
    assert.equal(organizationTokens.idOf({}), "organization");
  });

  describe("outputs", () => {
    it("are the selection and the evidence of check, without its time", async () => {
      const { inputs } = await check({ usernames: ["ada"], accounts: "humans" });
      assert.deepEqual(organizationTokens.outputsOf({ ...inputs }), without(inputs, "_provenance"));
    });

    for (const users of [undefined, UNKNOWN_VALUE, "[secret]", [], [null]]) {
      it(`cannot be made of ${JSON.stringify(users)}`, async () => {
        const error = await failureOf(() => organizationTokens.outputsOf({ users }));
        assert.match(error.message, /^no tokens were read for this resource/);
      });
    }
  });

  describe("refresh", () => {
    const refresh = (outputs: Properties) => organizationTokens.refresh("organization", outputs, session);
    const namesOf = (inputs: Properties | undefined) =>
      (inputs?.users as OrganizationUser[]).map(({ username }) => username);

    it("reads what the outputs say was selected", async () => {
      const inputs = await refresh({ usernames: ["ada", "svc_bi"], accounts: "humans", users: [] });
      assert.deepEqual(namesOf(inputs), ["ada"]);
      assert.deepEqual([inputs?.usernames, inputs?.accounts], [["ada", "svc_bi"], "humans"]);
      assert.equal((inputs?._provenance as Provenance).apiUrl, api.standIn.url);
    });

    it("reads everybody who is there now", async () => {
      assert.equal(namesOf(await refresh({ users: [] })).length, 5);
    });

    it("leaves out users who are gone", async () => {
      assert.deepEqual(namesOf(await refresh({ usernames: ["ada", "nobody"] })), ["ada"]);
      api.standIn.script("ada", ERRORS.notFound);
      assert.deepEqual(namesOf(await refresh({ usernames: ["ada", "grace"] })), ["ada", "grace"], "it was read before");
      session = sessionWith();
      assert.deepEqual(namesOf(await refresh({ usernames: ["ada", "grace"] })), ["grace"]);
    });

    it("is without a result where all are gone", async () => {
      assert.equal(await refresh({ usernames: ["nobody"] }), undefined);
      api.standIn.scriptListing(ERRORS.forbidden);
      session = sessionWith();
      assert.equal(await refresh({ usernames: ["nobody"] }), undefined);
    });

    it("fails where somebody cannot be read", async () => {
      api.standIn.script("ada", ERRORS.internal);
      assert.match((await failureOf(() => refresh({}))).message, /^could not read the tokens of 1 of 5 users/);
    });
  });
});
