import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { UserToken } from "../../../../core/user-token";
import { maxTokensPerUser } from "../../../../policies/rules/max-tokens-per-user";
import { at, check, endlessToken, userToken } from "../../support";

const tokens = (count: number, fields: Partial<UserToken> = {}) =>
  Array.from({ length: count }, (_, i) => userToken({ ...fields, id: `t${i}` }));
const fires = (...args: [readonly UserToken[], object?]) => check(maxTokensPerUser, ...args).length > 0;

describe("max-tokens-per-user", () => {
  it("says who has how many, and the limit", () => {
    assert.deepEqual(check(maxTokensPerUser, { username: "grace\n", tokens: tokens(6) }), [
      {
        message:
          "grace\\u000a: 6 active tokens exceed the limit of 5. Revoke those that are not needed (DELETE /v1/users/{username}/tokens/{token_id}).",
      },
    ]);
  });

  for (const { config, most } of [
    { config: {}, most: 5 },
    { config: { max: 0 }, most: 0 },
    { config: { max: 1 }, most: 1 },
    { config: { max: 50 }, most: 50 },
  ]) {
    it(`allows ${most} and not ${most + 1} with ${JSON.stringify(config)}`, () => {
      assert.deepEqual([fires(tokens(most), config), fires(tokens(most + 1), config)], [false, true]);
    });
  }

  for (const { title, token, counted } of [
    { title: "a read_write token", token: userToken({ id: "a" }), counted: true },
    { title: "a read_scaling token", token: userToken({ id: "a", tokenType: "read_scaling" }), counted: true },
    { title: "a token of a type that is not known", token: userToken({ id: "a", tokenType: "x" }), counted: true },
    { title: "a token that never expires", token: endlessToken({ id: "a" }), counted: true },
    { title: "a token whose expiry is not a date", token: userToken({ id: "a", expireAt: "x" }), counted: true },
    {
      title: "a token that expires in a millisecond",
      token: userToken({ id: "a", expireAt: at(0, 1) }),
      counted: true,
    },
    { title: "a token that expires now", token: userToken({ id: "a", expireAt: at(0) }), counted: false },
    { title: "a token that has expired", token: userToken({ id: "a", expireAt: at(-1) }), counted: false },
  ]) {
    it(`${counted ? "counts" : "does not count"} ${title}`, () => assert.equal(fires([token], { max: 0 }), counted));
  }
});
