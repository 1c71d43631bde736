import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readEvidence, USER_TOKENS_TYPES } from "../../../policies/evidence";
import { UserTokens } from "../../../provider";
import { at, userToken } from "../support";

const [DYNAMIC = ""] = USER_TOKENS_TYPES;
const good = { username: "ada", tokens: [userToken({ id: "a" })], fetchedAt: at(0) };

describe("readEvidence", () => {
  it("knows the type that this package's resource has, and that of the plugin", () => {
    assert.deepEqual(USER_TOKENS_TYPES, [UserTokens.__pulumiType, "motherduck-tokens:index:UserTokens"]);
  });

  for (const type of USER_TOKENS_TYPES) {
    it(`reads a user's tokens from ${type}, and nothing else`, () => {
      assert.deepEqual(readEvidence(type, { ...good, __provider: "…", more: 1 }), { kind: "user", user: good });
    });
  }

  it("reads a user without tokens", () => {
    assert.deepEqual(readEvidence(DYNAMIC, { username: "ada", tokens: [] }), {
      kind: "user",
      user: { username: "ada", tokens: [] },
    });
  });

  it("leaves the time out where it is no text, for the rule to find", () => {
    for (const fetchedAt of [undefined, null, 1714521600, {}]) {
      assert.deepEqual(readEvidence(DYNAMIC, { ...good, fetchedAt }), {
        kind: "user",
        user: { username: good.username, tokens: good.tokens },
      });
    }
  });

  for (const type of [
    "aws:s3/bucket:Bucket",
    "pulumi:pulumi:Stack",
    "pulumi-nodejs:dynamic:Resource",
    "pulumi:providers:motherduck-tokens",
    "pulumi-nodejs:dynamic/other:UserTokens",
    "motherduck:index/token:Token",
  ]) {
    it(`does not care for ${type}`, () => assert.deepEqual(readEvidence(type, good), { kind: "other" }));
  }

  for (const type of [
    "pulumi-nodejs:dynamic/motherduck:OrganizationTokens",
    "pulumi-nodejs:dynamic/my-motherduck:UserTokens",
    "pulumi-nodejs:dynamic/MotherDuck:UserTokens",
    "motherduck-tokens:index:OrganizationTokens",
    "motherduck-tokens:v2:UserTokens",
    "motherduck:index/userTokens:UserTokens",
    "acme:motherduck:usertokens",
  ]) {
    it(`does not pass over ${type}, which looks like this project's`, () => {
      assert.deepEqual(readEvidence(type, good), {
        kind: "unreadable",
        reason: `this version of the pack does not know resources of type ${type}`,
      });
    });
  }

  const noList = "`tokens` is no list of tokens as this version knows them";
  for (const { title, fields, reason } of [
    { title: "missing tokens", fields: { tokens: undefined }, reason: "`tokens` is missing: they were not read" },
    { title: "tokens that are null", fields: { tokens: null }, reason: noList },
    { title: "tokens that are hidden", fields: { tokens: "[secret]" }, reason: noList },
    { title: "tokens that are an object", fields: { tokens: {} }, reason: noList },
    { title: "tokens that hold something else", fields: { tokens: [userToken({ id: "a" }), null] }, reason: noList },
    { title: "tokens of another version", fields: { tokens: [{ id: "a", created_ts: at(0) }] }, reason: noList },
    {
      title: "a missing username",
      fields: { username: undefined },
      reason: "`username` is missing or no string",
    },
    { title: "a username that is null", fields: { username: null }, reason: "`username` is missing or no string" },
  ]) {
    it(`says that it cannot read ${title}`, () => {
      assert.deepEqual(readEvidence(DYNAMIC, { ...good, ...fields }), { kind: "unreadable", reason });
    });
  }
});
