import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { maxTokenLifetime } from "../../../../policies/rules/max-token-lifetime";
import { check, endlessToken, found, userToken } from "../../support";

/** A token with a lifetime. */
const living = (createdTs: string, expireAt: string, fields: object = {}) =>
  userToken({ id: "a", createdTs, expireAt, ...fields });

describe("max-token-lifetime", () => {
  it("says how long the token lives, the limit, and how to fix it", () => {
    assert.deepEqual(check(maxTokenLifetime, [living("2026-01-01", "2027-01-01", { name: "nightly" })]), [
      {
        tokenId: "a",
        message:
          `svc_bi / "nightly" (a): lifetime 365 days exceeds 90 days. ` +
          "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      },
    ]);
  });

  for (const { title, createdTs, expireAt, maxDays, fires } of [
    { title: "of exactly the limit", createdTs: "2026-01-01T00:00:00Z", expireAt: "2026-04-01T00:00:00Z" },
    { title: "of a second more", createdTs: "2026-01-01T00:00:00Z", expireAt: "2026-04-01T00:00:01Z", fires: true },
    { title: "of a second less", createdTs: "2026-01-01T00:00:00Z", expireAt: "2026-03-31T23:59:59Z" },
    { title: "of its own limit", createdTs: "2026-01-01T00:00:00Z", expireAt: "2026-01-31T00:00:00Z", maxDays: 30 },
    {
      title: "of a second over its own limit",
      createdTs: "2026-01-01",
      expireAt: "2026-01-31T00:00:01Z",
      maxDays: 30,
      fires: true,
    },
    { title: "of a part of a day", createdTs: "2026-01-01T00:00:00Z", expireAt: "2026-01-02T12:00:00Z", maxDays: 1.5 },
    { title: "of a year", createdTs: "2026-01-01", expireAt: "2027-01-01", maxDays: 365 },
    {
      title: "of a year with a leap day, one day too long",
      createdTs: "2028-01-01",
      expireAt: "2029-01-01",
      maxDays: 365,
      fires: true,
    },
    { title: "across a leap day", createdTs: "2024-02-28", expireAt: "2024-03-01", maxDays: 2 },
    { title: "across a day that is none", createdTs: "2023-02-28", expireAt: "2023-03-01", maxDays: 1 },
    {
      title: "across the day of 23 hours in Europe",
      createdTs: "2026-03-28T12:00:00Z",
      expireAt: "2026-03-29T12:00:00Z",
      maxDays: 1,
    },
    {
      title: "across it by local clocks: 24 h 1 s",
      createdTs: "2026-03-28T12:00:00+01:00",
      expireAt: "2026-03-29T13:00:01+02:00",
      maxDays: 1,
      fires: true,
    },
    {
      title: "across the day of 25 hours, by local clocks",
      createdTs: "2026-10-24T12:00:00+02:00",
      expireAt: "2026-10-25T12:00:00+01:00",
      maxDays: 1,
      fires: true,
    },
    {
      title: "of the limit in another offset",
      createdTs: "2026-01-01T00:00:00Z",
      expireAt: "2026-04-01T02:00:00+02:00",
    },
    {
      title: "of the limit as PostgreSQL writes it",
      createdTs: "2026-01-01 00:00:00+00",
      expireAt: "2026-04-01 00:00:00+00",
    },
    {
      title: "of a microsecond more, which is below what is measured",
      createdTs: "2026-01-01T00:00:00Z",
      expireAt: "2026-04-01T00:00:00.000001Z",
    },
    {
      title: "up to the end of all dates",
      createdTs: "2026-01-01",
      expireAt: "9999-12-31T23:59:59Z",
      maxDays: 365,
      fires: true,
    },
    { title: "of nothing", createdTs: "2026-01-01", expireAt: "2026-01-01" },
    { title: "of less than nothing", createdTs: "2026-01-02", expireAt: "2026-01-01" },
    { title: "that is over already, but was too long", createdTs: "2020-01-01", expireAt: "2021-01-01", fires: true },
  ]) {
    it(`${fires ? "finds" : "passes"} a lifetime ${title}`, () => {
      assert.deepEqual(
        found(maxTokenLifetime, [living(createdTs, expireAt)], maxDays ? { maxDays } : {}),
        fires ? ["a"] : [],
      );
    });
  }

  it("shows what is barely too long as more than the limit", () => {
    const [violation] = check(maxTokenLifetime, [living("2026-01-01T00:00:00Z", "2026-04-01T00:00:01Z")]);
    assert.match(violation?.message ?? "", /: lifetime 90\.1 days exceeds 90 days\./);
  });

  it("names one day as one, and the ttl of the limit", () => {
    const [violation] = check(maxTokenLifetime, [living("2026-01-01", "2026-01-03")], { maxDays: 1 });
    assert.match(violation?.message ?? "", /: lifetime 2 days exceeds 1 day\. Create a replacement with ttl <= 86400 /);
  });

  it("finds a token whose creation is not a date: its lifetime cannot be told", () => {
    assert.deepEqual(
      check(maxTokenLifetime, [living("lately", "2026-03-02")]).map(({ message }) => message.split(". ")[0]),
      [`svc_bi / "a" (a): lifetime cannot be told, createdTs is not a date; it exceeds 90 days`],
    );
  });

  it("leaves tokens without a date of expiry to tokens-must-expire", () => {
    assert.deepEqual(check(maxTokenLifetime, [endlessToken({ id: "a" }), living("2020-01-01", "never")]), []);
  });

  it("goes by the type where byType says so, and counts a type that is not known as read_write", () => {
    const tokens = ["read_write", "read_scaling", "read_future"].map((tokenType) =>
      userToken({ id: tokenType, tokenType, createdTs: "2026-01-01", expireAt: "2026-03-02" }),
    );
    for (const { config, expected } of [
      { config: {}, expected: [] },
      { config: { maxDays: 59 }, expected: ["read_write", "read_scaling", "read_future"] },
      { config: { byType: { read_write: 59 } }, expected: ["read_write", "read_future"] },
      { config: { byType: { read_scaling: 59 } }, expected: ["read_scaling"] },
      { config: { maxDays: 59, byType: { read_scaling: 60 } }, expected: ["read_write", "read_future"] },
      { config: { maxDays: 59, byType: { read_write: 60, read_scaling: 60 } }, expected: [] },
    ]) {
      assert.deepEqual(found(maxTokenLifetime, tokens, config), expected, JSON.stringify(config));
    }
  });
});
