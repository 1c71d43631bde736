import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { sortTokens } from "../../../core/user-token";
import { createOwnReader, type OwnReader } from "../../../policies/own-reader";
import type { UserEvidence } from "../../../policies/rule";
import { type EvidenceSelection, verifyEvidence } from "../../../policies/verify-evidence";
import { loadOrganization } from "../../../tools/stand-in/organization";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { FAST, useStandIn, userToken, wireToken } from "../support";

describe("verifyEvidence", () => {
  const api = useStandIn();
  afterEach(() => {
    const { users, members } = loadOrganization();
    Object.assign(api.standIn, { users, members });
  });
  const makeReader = (): OwnReader =>
    createOwnReader({ api: { maxAttempts: 1 }, apiUrls: [api.standIn.url], env: api.standIn.env, timing: FAST });
  const verify = (users: readonly UserEvidence[], selection?: EvidenceSelection, reader = makeReader()) =>
    verifyEvidence(users, selection, reader);

  const user = (username: string, tokens = [userToken({ id: "a" })]): UserEvidence => ({ username, tokens });
  const wire = ({ id, name = "", createdTs, expireAt = "" } = userToken({ id: "a" })) =>
    wireToken(id, { name, created_ts: createdTs, expire_at: expireAt });
  const namesOf = ({ users }: Awaited<ReturnType<typeof verify>>) =>
    users.map(({ username, own }) => `${username} ${own?.kind ?? ""}`);

  it("puts what it read beside the evidence, once for a user, and asks for no listing", async () => {
    api.standIn.users = { ada: [wire()] };
    const reader = makeReader();
    for (let round = 0; round < 2; round++) {
      const { users, failure } = await verify([user("ada")], undefined, reader);
      assert.equal(failure, undefined);
      const [{ own, ...evidence } = user("")] = users;
      assert.deepEqual(evidence, user("ada"));
      assert.ok(own?.kind === "tokens");
      assert.deepEqual(own.tokens, evidence.tokens);
    }
    assert.deepEqual(
      api.standIn.requests.map(({ url }) => url),
      ["/v1/users/ada/tokens"],
    );
  });

  it("reads again before it tells a difference, and once for all that were at hand before", async () => {
    const reader = makeReader();
    api.standIn.users = { ada: [] };
    await reader.read({ username: "ada" });
    api.standIn.users = { ada: [wire()] };
    // The clock counts milliseconds: the reading must have begun in an earlier one.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { users } = await verify([user("ada")], undefined, reader);
    assert.deepEqual(users[0]?.own?.kind === "tokens" && users[0].own.tokens, user("ada").tokens);
    assert.equal(api.standIn.readsOf("ada"), 2);
  });

  it("keeps a difference that a second read confirms", async () => {
    api.standIn.users = { ada: [wire(), wireToken("b")] };
    const { users } = await verify([user("ada")]);
    const own = users[0]?.own;
    assert.deepEqual(own?.kind === "tokens" && own.tokens.map(({ id }) => id), ["a", "b"]);
    assert.deepEqual(users[0]?.tokens, user("ada").tokens);
  });

  it("takes tokens in another order for the same", async () => {
    const tokens = [userToken({ id: "a" }), userToken({ id: "b" })];
    api.standIn.users = { ada: tokens.map(wire) };
    await verify([user("ada", sortTokens(tokens).reverse())]);
    assert.equal(api.standIn.readsOf("ada"), 1);
  });

  it("says of a user that it could not read", async () => {
    api.standIn.script("ada", ERRORS.forbidden);
    const { users, failure } = await verify([user("ada"), user("grace")]);
    assert.deepEqual(namesOf({ users }), ["ada failed", "grace tokens"]);
    assert.equal(failure, undefined);
    assert.equal(api.standIn.readsOf("ada"), 1, "a failure is no difference");
  });

  describe("of many users", () => {
    const all = () => Object.keys(api.standIn.users).sort();
    const evidence = (names: readonly string[]) => names.map((name) => user(name));

    it("adds the flags that the listing tells", async () => {
      const { users, failure } = await verify(evidence(all()), {});
      assert.equal(failure, undefined);
      assert.deepEqual(
        users.map(({ username, own }) => [
          username,
          own?.kind === "tokens" && [own.isServiceAccount, own.isDeprovisioned],
        ]),
        all().map((name) => [name, [name.startsWith("svc_"), name === "linus"]]),
      );
    });

    for (const { title, selection, expected } of [
      { title: "everybody", selection: {}, expected: ["grace", "linus", "svc_bi", "svc_etl"] },
      { title: "people", selection: { accounts: "humans" }, expected: ["grace", "linus"] },
      { title: "service accounts", selection: { accounts: "serviceAccounts" }, expected: ["svc_bi", "svc_etl"] },
      {
        title: "accounts of a kind that is none",
        selection: { accounts: 7 },
        expected: ["grace", "linus", "svc_bi", "svc_etl"],
      },
      {
        title: "named users, each once",
        selection: { usernames: ["ada", "eve", "eve", "bob"] },
        expected: ["eve", "bob"],
      },
      { title: "a list that holds no names", selection: { usernames: [null, 7, "eve"] }, expected: ["eve"] },
      { title: "names that are no list", selection: { usernames: "svc_*" }, expected: [] },
    ]) {
      it(`tells who was left out of ${title}`, async () => {
        const verified = await verify(evidence(["ada"]), selection);
        assert.deepEqual(namesOf(verified), ["ada tokens", ...expected.map((name) => `${name} leftOut`)]);
        assert.equal(verified.failure, undefined);
      });
    }

    it("expects a user of whom the API does not return whether it is a service account", async () => {
      const listed = (username: string, fields: object) => ({ id: username, username, ...fields });
      const users = [
        listed("ada", {}),
        listed("svc", { is_service_account: true }),
        listed("eve", { is_service_account: false }),
      ];
      api.standIn.scriptListing({ body: { users, total_count: 3, next_page_token: null } });
      assert.deepEqual(namesOf(await verify([], { accounts: "humans" })), ["ada leftOut", "eve leftOut"]);
      assert.deepEqual(namesOf(await verify([], { accounts: "serviceAccounts" })), ["ada leftOut", "svc leftOut"]);
    });

    it("does without the listing where it may not list, for named users alone", async () => {
      api.standIn.scriptListing(ERRORS.forbidden);
      const named = await verify(evidence(["ada"]), { usernames: ["ada", "eve"] });
      assert.deepEqual([namesOf(named), named.failure], [["ada tokens", "eve leftOut"], undefined]);
      for (const selection of [{}, { usernames: ["ada"], accounts: "humans" }]) {
        const verified = await verify(evidence(["ada"]), selection);
        assert.deepEqual(namesOf(verified), ["ada tokens"]);
        assert.match(verified.failure ?? "", /403/);
      }
    });

    it("fails where the listing does, for named users, too", async () => {
      api.standIn.scriptListing(ERRORS.internal);
      const verified = await verify(evidence(["ada"]), { usernames: ["ada"] });
      assert.deepEqual(namesOf(verified), ["ada tokens"]);
      assert.match(verified.failure ?? "", /500/);
    });
  });
});
