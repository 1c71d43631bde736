import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { maxReadWriteTokens } from "../../../../policies/rules/max-read-write-tokens";
import type { UserToken } from "../../../../core/user-token";
import { at, check as checkRule, endlessToken, userToken } from "../../support";

const check = (tokens: UserToken[], config: object = {}, username = "grace") =>
  checkRule(maxReadWriteTokens, { username, tokens }, config);

const fires = (...args: Parameters<typeof check>) => check(...args).length > 0;
const tokens = (count: number, fields: Partial<UserToken> = {}) =>
  Array.from({ length: count }, (_, i) => userToken({ ...fields, id: `t${i}` }));

describe("max-read-write-tokens", () => {
  it("says who has how many, which they are, and the limit", () => {
    assert.deepEqual(check([...tokens(2), endlessToken({ id: "x", name: "old" })]), [
      {
        message:
          `grace: 3 active read_write tokens exceed the limit of 2: "t0" (t0), "t1" (t1), "old" (x). ` +
          "Revoke those that are not needed (DELETE /v1/users/{username}/tokens/{token_id}). " +
          "Where they only read, replace them by read_scaling tokens.",
      },
    ]);
  });

  for (const { config, most } of [
    { config: {}, most: 2 },
    { config: { max: 0 }, most: 0 },
    { config: { max: 1 }, most: 1 },
    { config: { max: 5 }, most: 5 },
  ]) {
    it(`allows ${most} and not ${most + 1} with ${JSON.stringify(config)}`, () => {
      assert.deepEqual([fires(tokens(most), config), fires(tokens(most + 1), config)], [false, true]);
    });
  }

  describe("counts", () => {
    const counts = (fields: Partial<UserToken>) => fires([userToken({ id: "a", ...fields })], { max: 0 });
    for (const { title, fields, counted } of [
      { title: "a token that expires a millisecond from now", fields: { expireAt: at(0, 1) }, counted: true },
      { title: "a token that expires now", fields: { expireAt: at(0) }, counted: false },
      { title: "a token that has expired", fields: { expireAt: at(-1) }, counted: false },
      { title: "a token whose expiry is not a date", fields: { expireAt: "yesterday" }, counted: true },
      { title: "a read_scaling token", fields: { tokenType: "read_scaling" }, counted: false },
      { title: "a token of a type that is not known", fields: { tokenType: "read_future" }, counted: true },
      { title: "a read_write token that calls itself read-only", fields: { readOnly: true }, counted: true },
    ]) {
      it(`${counted ? "" : "not "}${title}`, () => assert.equal(counts(fields), counted));
    }

    it("a token without an expiry", () => assert.ok(fires([endlessToken({ id: "a" })], { max: 0 })));
  });

  describe("perUser", () => {
    const perUser = { grace: 3, svc_etl: 0 };
    for (const { username, config, most } of [
      { username: "grace", config: { perUser }, most: 3 },
      { username: "svc_etl", config: { perUser }, most: 0 },
      { username: "ada", config: { perUser }, most: 2 },
      { username: "ada", config: { perUser, max: 1 }, most: 1 },
      { username: "Grace", config: { perUser }, most: 2 },
      // Names that every object has.
      { username: "constructor", config: { perUser }, most: 2 },
      { username: "__proto__", config: { perUser }, most: 2 },
    ]) {
      it(`allows ${username} ${most} with ${JSON.stringify(config)}`, () => {
        assert.deepEqual(
          [fires(tokens(most), config, username), fires(tokens(most + 1), config, username)],
          [false, true],
        );
      });
    }

    it("shows an odd username safely, and the limit that is the user's own", () => {
      const [violation] = check(tokens(2), { perUser: { "g\n": 1 } }, "g\n");
      assert.match(violation?.message ?? "", /^g\\u000a: 2 active read_write tokens exceed the limit of 1: /);
    });
  });

  describe("rotationOverlapDays", () => {
    const expiring = (days: number, ms = 0) => userToken({ id: "old", expireAt: at(days, ms) });
    for (const { title, list, rotationOverlapDays, expected } of [
      {
        title: "tolerates one more while one expires in exactly that time",
        list: [expiring(7)],
        rotationOverlapDays: 7,
        expected: false,
      },
      {
        title: "does not while it expires a millisecond later",
        list: [expiring(7, 1)],
        rotationOverlapDays: 7,
        expected: true,
      },
      {
        title: "tolerates one more, not two",
        list: [expiring(1), ...tokens(1)],
        rotationOverlapDays: 7,
        expected: true,
      },
      {
        title: "tolerates one more, not one for each",
        list: [expiring(1), expiring(2)],
        rotationOverlapDays: 7,
        expected: true,
      },
      {
        title: "does not count one that has expired",
        list: [...tokens(1), expiring(0)],
        rotationOverlapDays: 7,
        expected: true,
      },
      {
        title: "does not take a read_scaling token for one that makes room",
        list: [...tokens(1), userToken({ id: "s", tokenType: "read_scaling", expireAt: at(1) })],
        rotationOverlapDays: 7,
        expected: true,
      },
      {
        title: "does not take an unreadable expiry for a near one",
        list: [userToken({ id: "a", expireAt: "soon" })],
        rotationOverlapDays: 7,
        expected: true,
      },
      {
        title: "does not take no expiry for a near one",
        list: [endlessToken({ id: "a" })],
        rotationOverlapDays: 7,
        expected: true,
      },
      { title: "of 0 tolerates none", list: [expiring(0, 1)], rotationOverlapDays: 0, expected: true },
    ]) {
      it(title, () => assert.equal(fires([...tokens(2), ...list], { rotationOverlapDays }), expected));
    }
  });
});
