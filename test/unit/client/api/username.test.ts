import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SettingsError } from "../../../../client/errors";
import { checkUsername } from "../../../../client/api/username";
import { failureOf } from "../../support";

describe("checkUsername", () => {
  for (const username of [
    "ada",
    "ada@example.com",
    "..x",
    "...",
    "a/b",
    "a%2Fb",
    "ü",
    "🦆",
    "a b",
    " a ",
    "__proto__",
  ]) {
    it(`takes ${JSON.stringify(username)} as it is`, () => assert.equal(checkUsername(username), username));
  }

  it("takes 1 to 255 characters", () => {
    assert.equal(checkUsername("a").length, 1);
    assert.equal(checkUsername("a".repeat(255)).length, 255);
  });

  it("counts characters as the API's contract does, where an emoji is one", () => {
    assert.equal(checkUsername("🦆".repeat(255)), "🦆".repeat(255));
  });

  for (const { title, username, found } of [
    { title: "that is empty", username: "", found: "it is empty or blank" },
    { title: "that is blank", username: " \t\n", found: "it is empty or blank" },
    { title: "that is `.`", username: ".", found: `it is "."` },
    { title: "that is `..`", username: "..", found: `it is ".."` },
    {
      title: "of 256 characters",
      username: "a".repeat(256),
      found: "it has 256 characters, the API allows 255",
    },
    {
      title: "with half of an emoji",
      username: "a\ud83e",
      found: "it holds half of a character (a lone surrogate)",
    },
    { title: "that is undefined", username: undefined, found: "it is undefined, not a string" },
    { title: "that is null", username: null, found: "it is null, not a string" },
    { title: "that is a number", username: 7, found: "it is number, not a string" },
    { title: "that is an object", username: { toString: () => "ada" }, found: "it is object, not a string" },
  ]) {
    it(`refuses a username ${title}`, async () => {
      const { message } = await failureOf(() => checkUsername(username), SettingsError);
      assert.equal(
        message,
        `username cannot be used: ${found}. Give the name of a user or service account of your MotherDuck organization.`,
      );
    });
  }
});
