import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { tokensMustExpire } from "../../../../policies/rules/tokens-must-expire";
import type { UserToken } from "../../../../core/user-token";
import { at, check as checkRule, endlessToken, found as foundBy, userToken } from "../../support";

const check = (tokens: UserToken[]) => checkRule(tokensMustExpire, tokens);
const found = (tokens: UserToken[], config?: object) => foundBy(tokensMustExpire, tokens, config);

describe("tokens-must-expire", () => {
  it("has nothing to say about a user without tokens", () => assert.deepEqual(check([]), []));

  it("passes tokens that expire, however late, and expired ones", () => {
    assert.deepEqual(check(["2999-01-01", at(1), at(-1)].map((expireAt) => userToken({ id: "a", expireAt }))), []);
  });

  it("finds a token without an expiry, and says how to replace it", () => {
    assert.deepEqual(check([endlessToken({ id: "7c1f", name: "nightly" })]), [
      {
        tokenId: "7c1f",
        message:
          `svc_bi / "nightly" (7c1f): never expires. ` +
          "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      },
    ]);
  });

  it("finds a token whose expiry is null, as an older state may hold it", () => {
    assert.deepEqual(found([{ ...userToken({ id: "a" }), expireAt: null as never }]), ["a"]);
  });

  for (const expireAt of ["", "never", "infinity", "2024-02-30", "1714521600"]) {
    it(`finds a token that expires at ${JSON.stringify(expireAt)}, which is not a date`, () => {
      const [violation] = check([userToken({ id: "a", expireAt })]);
      assert.equal(
        violation?.message,
        `svc_bi / "a" (a): expireAt "${expireAt}" is not a date. ` +
          "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      );
    });
  }

  it("finds each of several, in the order of the tokens", () => {
    assert.deepEqual(found([endlessToken({ id: "b" }), userToken({ id: "c" }), endlessToken({ id: "a" })]), ["b", "a"]);
  });

  it("says what has no name, and shows odd names and ids safely", () => {
    const nameless = { ...endlessToken({ id: "i\u001b[2J" }), name: undefined as never };
    const odd = endlessToken({ id: "a", name: `"\nOK` });
    const messages = check([nameless, odd]).map(({ message }) => message.split(":")[0]);
    assert.deepEqual(messages, [`svc_bi / (no name) (i\\u001b[2J)`, `svc_bi / "\\"\\u000aOK" (a)`]);
  });

  describe("tokenTypes", () => {
    const tokens = ["read_write", "read_scaling", "read_future"].map((id) => endlessToken({ id, tokenType: id }));
    for (const { tokenTypes, expected } of [
      { tokenTypes: undefined, expected: ["read_write", "read_scaling", "read_future"] },
      { tokenTypes: ["read_write"], expected: ["read_write", "read_future"] },
      { tokenTypes: ["read_scaling"], expected: ["read_scaling"] },
      { tokenTypes: ["read_scaling", "read_write"], expected: ["read_write", "read_scaling", "read_future"] },
    ]) {
      it(`${tokenTypes?.join(", ") ?? "not set"}: judges ${expected.join(", ")}`, () => {
        assert.deepEqual(found(tokens, tokenTypes && { tokenTypes }), expected);
      });
    }
  });

  describe("graceDays", () => {
    for (const { title, createdTs, graceDays, expected } of [
      { title: "spares a token of exactly that age", createdTs: at(-3), graceDays: 3, expected: [] },
      { title: "does not spare one a millisecond older", createdTs: at(-3, -1), graceDays: 3, expected: ["a"] },
      { title: "spares one made now", createdTs: at(0), graceDays: 3, expected: [] },
      { title: "can be a part of a day", createdTs: at(-0.5), graceDays: 0.5, expected: [] },
      { title: "does not spare one from the future", createdTs: at(0, 1), graceDays: 3, expected: ["a"] },
      { title: "does not spare one of unknown age", createdTs: "lately", graceDays: 365, expected: ["a"] },
      { title: "of 0 does not even spare one made now", createdTs: at(0), graceDays: 0, expected: ["a"] },
    ]) {
      it(title, () => assert.deepEqual(found([endlessToken({ id: "a", createdTs })], { graceDays }), expected));
    }

    it("is 0 where it is not set", () => assert.deepEqual(found([endlessToken({ id: "a", createdTs: at(0) })]), ["a"]));
  });
});
