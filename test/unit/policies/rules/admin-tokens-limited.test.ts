import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { UserToken } from "../../../../core/user-token";
import type { UserEvidence } from "../../../../policies/rule";
import { adminTokensLimited } from "../../../../policies/rules/admin-tokens-limited";
import { at, check, endlessToken, found, userToken } from "../../support";

/** An administrator, of whom the listing tells, with these tokens. */
const admin = (tokens: readonly UserToken[], details: Partial<UserEvidence> = {}): Partial<UserEvidence> => ({
  ...{ username: "ada", isListingExpected: true, roles: ["admin"], tokens },
  ...details,
});
/** A token that lives for so many days, and some milliseconds. */
const living = (days: number, milliseconds = 0, fields: Partial<UserToken> = {}) =>
  userToken({ id: "a", createdTs: at(-1), expireAt: at(days - 1, milliseconds), ...fields });
const short = (id: string) => living(30, 0, { id, name: id });

describe("admin-tokens-limited", () => {
  it("says which tokens are too many and which live too long, the limits, and what to do", () => {
    const tokens = [short("a"), living(60, 0, { id: "b", name: "laptop" })];
    assert.deepEqual(check(adminTokensLimited, admin(tokens, { isServiceAccount: false })), [
      {
        message:
          'ada: 2 active read_write tokens exceed the limit of 1 for an administrator: "a" (a), "laptop" (b). ' +
          "Revoke those that are not needed (DELETE /v1/users/{username}/tokens/{token_id}).",
      },
      {
        tokenId: "b",
        message:
          'ada / "laptop" (b): lifetime 60 days; an administrator\'s read_write token may live for 30 days. Only its holder can create a replacement: ' +
          "in their settings at MotherDuck, under Access Tokens, to expire within 30 days. Then switch its consumers, revoke this one.",
      },
    ]);
  });

  describe("the number of tokens", () => {
    for (const { title, tokens, config, finds } of [
      { title: "allows one", tokens: [short("a")], finds: 0 },
      { title: "allows no second", tokens: [short("a"), short("b")], finds: 1 },
      { title: "allows as many as are set", tokens: [short("a"), short("b")], config: { max: 2 }, finds: 0 },
      { title: "can be none", tokens: [short("a")], config: { max: 0 }, finds: 1 },
      {
        title: "allows one more while one of them ends",
        tokens: [short("a"), living(8, 0, { id: "b" })],
        finds: 0,
      },
      {
        title: "allows none more a moment before",
        tokens: [short("a"), living(8, 1, { id: "b" })],
        finds: 1,
      },
      {
        title: "allows none more where nothing is tolerated",
        tokens: [short("a"), living(8, 0, { id: "b" })],
        config: { rotationOverlapDays: 0 },
        finds: 1,
      },
      {
        title: "counts what can write, and no read_scaling tokens",
        tokens: [short("a"), { ...short("b"), tokenType: "read_scaling", readOnly: true }],
        finds: 0,
      },
      { title: "counts a type that is not known", tokens: [short("a"), { ...short("b"), tokenType: "new" }], finds: 1 },
      { title: "counts no expired token", tokens: [short("a"), living(1, 0, { id: "b" })], finds: 0 },
    ] as const) {
      it(title, () => assert.equal(found(adminTokensLimited, admin(tokens), config).length, finds));
    }
  });

  describe("the lifetime", () => {
    for (const { title, token, config, fact } of [
      { title: "is fine at the limit", token: living(30) },
      { title: "is too long a millisecond beyond", token: living(30, 1), fact: "lifetime 30.1 days" },
      { title: "has the limit that is set", token: living(2, 1), config: { maxDays: 2 }, fact: "lifetime 2.1 days" },
      { title: "has none where the token never expires", token: endlessToken({ id: "a" }), fact: "never expires" },
      {
        title: "cannot be told of an expiry that is not a date",
        token: userToken({ id: "a", expireAt: "soon" }),
        fact: 'expireAt "soon" is not a date',
      },
      {
        title: "cannot be told of a creation that is not a date",
        token: living(30, 0, { createdTs: "once" }),
        fact: "lifetime cannot be told, createdTs is not a date",
      },
      { title: "makes no difference any more of an expired token", token: living(1, 0, { createdTs: at(-300) }) },
      {
        title: "makes no difference of a token that cannot write",
        token: endlessToken({ id: "a", tokenType: "read_scaling", readOnly: true }),
      },
    ] as const) {
      it(title, () => {
        const messages = check(adminTokensLimited, admin([token]), config).map(({ message }) => message);
        assert.equal(messages.length, fact === undefined ? 0 : 1, messages.join());
        if (fact !== undefined)
          assert.ok(messages[0]?.startsWith(`ada / "a" (a): ${fact}; an administrator's`), messages[0]);
      });
    }
  });

  describe("whether somebody is an administrator", () => {
    const many = ["a", "b", "c"].map((id) => endlessToken({ id }));
    for (const { title, details, finds } of [
      { title: "is told by one of the roles", details: { roles: ["builder", "admin"] }, finds: 4 },
      { title: "is told whatever the case", details: { roles: ["Admin"] }, finds: 4 },
      { title: "is not told by a role that begins so", details: { roles: ["admins", "administrator"] }, finds: 0 },
      { title: "is told by roles that are none", details: { roles: [] }, finds: 0 },
      { title: "holds for service accounts, too", details: { isServiceAccount: true }, finds: 4 },
      {
        title: "cannot be told by evidence of one user",
        details: { roles: undefined, isListingExpected: false },
        finds: 0,
      },
    ]) {
      it(title, () => {
        const user = JSON.parse(JSON.stringify(admin(many, details as Partial<UserEvidence>))) as Partial<UserEvidence>;
        assert.equal(found(adminTokensLimited, user).length, finds);
      });
    }

    const { roles, ...untold } = admin(many);
    void roles;

    it("is one note where the listing should tell and does not, and the tokens are beyond the limits", () => {
      for (const onUnknown of ["advisory", "mandatory"] as const) {
        assert.deepEqual(check(adminTokensLimited, untold, { onUnknown }), [
          {
            message:
              "ada: it cannot be told whether this user is an administrator, whose read_write tokens may be neither so many nor so long-lived. " +
              "Use an API token that may list all members, with their roles, or disable this rule.",
            enforcementLevel: onUnknown,
          },
        ]);
      }
      assert.equal(check(adminTokensLimited, untold)[0]?.enforcementLevel, "advisory");
    });

    it("makes no difference to tokens that keep the limits", () => {
      assert.deepEqual(found(adminTokensLimited, { ...untold, tokens: [short("a")] }), []);
      assert.deepEqual(found(adminTokensLimited, { ...untold, tokens: [] }), []);
    });

    it("is missed in evidence that never tells, as what could not be judged", () => {
      const reason = (user: Partial<UserEvidence>) =>
        adminTokensLimited.findGap?.({ username: "ada", tokens: [], ...user });
      assert.equal(reason({}), "the evidence does not include roles");
      assert.equal(reason({ isListingExpected: true }), undefined);
      assert.equal(reason({ roles: [] }), undefined);
    });
  });
});
