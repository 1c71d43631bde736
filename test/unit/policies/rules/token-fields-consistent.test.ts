import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { UserToken } from "../../../../core/user-token";
import { tokenFieldsConsistent } from "../../../../policies/rules/token-fields-consistent";
import { at, check, endlessToken, userToken, without } from "../../support";

/** What it says about a token, without who and what to do. */
function oddities(fields: Partial<UserToken>, config: object = {}): string | undefined {
  const [violation] = check(tokenFieldsConsistent, [userToken({ id: "a", ...fields })], config);
  return violation && /^svc_bi \/ "a" \(a\): (.*)\. Check it/.exec(violation.message)?.[1];
}

describe("token-fields-consistent", () => {
  it("says which token, all that is odd about it, and what to do", () => {
    const token = { id: "a", name: "x", tokenType: "admin", createdTs: "lately", readOnly: false };
    assert.deepEqual(check(tokenFieldsConsistent, [token, userToken({ id: "b" })]), [
      {
        tokenId: "a",
        message:
          `svc_bi / "x" (a): tokenType "admin" is not known; createdTs "lately" is not a date. ` +
          "Check it at MotherDuck, and look for a newer version of this package.",
      },
    ]);
  });

  for (const { title, fields, config, says } of [
    { title: "a read_write token", fields: {} },
    { title: "a read_scaling token that can only read", fields: { tokenType: "read_scaling", readOnly: true } },
    { title: "a read_scaling token that says nothing of it", fields: { tokenType: "read_scaling", readOnly: false } },
    {
      title: "a read_write token that can only read",
      fields: { readOnly: true },
      says: "it is read_write, but readOnly",
    },
    { title: "a type in capitals", fields: { tokenType: "READ_WRITE" }, says: `tokenType "READ_WRITE" is not known` },
    { title: "an empty type", fields: { tokenType: "" }, says: `tokenType "" is not known` },
    {
      title: "a type with a control character",
      fields: { tokenType: "\u001b" },
      says: `tokenType "\\u001b" is not known`,
    },
    {
      title: "a creation on no day",
      fields: { createdTs: "2026-02-29" },
      says: `createdTs "2026-02-29" is not a date`,
    },
    { title: "an empty creation", fields: { createdTs: "" }, says: `createdTs "" is not a date` },
    { title: "a creation on a leap day", fields: { createdTs: "2024-02-29" } },
    { title: "a creation as far ahead as clocks may differ", fields: { createdTs: at(0, 300_000) } },
    {
      title: "a creation a second further ahead",
      fields: { createdTs: at(0, 301_000) },
      says: `it was created in the future (${at(0, 301_000)})`,
    },
    { title: "a creation now, without any difference", fields: { createdTs: at(0) }, config: { clockSkewSeconds: 0 } },
    {
      title: "a creation in a millisecond, without any difference",
      fields: { createdTs: at(0, 1) },
      config: { clockSkewSeconds: 0 },
      says: `it was created in the future (${at(0, 1)})`,
    },
    { title: "a creation a day ahead, as allowed", fields: { createdTs: at(1) }, config: { clockSkewSeconds: 86_400 } },
    { title: "an expiry at the instant of the creation", fields: { createdTs: at(-1), expireAt: at(-1) } },
    {
      title: "the same instant in another offset",
      fields: { createdTs: "2026-02-01T00:00:00Z", expireAt: "2026-02-01T02:00:00+02:00" },
    },
    {
      title: "an expiry a millisecond before the creation",
      fields: { createdTs: at(-1), expireAt: at(-1, -1) },
      says: "it expired before it was created",
    },
    {
      title: "an expiry before the creation, in another offset",
      fields: { createdTs: "2026-02-01T00:00:00Z", expireAt: "2026-02-01T01:59:59+02:00" },
      says: "it expired before it was created",
    },
    { title: "an expiry at the end of all dates", fields: { expireAt: "9999-12-31T23:59:59Z" } },
    { title: "an expiry that is not a date", fields: { expireAt: "never" }, says: `expireAt "never" is not a date` },
    { title: "an empty expiry", fields: { expireAt: "" }, says: `expireAt "" is not a date` },
    {
      title: "an expiry on no day, of a token that other rules may be told to pass over",
      fields: { tokenType: "read_scaling", createdTs: at(0), expireAt: "2026-02-30" },
      says: `expireAt "2026-02-30" is not a date`,
    },
    {
      title: "an expiry before a creation in the future",
      fields: { createdTs: at(2), expireAt: at(1) },
      says: `it was created in the future (${at(2)}); it expired before it was created`,
    },
  ]) {
    it(`${says === undefined ? "passes" : "finds"} ${title}`, () => assert.equal(oddities(fields, config), says));
  }

  it("passes a token that never expires, and one without a name", () => {
    assert.deepEqual(check(tokenFieldsConsistent, [without(endlessToken({ id: "a" }), "name")]), []);
  });
});
