import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readScalingOnly } from "../../../../policies/rules/read-scaling-only";
import { at, check, endlessToken, found, userToken } from "../../support";

const users = ["svc_bi"];

describe("read-scaling-only", () => {
  it("says which token can write, and what to do", () => {
    assert.deepEqual(check(readScalingOnly, [userToken({ id: "a", name: "dash" })], { users }), [
      {
        tokenId: "a",
        message:
          `svc_bi / "dash" (a): an active read_write token of a user who only reads. ` +
          "Create a read_scaling token with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      },
    ]);
  });

  it("has nothing to say where no user is listed", () => {
    assert.deepEqual(check(readScalingOnly, [userToken({ id: "a" })]), []);
    assert.deepEqual(check(readScalingOnly, [userToken({ id: "a" })], { users: [] }), []);
  });

  for (const { list, username, fires } of [
    { list: ["svc_bi"], username: "svc_bi", fires: true },
    { list: ["svc_bi"], username: "svc_bi2", fires: false },
    { list: ["svc_bi"], username: "SVC_BI", fires: false },
    { list: ["svc_*"], username: "svc_bi", fires: true },
    { list: ["svc_*"], username: "svc_", fires: true },
    { list: ["svc_*"], username: "my_svc_bi", fires: false },
    { list: ["svc_?"], username: "svc_1", fires: true },
    { list: ["svc_?"], username: "svc_12", fires: false },
    { list: ["a", "*_ro"], username: "dash_ro", fires: true },
    { list: ["*"], username: "anyone@example.com", fires: true },
    { list: ["team/*"], username: "team/a/b", fires: true },
    { list: ["[a]*"], username: "[a]b", fires: true },
    { list: ["[a]*"], username: "ab", fires: false },
    { list: ["!svc_*"], username: "ada", fires: false },
    { list: ["{a,b}"], username: "a", fires: false },
  ]) {
    it(`${fires ? "judges" : "does not judge"} ${username} by ${list.join(", ")}`, () => {
      const user = { username, tokens: [userToken({ id: "a" })] };
      assert.deepEqual(found(readScalingOnly, user, { users: list }), fires ? ["a"] : []);
    });
  }

  for (const { title, token, fires } of [
    { title: "a read_scaling token", token: userToken({ id: "a", tokenType: "read_scaling" }), fires: false },
    { title: "a token of a type that is not known", token: userToken({ id: "a", tokenType: "x" }), fires: true },
    {
      title: "a read_write token that calls itself read-only",
      token: userToken({ id: "a", readOnly: true }),
      fires: true,
    },
    { title: "a token that expires in a millisecond", token: userToken({ id: "a", expireAt: at(0, 1) }), fires: true },
    { title: "a token that expires now", token: userToken({ id: "a", expireAt: at(0) }), fires: false },
    { title: "a token that never expires", token: endlessToken({ id: "a" }), fires: true },
    { title: "a token whose expiry is not a date", token: userToken({ id: "a", expireAt: "x" }), fires: true },
  ]) {
    it(`${fires ? "finds" : "passes"} ${title}`, () => {
      assert.deepEqual(found(readScalingOnly, [token], { users }), fires ? ["a"] : []);
    });
  }
});
