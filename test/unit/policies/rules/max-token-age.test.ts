import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { maxTokenAge } from "../../../../policies/rules/max-token-age";
import { at, check, endlessToken, found, userToken } from "../../support";

describe("max-token-age", () => {
  it("says how old the token is, the limit, and how to fix it", () => {
    assert.deepEqual(check(maxTokenAge, [userToken({ id: "a", name: "nightly", createdTs: at(-100) })]), [
      {
        tokenId: "a",
        message:
          `svc_bi / "nightly" (a): age 100 days exceeds 90 days. ` +
          "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      },
    ]);
  });

  for (const { title, createdTs, expireAt, maxDays, fires } of [
    { title: "of exactly the limit", createdTs: at(-90) },
    { title: "a second older", createdTs: at(-90, -1000), fires: true },
    { title: "a second younger", createdTs: at(-90, 1000) },
    { title: "of exactly its own limit", createdTs: at(-1), maxDays: 1 },
    { title: "a second over its own limit", createdTs: at(-1, -1000), maxDays: 1, fires: true },
    { title: "of the limit of ten years", createdTs: at(-3650), maxDays: 3650 },
    { title: "a second over that", createdTs: at(-3650, -1000), maxDays: 3650, fires: true },
    { title: "of the limit in another offset", createdTs: "2025-12-01T17:30:00+05:30" },
    { title: "of a second over it in another offset", createdTs: "2025-12-01T17:29:59+05:30", fires: true },
    { title: "made on a leap day", createdTs: "2024-02-29", maxDays: 731.5 },
    {
      title: "made on a leap day, a millisecond over",
      createdTs: "2024-02-28T23:59:59.999",
      maxDays: 731.5,
      fires: true,
    },
    { title: "made now", createdTs: at(0), maxDays: 1 },
    { title: "made in the future", createdTs: at(400) },
    { title: "from before 1970", createdTs: "1969-12-31", fires: true },
    { title: "too old, that expires in a second", createdTs: at(-91), expireAt: at(0, 1000), fires: true },
    { title: "too old, that expires now", createdTs: at(-91), expireAt: at(0) },
    { title: "too old, that has expired", createdTs: at(-91), expireAt: at(-1) },
    { title: "too old, whose expiry is not a date", createdTs: at(-91), expireAt: "soon", fires: true },
    { title: "made at no date", createdTs: "lately", maxDays: 3650, fires: true },
    { title: "made at no date, expired", createdTs: "lately", expireAt: at(-1) },
  ]) {
    it(`${fires ? "finds" : "passes"} a token ${title}`, () => {
      const token = userToken({ id: "a", createdTs, ...(expireAt !== undefined && { expireAt }) });
      assert.deepEqual(found(maxTokenAge, [token], maxDays ? { maxDays } : {}), fires ? ["a"] : []);
    });
  }

  it("finds a token that never expires", () => {
    assert.deepEqual(found(maxTokenAge, [endlessToken({ id: "a", createdTs: at(-91) })]), ["a"]);
  });

  it("shows what is barely too old as older than the limit, and what cannot be told as that", () => {
    const tokens = [at(-90, -1), "lately"].map((createdTs) => userToken({ id: "a", createdTs }));
    assert.deepEqual(
      check(maxTokenAge, tokens).map(({ message }) => message.split(". ")[0]),
      [
        `svc_bi / "a" (a): age 90.1 days exceeds 90 days`,
        `svc_bi / "a" (a): age cannot be told, createdTs is not a date; it exceeds 90 days`,
      ],
    );
  });

  it("goes by the type where byType says so, and counts a type that is not known as read_write", () => {
    const tokens = ["read_write", "read_scaling", "read_future"].map((tokenType) =>
      userToken({ id: tokenType, tokenType, createdTs: at(-60) }),
    );
    for (const { config, expected } of [
      { config: {}, expected: [] },
      { config: { maxDays: 59 }, expected: ["read_write", "read_scaling", "read_future"] },
      { config: { byType: { read_write: 59 } }, expected: ["read_write", "read_future"] },
      { config: { byType: { read_scaling: 59 } }, expected: ["read_scaling"] },
      { config: { maxDays: 59, byType: { read_scaling: 60 } }, expected: ["read_write", "read_future"] },
    ]) {
      assert.deepEqual(found(maxTokenAge, tokens, config), expected, JSON.stringify(config));
    }
  });
});
