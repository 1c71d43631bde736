import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { noExpiredTokens } from "../../../../policies/rules/no-expired-tokens";
import { at, check, endlessToken, found, userToken } from "../../support";

describe("no-expired-tokens", () => {
  it("says when the token expired, and what to do", () => {
    assert.deepEqual(check(noExpiredTokens, [userToken({ id: "a", name: "nightly", expireAt: at(-1) })]), [
      {
        tokenId: "a",
        message: `svc_bi / "nightly" (a): expired at 2026-02-28T12:00:00.000Z and is still listed. Delete it (DELETE /v1/users/{username}/tokens/{token_id}).`,
      },
    ]);
  });

  it("says for how long it was spared", () => {
    const [violation] = check(noExpiredTokens, [userToken({ id: "a", expireAt: at(-8) })], { graceDays: 7 });
    assert.equal(
      violation?.message,
      `svc_bi / "a" (a): expired at 2026-02-21T12:00:00.000Z and is still listed after 7 days. Delete it (DELETE /v1/users/{username}/tokens/{token_id}).`,
    );
  });

  for (const { title, expireAt, graceDays, fires } of [
    { title: "expires in a second", expireAt: at(0, 1000) },
    { title: "expired a second ago", expireAt: at(0, -1000), fires: true },
    { title: "expired a millisecond ago", expireAt: at(0, -1), fires: true },
    { title: "expired exactly as long ago as it may", expireAt: at(-7), graceDays: 7 },
    { title: "expired a second before that", expireAt: at(-7, -1000), graceDays: 7, fires: true },
    { title: "expired half a day ago, as it may", expireAt: at(-0.5), graceDays: 0.5 },
    { title: "expired a year ago, as it may", expireAt: at(-365), graceDays: 365 },
    { title: "expired a second ago, in another offset", expireAt: "2026-03-01T13:59:59+02:00", fires: true },
    { title: "expires in a second, in another offset", expireAt: "2026-03-01T14:00:01+02:00" },
    { title: "expired on a leap day", expireAt: "2024-02-29", fires: true },
    { title: "expires at the end of all dates", expireAt: "9999-12-31T23:59:59Z" },
    { title: "expires at no date", expireAt: "expired" },
    { title: "expires on a day that does not exist", expireAt: "2025-02-29" },
  ]) {
    it(`${fires ? "finds" : "passes"} a token that ${title}`, () => {
      const tokens = [userToken({ id: "a", expireAt })];
      assert.deepEqual(found(noExpiredTokens, tokens, graceDays ? { graceDays } : {}), fires ? ["a"] : []);
    });
  }

  it("passes a token that never expires, and a user without tokens", () => {
    assert.deepEqual(found(noExpiredTokens, [endlessToken({ id: "a" })]), []);
    assert.deepEqual(found(noExpiredTokens, []), []);
  });

  it("finds a token that expires at this instant: it is not active any more, unless there are days of grace", () => {
    assert.deepEqual(found(noExpiredTokens, [userToken({ id: "a", expireAt: at(0) })]), ["a"]);
    assert.deepEqual(found(noExpiredTokens, [userToken({ id: "a", expireAt: at(0) })], { graceDays: 1 }), []);
  });
});
