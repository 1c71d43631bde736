import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { daysToMs } from "../../../core/duration";
import { adviseChoice, adviseReplacement, adviseRevocation, type Replacement } from "../../../policies/advice";
import type { UserEvidence } from "../../../policies/rule";
import { LIMITS, userToken } from "../support";

const token = userToken({ id: "a" });
const reader = userToken({ id: "b", tokenType: "read_scaling", readOnly: true });

/** What is advised about the first of a user's tokens. */
const advise = (details: Partial<UserEvidence> = {}, replacement?: Replacement) => {
  const holder = { tokens: [token], ...details };
  const [first = token] = holder.tokens;
  return adviseReplacement(holder, first, LIMITS, replacement);
};

describe("the advice to replace a token", () => {
  const named = { what: "a replacement named after what uses it" };
  for (const { title, details, replacement, says } of [
    {
      title: "of nobody knows whom holds for people and for service accounts",
      says: "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
    },
    {
      title: "of a service account names the API's calls",
      details: { isServiceAccount: true },
      says: "Create a replacement with ttl <= 7776000 (POST /v1/users/{username}/tokens), switch its consumers, revoke this one (DELETE /v1/users/{username}/tokens/{token_id}).",
    },
    {
      title: "of a service account's read_scaling token asks for that type: the API makes another one by default",
      details: { isServiceAccount: true, tokens: [reader] },
      says: "Create a replacement with ttl <= 7776000 (POST /v1/users/{username}/tokens, token_type read_scaling), switch its consumers, revoke this one (DELETE /v1/users/{username}/tokens/{token_id}).",
    },
    {
      title: "of a service account's token that ends by itself does not revoke it",
      details: { isServiceAccount: true },
      replacement: { endsByItself: true },
      says: "Create a replacement with ttl <= 7776000 (POST /v1/users/{username}/tokens), switch its consumers before that.",
    },
    {
      title: "of a person is for the person, with days in place of the API's ttl",
      details: { isServiceAccount: false },
      says: "Only its holder can create a replacement: in their settings at MotherDuck, under Access Tokens, to expire within 90 days. Then switch its consumers, revoke this one.",
    },
    {
      title: "of a person keeps a limit that is not a whole number of days",
      details: { isServiceAccount: false },
      replacement: { ...named, atMost: daysToMs(4.35), endsByItself: true },
      says: "Only its holder can create a replacement named after what uses it: in their settings at MotherDuck, under Access Tokens, to expire within 4.3 days. Then switch its consumers before that.",
    },
    {
      title: "of somebody who is deprovisioned is to revoke it: nobody is there who needs another",
      details: { isDeprovisioned: true, isServiceAccount: false },
      says: "Revoke it (DELETE /v1/users/{username}/tokens/{token_id}).",
    },
    {
      title: "of MotherDuck's own for Flights is to name another one to the Flights",
      details: { isServiceAccount: false, tokens: [userToken({ id: "f", name: "MotherDuck Flights" })] },
      says: "By its name, MotherDuck made this token itself, for Flights. Name a replacement with ttl <= 7776000 as the access_token_name of each Flight, then revoke this one.",
    },
    {
      title: "of MotherDuck's own for its extension is to give DuckDB another one",
      details: { tokens: [userToken({ id: "e", name: "MotherDuck Extension" })] },
      replacement: { what: "a read_scaling token", type: "read_scaling", atMost: daysToMs(1) } as const,
      says: "By its name, MotherDuck made this token itself, for its DuckDB extension. Give DuckDB a read_scaling token with ttl <= 86400 in motherduck_token, then revoke this one.",
    },
    {
      title: "of MotherDuck's own is to revoke it where its holder is deprovisioned",
      details: { isDeprovisioned: true, tokens: [userToken({ id: "e", name: "MotherDuck Extension" })] },
      says: "Revoke it (DELETE /v1/users/{username}/tokens/{token_id}).",
    },
  ]) {
    it(title, () => assert.equal(advise(details, replacement).fix, says));
  }
});

describe("the remedy", () => {
  const replace = { action: "replace", tokenType: "read_write", maxTtlSeconds: 7_776_000 };
  const remedyOf = (...args: Parameters<typeof advise>) => advise(...args).remedy;

  it("keeps the token's type and the limits, unless the rule asks for others", () => {
    assert.deepEqual(remedyOf(), replace);
    assert.deepEqual(remedyOf({ tokens: [reader] }), { ...replace, tokenType: "read_scaling" });
    assert.deepEqual(remedyOf({}, { type: "read_scaling", atMost: daysToMs(4.35) }), {
      ...{ ...replace, tokenType: "read_scaling" },
      maxTtlSeconds: 375_840,
    });
    assert.deepEqual(remedyOf({}, { needsName: true }), { ...replace, needsName: true });
  });

  it("is to revoke the token of somebody who is deprovisioned", () => {
    assert.deepEqual(remedyOf({ isDeprovisioned: true }), { action: "revoke" });
    assert.deepEqual(adviseRevocation().remedy, { action: "revoke" });
  });

  it("of MotherDuck's own token is nobody's to carry out", () => {
    assert.equal(remedyOf({ tokens: [userToken({ id: "f", name: "MotherDuck Flights" })] }), undefined);
  });
});

describe("the advice to revoke", () => {
  it("names the API's call, in the message's own words", () => {
    assert.equal(adviseRevocation().fix, "Revoke it (DELETE /v1/users/{username}/tokens/{token_id}).");
    assert.equal(
      adviseChoice("Revoke those that are not in use"),
      "Revoke those that are not in use (DELETE /v1/users/{username}/tokens/{token_id}).",
    );
  });
});
