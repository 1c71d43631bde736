import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { parseConfig } from "../../../../policies/configuration/config-file";
import { settingsFileSchema } from "../../../../policies/configuration/config-schema";
import { type PolicyConfig, resolveConfiguration } from "../../../../policies/configuration/configuration";
import { failureOf } from "../../support";

const resolve = (...configs: PolicyConfig[]) =>
  resolveConfiguration(...configs.map((config, i) => ({ name: `source ${i}`, config })));

describe("Owners in the settings", () => {
  it("are named in reports where there is the key, also an empty one", () => {
    assert.equal(resolve({}).namesOwners, false);
    assert.equal(resolve({ owners: {} }, {}).namesOwners, true);
  });

  it("are found without the key, too, by e-mail", () => {
    const ada = { username: "ada", email: "ada@example.com" };
    assert.deepEqual(resolve({}).findOwner(ada), { name: "ada@example.com", foundBy: "email" });
    assert.equal(resolve({ owners: { email: false } }).findOwner(ada), undefined);
  });

  it("have names of users, each told once", () => {
    const owners = {
      users: { ada: "a", "svc_*": "b" },
      tokens: [
        { token: "t", owner: "a" },
        { user: "ada", token: "u", owner: "a" },
      ],
    };
    assert.deepEqual(resolve({ owners }, { owners: { users: { eve: "e" } } }).ownedUsernames, ["ada", "svc_*", "eve"]);
  });

  describe("are refused with", () => {
    for (const { title, owners, says } of [
      { title: "a list", owners: [], says: ": owners is a list, allowed is an object." },
      { title: "a list of users", owners: { users: [] }, says: ": owners.users is a list, allowed is an object." },
      {
        title: "a key that does not exist",
        owners: { user: {} },
        says: ": owners.user is not a setting; did you mean users? (allowed: users, tokens, descriptionPattern, email).",
      },
      { title: "an empty name", owners: { users: { ada: "" } }, says: ": owners.users.ada is empty" },
      {
        title: "a name that nobody can see",
        owners: { users: { ada: "\u200b" } },
        says: "every character can be seen",
      },
      { title: "a name with a line break", owners: { users: { ada: "a\nb" } }, says: "every character can be seen" },
      {
        title: "a name that reorders text",
        owners: { users: { ada: "a\u202eb" } },
        says: "every character can be seen",
      },
      {
        title: "a name that is not text",
        owners: { users: { ada: 3 } },
        says: ": owners.users.ada is 3, allowed is string.",
      },
      { title: "a name that is too long", owners: { users: { ada: "a".repeat(201) } }, says: "200" },
      {
        title: "an entry without a token",
        owners: { tokens: [{ user: "ada", owner: "a" }] },
        says: ": owners.tokens.0.token is missing.",
      },
      {
        title: "an entry with a key that does not exist",
        owners: { tokens: [{ token: "t", owner: "a", organization: "x" }] },
        says: ": owners.tokens.0.organization is not a setting; allowed: user, token, owner.",
      },
      {
        title: "two entries for the same user and token",
        owners: {
          tokens: [
            { token: "t", owner: "a" },
            { user: "*", token: "t", owner: "b" },
          ],
        },
        says: ": owners.tokens.1: an entry before it names the same user and token.",
      },
      ...["owner: \\S+", "(a)(b)", "(", "(?<=owner: )(\\S+)"].map((descriptionPattern) => ({
        title: `the pattern ${descriptionPattern}`,
        owners: { descriptionPattern },
        says: "allowed is a regular expression in the syntax of RE2 with one capture group.",
      })),
    ]) {
      it(title, async () => {
        const { message } = await failureOf(() => resolve({ owners } as unknown as PolicyConfig), PolicyConfigError);
        assert.ok(message.startsWith("source 0: owners") && message.includes(says), message);
      });
    }

    it("the line of a mistake in a file", async () => {
      const text = "owners:\n  users:\n    ada: a\n    svc_etl: 3\n";
      const { message } = await failureOf(() => resolveConfiguration(parseConfig(text, "s.yaml")), PolicyConfigError);
      assert.equal(message, "s.yaml:4: owners.users.svc_etl is 3, allowed is string.");
    });
  });

  it("may name a user like a part of every object", () => {
    const { config } = parseConfig("owners: { users: { __proto__: a, constructor: b } }", "s.yaml");
    const { findOwner } = resolveConfiguration({ name: "s.yaml", config });
    assert.equal(findOwner({ username: "__proto__" })?.name, "a");
    assert.equal(findOwner({ username: "constructor" })?.name, "b");
    assert.equal(findOwner({ username: "toString" }), undefined);
  });

  it("are as the published schema says", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(settingsFileSchema());
    const right = { users: { "svc_*": "#data" }, tokens: [{ user: "ada", token: "t*", owner: "a" }], email: false };
    for (const { owners, isRight } of [
      { owners: right, isRight: true },
      { owners: {}, isRight: true },
      { owners: { users: { ada: "" } }, isRight: false },
      { owners: { tokens: [{ owner: "a" }] }, isRight: false },
      { owners: { pattern: "x" }, isRight: false },
    ]) {
      assert.equal(validate({ owners }), isRight, JSON.stringify(owners));
    }
  });
});
