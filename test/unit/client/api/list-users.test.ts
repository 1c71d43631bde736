import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ApiError, NetworkError, ResponseError } from "../../../../client/errors";
import { listUsers } from "../../../../client/api/list-users";
import { createTransport } from "../../../../client/http/transport";
import { ERRORS } from "../../../../tools/stand-in/stand-in";
import { failureOf, FAST, settingsFor, useStandIn } from "../../support";

describe("listUsers", () => {
  const api = useStandIn();
  const list = (deadlineSeconds = 10) => listUsers(createTransport(settingsFor(api.standIn), FAST), deadlineSeconds);

  /** The wire's users; one page for active users, one for deprovisioned ones, in either order. */
  const answer = (users: object[], more: object = {}) => ({ body: { users, next_page_token: null, ...more } });
  const user = (username: string, fields: object = {}) => ({ id: username, username, ...fields });

  it("gives everybody by username, the deprovisioned ones included, with what the API tells of them", async () => {
    const person = { isServiceAccount: false, isDeprovisioned: false };
    assert.deepEqual(await list(), [
      { username: "ada", ...person, email: "ada@example.com", roles: ["admin"] },
      { username: "grace", ...person, email: "grace@example.com", roles: ["builder"] },
      { username: "linus", ...person, isDeprovisioned: true, email: "linus@example.com", roles: ["explorer"] },
      { username: "svc_bi", isServiceAccount: true, isDeprovisioned: false, roles: ["explorer"] },
      { username: "svc_etl", isServiceAccount: true, isDeprovisioned: false, roles: ["builder"] },
    ]);
  });

  it("asks for active and for deprovisioned users explicitly, 1,000 a page", async () => {
    await list();
    assert.deepEqual(
      api.standIn.requests.map(({ url }) => url).sort(),
      [false, true].map((flag) => `/v1/users?limit=1000&is_deprovisioned=${flag}`),
    );
  });

  it("walks all pages", async () => {
    const { users } = api.standIn;
    const count = 2500;
    api.standIn.users = Object.fromEntries(Array.from({ length: count }, (_, index) => [`user_${index}`, []]));
    try {
      assert.equal((await list()).length, count);
      assert.equal(api.standIn.requests.length, 3 + 1);
    } finally {
      api.standIn.users = users;
    }
  });

  it("lists a user once who shows up on two pages", async () => {
    const page = answer([user("ada", { is_deprovisioned: false })], { next_page_token: "2", total_count: 1 });
    api.standIn.scriptListing(page, page, answer([user("ada", { is_deprovisioned: false })], { total_count: 1 }));
    assert.deepEqual(await list(), [{ username: "ada", isDeprovisioned: false }]);
  });

  it("does not lose one of two users with the same id", async () => {
    api.standIn.scriptListing(answer([user("ada", { id: "1" }), user("eve", { id: "1" })]), answer([]));
    const error = await failureOf(() => list(), ResponseError);
    assert.match(error.message, /two users have the id "1": "ada" and "eve"\. Try again/);
  });

  it("takes the flag that was asked for where the API does not repeat it, and no other", async () => {
    api.standIn.scriptListing(answer([user("ada")]), answer([]));
    const [ada] = await list();
    assert.equal(ada?.isServiceAccount, undefined);
    assert.equal(typeof ada?.isDeprovisioned, "boolean");
  });

  it("does not know a detail in which two entries of a name contradict each other", async () => {
    api.standIn.scriptListing(
      answer([
        { id: "1", username: "ada", is_service_account: true, is_deprovisioned: false },
        { id: "2", username: "ada", is_service_account: true, is_deprovisioned: true },
        { id: "3", username: "eve", is_service_account: false, is_deprovisioned: true },
        { id: "4", username: "eve", is_deprovisioned: true },
      ]),
    );
    assert.deepEqual(await list(), [
      { username: "ada", isServiceAccount: true },
      { username: "eve", isDeprovisioned: true },
    ]);
  });

  it("fails on an empty listing", async () => {
    api.standIn.scriptListing(answer([], { total_count: 0 }));
    const { message } = await failureOf(() => list(), ResponseError);
    assert.match(message, /^could not read the users of the organization: the API lists nobody/);
  });

  it("fails on a total_count that the pages do not reach", async () => {
    api.standIn.scriptListing(answer([user("ada")], { total_count: 3 }));
    const { message } = await failureOf(() => list(), ResponseError);
    assert.match(message, /the API announced 3 users and listed 1\. Try again/);
  });

  it("fails on pages that run in a circle", async () => {
    api.standIn.scriptListing(answer([user("ada")], { next_page_token: "again" }));
    assert.match((await failureOf(() => list(), ResponseError)).message, /pages run in a circle/);
  });

  for (const [title, body, says] of [
    ["without a list", {}, "field users is missing"],
    ["with null in place of the list", { users: null }, "field users is null, expected Array"],
    ["that is a bare list", [], "field users is missing"],
    ["with a user without a name", { users: [{ id: "1" }] }, 'field users[0].username (user "1") is missing'],
    [
      "with a user whose name is empty",
      { users: [{ id: "1", username: "" }] },
      "is empty, expected a non-empty string",
    ],
    ["with a flag of another type", { users: [user("ada", { is_deprovisioned: "no" })] }, 'is "no", expected boolean'],
    ["with a count of another type", { users: [], total_count: "3" }, "field total_count"],
  ] as const) {
    it(`fails on an answer ${title}, and says where`, async () => {
      api.standIn.scriptListing({ body });
      const { message } = await failureOf(() => list(), ResponseError);
      assert.ok(message.includes(says), message);
    });
  }

  it("fails with the API's own word where it may not list", async () => {
    api.standIn.scriptListing(ERRORS.forbidden);
    const { status, code } = await failureOf(() => list(), ApiError);
    assert.deepEqual([status, code], [403, "FORBIDDEN"]);
  });

  it("keeps to its deadline", async () => {
    api.standIn.latencyMs = 10_000;
    assert.equal((await failureOf(() => list(0.1), NetworkError)).code, "ETIMEDOUT");
  });
});
