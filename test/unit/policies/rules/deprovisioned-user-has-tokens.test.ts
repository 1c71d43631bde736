import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { deprovisionedUserHasTokens } from "../../../../policies/rules/deprovisioned-user-has-tokens";
import { at, check, endlessToken, found, userToken } from "../../support";

const username = "eve";
const active = [userToken({ id: "a", name: "left" })];
const unknown =
  "eve: it is not known whether this user is deprovisioned, because listing users was not allowed. " +
  "Use an API token that may list all members, or disable this rule.";

describe("deprovisioned-user-has-tokens", () => {
  it("says which token is left, and what to do", () => {
    assert.deepEqual(check(deprovisionedUserHasTokens, { username, tokens: active, isDeprovisioned: true }), [
      {
        tokenId: "a",
        message: `eve / "left" (a): an active token of a deprovisioned user. Revoke it (DELETE /v1/users/{username}/tokens/{token_id}).`,
      },
    ]);
  });

  for (const { title, state, expected } of [
    { title: "passes a user who is not", state: { isDeprovisioned: false }, expected: [] },
    { title: "passes evidence that never tells", state: {}, expected: [] },
    { title: "finds, once a user, that it cannot be told", state: { isListingExpected: true }, expected: [unknown] },
  ] as const) {
    it(title, () => {
      const tokens = [...active, userToken({ id: "b" })];
      const user = { username, tokens, ...state };
      assert.deepEqual(
        check(deprovisionedUserHasTokens, user),
        expected.map((message) => ({ message })),
      );
    });
  }

  for (const { title, token, counted } of [
    { title: "a read_scaling token", token: userToken({ id: "a", tokenType: "read_scaling" }), counted: true },
    {
      title: "a token that expires in a millisecond",
      token: userToken({ id: "a", expireAt: at(0, 1) }),
      counted: true,
    },
    { title: "a token that expires now", token: userToken({ id: "a", expireAt: at(0) }), counted: false },
    { title: "a token that has expired", token: userToken({ id: "a", expireAt: at(-1) }), counted: false },
    { title: "a token that never expires", token: endlessToken({ id: "a" }), counted: true },
    { title: "a token whose expiry is not a date", token: userToken({ id: "a", expireAt: "x" }), counted: true },
  ]) {
    it(`${counted ? "finds" : "passes"} ${title}`, () => {
      const user = { username, tokens: [token] };
      const gone = { ...user, isDeprovisioned: true };
      assert.deepEqual(found(deprovisionedUserHasTokens, gone), counted ? ["a"] : []);
      assert.equal(found(deprovisionedUserHasTokens, { ...user, isListingExpected: true }).length, counted ? 1 : 0);
    });
  }

  it("finds each token, in its order, and none of a user without tokens", () => {
    const tokens = ["b", "a"].map((id) => userToken({ id }));
    assert.deepEqual(found(deprovisionedUserHasTokens, { username, tokens, isDeprovisioned: true }), ["b", "a"]);
    assert.deepEqual(found(deprovisionedUserHasTokens, { username, tokens: [], isDeprovisioned: true }), []);
  });
});
