import assert from "node:assert/strict";
import { types } from "node:util";
import { describe, it } from "mocha";
import { encodeText } from "../../../core/printable";
import { DYNAMIC_PROVIDERS } from "../../../core/resource-types";
import {
  ORGANIZATION_TOKENS_TYPES,
  readEvidence,
  readSelection,
  USER_TOKENS_TYPES,
} from "../../../policies/read-evidence";
import { UserTokens } from "../../../provider";
import { unknownCheckingProxy } from "../../../testing/sdk";
import { at, userToken } from "../support";

const [DYNAMIC = ""] = USER_TOKENS_TYPES;
const origin = { apiUrl: "https://api.motherduck.com", organization: "acme" };
const readAt = { _provenance: { ...origin, fetchedAt: at(0) } };
const ada = { username: "ada", tokens: [userToken({ id: "a" })] };
const good = { ...ada, ...readAt };

describe("readEvidence", () => {
  it("knows the type that this package's resource has, and that of the plugin", () => {
    assert.deepEqual(USER_TOKENS_TYPES, [UserTokens.__pulumiType, "motherduck-tokens:index:UserTokens"]);
  });

  for (const type of USER_TOKENS_TYPES) {
    it(`reads a user's tokens from ${type}, and nothing else`, () => {
      assert.deepEqual(
        readEvidence(type, {
          ...good,
          ...(type in DYNAMIC_PROVIDERS && { __provider: DYNAMIC_PROVIDERS[type] }),
          more: 1,
        }),
        {
          kind: "users",
          users: [{ ...ada, origin, fetchedAt: at(0) }],
        },
      );
    });
  }

  it("marks what another provider than this package's gave, where states and events tell", () => {
    const evidence = readEvidence(DYNAMIC, { ...good, __provider: "exports.handler=()=>({})" });
    assert.deepEqual(evidence, {
      kind: "users",
      users: [{ ...ada, origin, fetchedAt: at(0), hasForeignProvider: true }],
    });
  });

  it("reads a user without tokens", () => {
    assert.deepEqual(readEvidence(DYNAMIC, { username: "ada", tokens: [] }), {
      kind: "users",
      users: [{ username: "ada", tokens: [] }],
    });
  });

  it("leaves anything but text out of the provenance, for the rules to find", () => {
    const { apiUrl } = origin;
    for (const [_provenance, rest] of [
      ...[null, "[]", 1714521600, {}, []].map((value) => [value, {}]),
      [{ fetchedAt: 1714521600, apiUrl: null, organization: "acme" }, {}],
      [{ fetchedAt: at(0), apiUrl: {} }, { fetchedAt: at(0) }],
      [{ fetchedAt: {}, apiUrl, organization: 7 }, { origin: { apiUrl } }],
    ] as const) {
      const props = { ...ada, _provenance, fetchedAt: at(-1) };
      assert.deepEqual(readEvidence(DYNAMIC, props), { kind: "users", users: [{ ...ada, ...(rest as object) }] });
    }
  });

  it("takes the time from where older states have it, only where there is no provenance", () => {
    for (const [fetchedAt, rest] of [
      [at(0), { fetchedAt: at(0) }],
      ...[undefined, null, 1714521600, {}].map((value) => [value, {}]),
    ] as const) {
      assert.deepEqual(readEvidence(DYNAMIC, { ...ada, fetchedAt }), {
        kind: "users",
        users: [{ ...ada, ...(rest as object) }],
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
    "pulumi-nodejs:dynamic/my-motherduck:OrganizationTokens",
    "pulumi-nodejs:dynamic/my-motherduck:UserTokens",
    "pulumi-nodejs:dynamic/MotherDuck:UserTokens",
    "motherduck-tokens:v2:OrganizationTokens",
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

  const noList = "`tokens` is not a list of tokens that this version knows";
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
      reason: "`username` is missing or not a string",
    },
    { title: "a username that is null", fields: { username: null }, reason: "`username` is missing or not a string" },
  ]) {
    it(`says that it cannot read ${title}`, () => {
      assert.deepEqual(readEvidence(DYNAMIC, { ...good, ...fields }), { kind: "unreadable", reason });
    });
  }

  describe("of an organization", () => {
    const users = [
      { username: "ada", tokens: [userToken({ id: "a" })], isDeprovisioned: false },
      { username: "eve", tokens: [], isDeprovisioned: true },
    ];
    const read = (props: Record<string, unknown>) => readEvidence(ORGANIZATION_TOKENS_TYPES[0] ?? "", props);

    for (const type of ORGANIZATION_TOKENS_TYPES) {
      it(`reads each user from ${type}, with where and when it was read`, () => {
        assert.deepEqual(readEvidence(type, { users, ...readAt, more: 1 }), {
          kind: "users",
          users: users.map((user) => ({ ...user, isListingExpected: true, origin, fetchedAt: at(0) })),
        });
      });
    }

    it("takes anything but true and false for an unknown state of the user", () => {
      for (const isDeprovisioned of [undefined, null, "false", 0]) {
        const ada = { username: "ada", tokens: [userToken({ id: "a" })] };
        assert.deepEqual(read({ users: [{ ...ada, isDeprovisioned }] }), {
          kind: "users",
          users: [{ ...ada, isListingExpected: true }],
        });
      }
    });

    const entry = "`users` holds an entry that this version does not know";
    for (const { title, value, reason } of [
      { title: "missing users", value: undefined, reason: "`users` is missing: they were not read" },
      { title: "users that are null", value: null, reason: "`users` is not a list of users, or is empty" },
      { title: "hidden users", value: "[secret]", reason: "`users` is not a list of users, or is empty" },
      { title: "no users", value: [], reason: "`users` is not a list of users, or is empty" },
      { title: "a user that is null", value: [users[0], null], reason: entry },
      { title: "a user that is text", value: ["ada"], reason: entry },
      { title: "a user without a name", value: [{ tokens: [] }], reason: entry },
      { title: "a user whose tokens are missing", value: [...users, { username: "bob" }], reason: entry },
      { title: "a user whose tokens are another version's", value: [{ username: "bob", tokens: [{}] }], reason: entry },
    ]) {
      it(`says that it cannot read ${title}`, () => {
        assert.deepEqual(read({ users: value, ...readAt }), { kind: "unreadable", reason });
      });
    }
  });

  for (const [type, props] of [
    [DYNAMIC, good],
    [ORGANIZATION_TOKENS_TYPES[0] ?? "", { users: [ada], ...readAt }],
  ] as const) {
    it(`gives rules plain tokens, not CrossGuard's proxies, which are slow: ${type}`, () => {
      const evidence = readEvidence(type, unknownCheckingProxy(props));
      assert.ok(evidence.kind === "users");
      const token = evidence.users[0]?.tokens[0];
      assert.deepEqual(token, ada.tokens[0]);
      assert.equal(types.isProxy(token), false);
    });
  }

  it("does not take properties for a proxy because they have the SDK's names", () => {
    const names = { __isSpecialProxy: true, __getSpecialProxyTarget: { ...good, tokens: [] } };
    assert.deepEqual(readEvidence(DYNAMIC, { ...good, ...names }), readEvidence(DYNAMIC, good));
  });

  it("does not take an error for a value that is not known yet", () => {
    const props = {
      get tokens() {
        throw new Error("a bug");
      },
    };
    assert.throws(() => readEvidence(DYNAMIC, props), /a bug/);
  });
});

describe("readSelection", () => {
  const [type = ""] = ORGANIZATION_TOKENS_TYPES;

  it("is of resources with many users alone", () => {
    assert.equal(readSelection(DYNAMIC, { usernames: ["ada"] }), undefined);
    assert.deepEqual(readSelection(type, {}), { usernames: undefined, accounts: undefined });
  });

  it("gives the names as MotherDuck has them, and anything else as it is", () => {
    const usernames = ["ada", encodeText("e\u001b[2J"), 7, null];
    assert.deepEqual(readSelection(type, { usernames, accounts: "humans" }), {
      usernames: ["ada", "e\u001b[2J", 7, null],
      accounts: "humans",
    });
    assert.deepEqual(readSelection(type, { usernames: "ada" }), { usernames: "ada", accounts: undefined });
  });
});
