import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { describeOwner } from "../../../core/owner";
import { compileOwners, type OwnersConfig, ownersOf } from "../../../policies/owners";
import { userToken } from "../support";

const ID = "7c1f0000-0000-4000-8000-000000000001";
const nightly = { id: ID, name: "nightly" };

/** `name (how)`, or nothing. */
function ownerBy(
  settings: OwnersConfig | readonly OwnersConfig[],
  user: { username: string; email?: string } = { username: "svc_etl" },
  token?: { id: string; name?: string; description?: string },
): string | undefined {
  const owner = compileOwners("length" in settings ? settings : [settings])(user, token);
  return owner && `${owner.name} (${owner.foundBy})`;
}

describe("The owner of a user", () => {
  for (const { title, users, owner } of [
    { title: "nobody, where no entry matches", users: { svc_bi: "bi" }, owner: undefined },
    { title: "of the name", users: { svc_etl: "etl" }, owner: "etl (user setting)" },
    { title: "of a glob", users: { "svc_*": "platform" }, owner: "platform (user setting)" },
    {
      title: "of the name rather than of a glob",
      users: { "svc_et?": "glob", svc_etl: "etl" },
      owner: "etl (user setting)",
    },
    {
      title: "of the glob with the most characters, in any order",
      users: { "*": "all", "svc_e*": "etl", "svc_*": "platform" },
      owner: "etl (user setting)",
    },
    {
      title: "of the first of two equal globs",
      users: { "*tl": "first", "sv*": "second" },
      owner: "first (user setting)",
    },
    { title: "nobody, where only case differs", users: { SVC_ETL: "etl" }, owner: undefined },
  ]) {
    it(`is ${title}`, () => assert.equal(ownerBy({ users }), owner));
  }

  for (const username of ["constructor", "__proto__", "toString"]) {
    it(`is told for a user who is called ${username}, and for no other`, () => {
      const users = JSON.parse(`{"${username}": "own"}`) as Record<string, string>;
      assert.equal(ownerBy({ users }, { username }), "own (user setting)");
      assert.equal(ownerBy({ users }), undefined);
      assert.equal(ownerBy({ users: {} }, { username }), undefined);
    });
  }

  it("is the e-mail where no entry matches, unless the settings do not want that", () => {
    const ada = { username: "ada", email: "ada@example.com" };
    assert.equal(ownerBy([], ada), "ada@example.com (email)");
    assert.equal(ownerBy({ users: { ada: "research" } }, ada), "research (user setting)");
    assert.equal(ownerBy({ email: false }, ada), undefined);
    assert.equal(ownerBy({}, { username: "ada", email: "\u200b " }), undefined, "an e-mail that nobody can see");
  });
});

describe("The owner of a token", () => {
  for (const { title, tokens, owner } of [
    { title: "of its name", tokens: [{ token: "nightly", owner: "night" }], owner: "night" },
    { title: "of its id", tokens: [{ token: ID, owner: "id" }], owner: "id" },
    { title: "of a glob", tokens: [{ token: "n*", owner: "glob" }], owner: "glob" },
    {
      title: "of its id rather than of its name, also where the name's entry names the user",
      tokens: [
        { user: "svc_etl", token: "nightly", owner: "name" },
        { token: ID, owner: "id" },
      ],
      owner: "id",
    },
    {
      title: "of its name rather than of a glob, also where the glob's entry names the user",
      tokens: [
        { user: "svc_etl", token: "nightl?", owner: "glob" },
        { token: "nightly", owner: "name" },
      ],
      owner: "name",
    },
    {
      title: "of the longer glob",
      tokens: [
        { token: "n*", owner: "short" },
        { token: "night*", owner: "long" },
      ],
      owner: "long",
    },
    {
      title: "of the entry that names the user, where the tokens are named alike",
      tokens: [
        { token: "night*", owner: "everybody's" },
        { user: "svc_*", token: "night*", owner: "glob" },
        { user: "svc_etl", token: "night*", owner: "name" },
      ],
      owner: "name",
    },
    {
      title: "of the first of two entries that are equally specific",
      tokens: [
        { user: "svc_*", token: "night*", owner: "first" },
        { user: "*_etl", token: "*ightl", owner: "no match" },
        { user: "*_etl", token: "*ghtly", owner: "second" },
      ],
      owner: "first",
    },
  ]) {
    it(`is ${title}, and wins over the user's`, () => {
      const settings = { tokens, users: { svc_etl: "user's" } };
      assert.equal(ownerBy(settings, undefined, nightly), `${owner} (token setting)`);
    });
  }

  it("is not told by an entry for another user, or by an id that is another token's name", () => {
    assert.equal(ownerBy({ tokens: [{ user: "svc_bi", token: "*", owner: "bi" }] }, undefined, nightly), undefined);
    const impostor = { id: "other", name: ID };
    assert.equal(ownerBy({ tokens: [{ token: ID, owner: "id" }] }, undefined, impostor), undefined);
  });

  it("is not the user's, where entries for tokens alone match: the user has none", () => {
    assert.equal(ownerBy({ tokens: [{ token: "*", owner: "tokens" }] }), undefined);
  });

  for (const { title, description, owner } of [
    {
      title: "what the group holds",
      description: "loads Salesforce; owner: #data-eng",
      owner: "#data-eng (description)",
    },
    { title: "the first match", description: "owner: a owner: b", owner: "a (description)" },
    { title: "the e-mail where nothing matches", description: "loads Salesforce", owner: "etl@example.com (email)" },
    { title: "the e-mail where the group is blank", description: "owner: \u200b", owner: "etl@example.com (email)" },
    { title: "the e-mail where there is no description", description: undefined, owner: "etl@example.com (email)" },
  ]) {
    it(`is by the description ${title}`, () => {
      const token = { ...nightly, ...(description !== undefined && { description }) };
      const user = { username: "svc_etl", email: "etl@example.com" };
      assert.equal(ownerBy({ descriptionPattern: "owner: (\\S+)" }, user, token), owner);
    });
  }

  it("is not the description's where settings name one for the user", () => {
    const token = { ...nightly, description: "owner: me" };
    const settings = { descriptionPattern: "owner: (\\S+)", users: { "*": "security" } };
    assert.equal(ownerBy(settings, undefined, token), "security (user setting)");
    assert.equal(ownerBy({}, undefined, token), undefined, "without a pattern");
  });
});

describe("Owners from several sources", () => {
  const weak: OwnersConfig = {
    users: { svc_etl: "weak", "svc_b*": "weak bi" },
    tokens: [{ token: "nightly", owner: "weak" }],
    descriptionPattern: "weak: (.*)",
    email: false,
  };
  it("are those of the stronger one for the same key, and of both for others", () => {
    const strong = { users: { svc_etl: "strong" }, tokens: [{ token: "nightly", owner: "strong" }] };
    assert.equal(ownerBy([weak, strong]), "strong (user setting)");
    assert.equal(ownerBy([weak, strong], undefined, nightly), "strong (token setting)");
    assert.equal(ownerBy([weak, strong], { username: "svc_bi" }), "weak bi (user setting)");
  });

  it("are more specific before they are stronger", () => {
    assert.equal(ownerBy([weak, { users: { "svc_*": "strong" } }]), "weak (user setting)");
  });

  it("have one pattern and one answer about e-mails, of the strongest that gives one", () => {
    const user = { username: "ada", email: "ada@example.com" };
    assert.equal(ownerBy([weak, {}], user), undefined);
    assert.equal(ownerBy([weak, { email: true }], user), "ada@example.com (email)");
    const token = { id: "a", description: "weak: w strong: s" };
    assert.equal(ownerBy([weak, { descriptionPattern: "strong: (.*)" }], user, token), "s (description)");
    assert.equal(ownerBy([weak, {}], user, token), "w strong: s (description)");
  });
});

describe("The owners of a user's tokens", () => {
  it("are told by id, without those that have none", () => {
    const tokens = [userToken({ id: "a", name: "nightly" }), userToken({ id: "b" })];
    const owners = ownersOf(
      { username: "svc_etl", tokens },
      compileOwners([{ tokens: [{ token: "n*", owner: "o" }] }]),
    );
    assert.deepEqual(owners, { tokens: new Map([["a", { name: "o", foundBy: "token setting" }]]) });
    const withUser = ownersOf({ username: "svc_etl", tokens }, compileOwners([{ users: { "*": "u" } }]));
    assert.deepEqual(withUser.user, { name: "u", foundBy: "user setting" });
    assert.deepEqual([...withUser.tokens.keys()], ["a", "b"]);
  });

  it("are described in a form that is safe to print", () => {
    assert.equal(describeOwner({ name: "a\u001b[2J", foundBy: "description" }), "owned by a\\u001b[2J (description)");
  });
});
