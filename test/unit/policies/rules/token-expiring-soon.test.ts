import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { DAY } from "../../../../core/duration";
import { tokenExpiringSoon } from "../../../../policies/rules/token-expiring-soon";
import { at, check, endlessToken, found, userToken } from "../../support";

describe("token-expiring-soon", () => {
  it("says when the token expires, the limit, and what to do", () => {
    assert.deepEqual(check(tokenExpiringSoon, [userToken({ id: "a", name: "nightly", expireAt: at(3) })]), [
      {
        tokenId: "a",
        message:
          `svc_bi / "nightly" (a): expires in 3 days (2026-03-04T12:00:00.000Z), within 14 days. ` +
          "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers before that.",
      },
    ]);
  });

  for (const { title, expireAt, warnDays, fires } of [
    { title: "in exactly the limit", expireAt: at(14), fires: true },
    { title: "a second later", expireAt: at(14, 1000) },
    { title: "a second earlier", expireAt: at(14, -1000), fires: true },
    { title: "in exactly its own limit", expireAt: at(1), warnDays: 1, fires: true },
    { title: "a second after its own limit", expireAt: at(1, 1000), warnDays: 1 },
    { title: "in ninety days", expireAt: at(90), warnDays: 90, fires: true },
    { title: "in a millisecond", expireAt: at(0, 1), fires: true },
    { title: "now", expireAt: at(0) },
    { title: "in the past", expireAt: at(0, -1) },
    { title: "in the limit, in another offset", expireAt: "2026-03-15T07:00:00-05:00", fires: true },
    { title: "a second later, in another offset", expireAt: "2026-03-15T07:00:01-05:00" },
    { title: "at midnight of a day, in UTC", expireAt: "2026-03-15", fires: true },
    { title: "on the day on which summer begins", expireAt: "2026-03-29T14:00:00+02:00", warnDays: 28, fires: true },
    { title: "a second later on that day", expireAt: "2026-03-29T14:00:01+02:00", warnDays: 28 },
    { title: "at the end of all dates", expireAt: "9999-12-31T23:59:59Z", warnDays: 90 },
    { title: "at no date", expireAt: "soon" },
    { title: "on a day that does not exist", expireAt: "2026-02-30" },
  ]) {
    it(`${fires ? "finds" : "passes"} a token that expires ${title}`, () => {
      const tokens = [userToken({ id: "a", expireAt })];
      assert.deepEqual(found(tokenExpiringSoon, tokens, warnDays ? { warnDays } : {}), fires ? ["a"] : []);
    });
  }

  it("passes a token that never expires", () => {
    assert.deepEqual(found(tokenExpiringSoon, [endlessToken({ id: "a" })]), []);
  });

  it("finds tokens of all types, in their order", () => {
    const tokens = ["read_scaling", "read_future", "read_write"].map((tokenType) =>
      userToken({ id: tokenType, tokenType, expireAt: at(1) }),
    );
    assert.deepEqual(found(tokenExpiringSoon, tokens), ["read_scaling", "read_future", "read_write"]);
  });

  it("shows a part of a day as more than nothing", () => {
    const [violation] = check(tokenExpiringSoon, [userToken({ id: "a", expireAt: at(0, 1) })], { warnDays: 1 });
    assert.match(violation?.message ?? "", /: expires in less than a second \(.*\), within 1 day\. /);
  });

  it("never says that a token expires later than the limit", () => {
    for (const warnDays of [1, 4.35, 8.7, 13.95, 33.3, 69.6]) {
      const expireAt = at(0, Math.round(warnDays * DAY));
      const [violation] = check(tokenExpiringSoon, [userToken({ id: "a", expireAt })], { warnDays });
      const [, left, limit] =
        /expires in ([\d.]+) days? .* within ([\d.]+) days?\./.exec(violation?.message ?? "") ?? [];
      assert.equal(Number(limit), warnDays);
      assert.ok(Number(left) <= warnDays, violation?.message);
    }
  });
});
