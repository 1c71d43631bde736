import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { decodeUser, encodeUser, isUserList, sameUsers, sortUsers } from "../../../core/organization-user";
import { userToken } from "../support";

const a = userToken({ id: "a" });
const b = userToken({ id: "b" });
const ada = { username: "ada", isServiceAccount: false, isDeprovisioned: false, tokens: [a, b] };
const eve = { username: "eve", tokens: [] };

describe("sortUsers", () => {
  it("sorts by username, by code unit", () => {
    const users = ["b", "B", "a", "ä", "a"].map((username) => ({ username, tokens: [] }));
    assert.deepEqual(
      sortUsers(users).map(({ username }) => username),
      ["B", "a", "a", "b", "ä"],
    );
  });
});

describe("encodeUser", () => {
  it("makes the texts of the user and of the tokens safe to print, however long, and keeps all else", () => {
    const name = `\u001b${"x".repeat(600)}`;
    const shown = `\\u001b${"x".repeat(600)}`;
    const user = { ...ada, username: name, email: name, roles: ["admin", name], tokens: [a, { ...b, name }] };
    const safe = { username: shown, email: shown, roles: ["admin", shown] };
    const encoded = { ...ada, ...safe, tokens: [a, { ...b, name: shown }] };
    assert.deepEqual(encodeUser(user), encoded);
    assert.deepEqual(decodeUser(encoded), user);
  });
});

describe("sameUsers", () => {
  for (const { title, other, same = false } of [
    { title: "holds for the same users", other: [ada, eve], same: true },
    { title: "holds for tokens in another order", other: [{ ...ada, tokens: [b, a] }, eve], same: true },
    { title: "sees a user who is gone", other: [ada] },
    { title: "sees a user who is new", other: [ada, eve, { ...eve, username: "new" }] },
    { title: "sees another name", other: [ada, { ...eve, username: "eva" }] },
    { title: "sees a user who was deprovisioned", other: [{ ...ada, isDeprovisioned: true }, eve] },
    { title: "sees a flag that is not told any more", other: [{ username: "ada", tokens: [a, b] }, eve] },
    { title: "sees another kind of account", other: [{ ...ada, isServiceAccount: true }, eve] },
    { title: "sees a role that is new", other: [{ ...ada, roles: ["admin"] }, eve] },
    { title: "sees another e-mail address", other: [{ ...ada, email: "ada@example.com" }, eve] },
    { title: "sees a token that is gone", other: [{ ...ada, tokens: [a] }, eve] },
    { title: "does not hold for anything but a list", other: "[secret]" },
    { title: "does not hold for a list of something else", other: [ada, null] },
    { title: "does not hold for nothing", other: undefined },
  ]) {
    it(title, () => {
      assert.equal(sameUsers([ada, eve], other), same);
      assert.equal(sameUsers(other, [ada, eve]), same);
    });
  }
});

describe("isUserList", () => {
  for (const value of [undefined, null, "[secret]", {}, [], [null], ["ada"], [{ username: "ada" }], [{ tokens: [] }]]) {
    it(`does not hold for ${JSON.stringify(value)}`, () => assert.ok(!isUserList(value)));
  }

  it("does not hold for flags of another type", () => {
    assert.ok(isUserList([ada]));
    assert.ok(!isUserList([{ ...ada, isDeprovisioned: "no" }]));
    assert.ok(!isUserList([{ ...ada, isServiceAccount: null }]));
    assert.ok(!isUserList([{ ...ada, roles: "admin" }]));
  });
});
