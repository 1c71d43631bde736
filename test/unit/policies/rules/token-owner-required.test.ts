import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Owner, UserOwners } from "../../../../core/owner";
import { tokenOwnerRequired } from "../../../../policies/rules/token-owner-required";
import { at, check, endlessToken, found, userToken } from "../../support";

const team: Owner = { name: "data-platform", foundBy: "user setting" };
const owned = (...ids: string[]): UserOwners => ({ tokens: new Map(ids.map((id) => [id, team])) });

describe("token-owner-required", () => {
  it("says which token, what is wrong, and what to do", () => {
    const user = { tokens: [userToken({ id: "a", name: "nightly" })], owners: owned() };
    assert.deepEqual(check(tokenOwnerRequired, user), [
      {
        tokenId: "a",
        message:
          'svc_bi / "nightly" (a): nobody owns it. Name its owner, or that of its user, under owners in the settings.',
      },
    ]);
  });

  it("finds each token without an owner, and no other", () => {
    const tokens = [userToken({ id: "a" }), userToken({ id: "b" }), endlessToken({ id: "c" })];
    assert.deepEqual(found(tokenOwnerRequired, { tokens, owners: owned("b") }), ["a", "c"]);
    assert.deepEqual(found(tokenOwnerRequired, { tokens, owners: owned("a", "b", "c") }), []);
  });

  it("finds every token where nobody has looked for owners: that is not clean", () => {
    assert.deepEqual(found(tokenOwnerRequired, [userToken({ id: "a" })]), ["a"]);
  });

  it("is not satisfied by an owner of the user, whose tokens could be others'", () => {
    const user = { tokens: [userToken({ id: "a" })], owners: { user: team, tokens: new Map() } };
    assert.deepEqual(found(tokenOwnerRequired, user), ["a"]);
  });

  for (const { title, expireAt, isFound } of [
    { title: "expires a millisecond later", expireAt: at(0, 1), isFound: true },
    { title: "expires now", expireAt: at(0), isFound: false },
    { title: "has expired", expireAt: at(-1), isFound: false },
    { title: "expires at a date that cannot be read", expireAt: "never", isFound: true },
  ]) {
    it(`${isFound ? "finds" : "leaves alone"} a token that ${title}`, () => {
      const user = { tokens: [userToken({ id: "a", expireAt })], owners: owned() };
      assert.deepEqual(found(tokenOwnerRequired, user), isFound ? ["a"] : []);
    });
  }
});
