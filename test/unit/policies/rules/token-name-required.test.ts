import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { tokenNameRequired } from "../../../../policies/rules/token-name-required";
import { check, failureOf, found, userToken, without } from "../../support";

const named = (name: string) => userToken({ id: "a", name });
const nameless = without(userToken({ id: "a" }), "name");

describe("token-name-required", () => {
  it("says which token has no name, and what to do", () => {
    assert.deepEqual(check(tokenNameRequired, [nameless]), [
      {
        tokenId: "a",
        message:
          "svc_bi / (no name) (a): has no name. Create a replacement named after what uses it with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      },
    ]);
  });

  it("says which pattern a name does not match", () => {
    assert.deepEqual(check(tokenNameRequired, [named("x")], { pattern: "^etl-" }), [
      {
        tokenId: "a",
        message:
          `svc_bi / "x" (a): its name does not match "^etl-". ` +
          "Create a replacement named after what uses it with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
      },
    ]);
  });

  for (const [name, expected] of [
    ["nightly", []],
    ["x", []],
    [" x ", []],
    ["🦆", []],
    ["", ["a"]],
    [" ", ["a"]],
    ["\t\n", ["a"]],
    ["\u00a0\u2003", ["a"]],
    [null, ["a"]],
  ] as const) {
    it(`${expected.length > 0 ? "finds" : "passes"} the name ${JSON.stringify(name)}`, () => {
      assert.deepEqual(found(tokenNameRequired, [named(name as string)]), expected);
    });
  }

  for (const { pattern, flags, passes, finds } of [
    { pattern: "^etl-[a-z]+$", flags: undefined, passes: ["etl-nightly"], finds: ["etl-", "ETL-nightly", "x-etl-a"] },
    { pattern: "^etl-[a-z]+$", flags: "i", passes: ["ETL-Nightly"], finds: ["etl-1"] },
    { pattern: "etl", flags: "", passes: ["my-etl-token"], finds: ["my token"] },
    { pattern: "^.$", flags: undefined, passes: ["d", "🦆"], finds: ["🦆🦆", "👩\u200d💻"] },
    { pattern: "^.$", flags: "u", passes: ["🦆"], finds: ["🦆🦆"] },
    { pattern: "^\\p{L}+$", flags: "u", passes: ["été"], finds: ["a1"] },
    { pattern: "^straße$", flags: "iu", passes: ["STRAẞE"], finds: ["strasse"] },
    // What matches everything still does not make a blank name a name.
    { pattern: "", flags: undefined, passes: ["x"], finds: ["", " "] },
    { pattern: "^\\s*$", flags: undefined, passes: [], finds: ["", " ", "x"] },
  ] as const) {
    it(`goes by the pattern ${pattern} with the flags ${flags ?? "not set"}`, () => {
      const config = { pattern, ...(flags !== undefined && { flags }) };
      for (const name of passes) assert.deepEqual(found(tokenNameRequired, [named(name)], config), [], name);
      for (const name of finds) assert.deepEqual(found(tokenNameRequired, [named(name)], config), ["a"], name);
    });
  }

  it("passes over names that cannot be seen, and goes by the text that MotherDuck has", () => {
    const config = { pattern: "^a\\sb$" };
    assert.deepEqual(found(tokenNameRequired, [named("\u200b\ufeff")]), ["a"]);
    assert.deepEqual(found(tokenNameRequired, [named("a\tb")], config), []);
    assert.deepEqual(found(tokenNameRequired, [named("a\\u0009b")], config), ["a"]);
  });

  it("takes JavaScript's way to write a character by number", () => {
    assert.deepEqual(found(tokenNameRequired, [named("été")], { pattern: "^\\u00e9t\\u00e9$" }), []);
  });

  it("judges each name anew: a pattern keeps no place", () => {
    const tokens = ["etl-a", "etl-b", "etl-c"].map((id) => userToken({ id }));
    assert.deepEqual(found(tokenNameRequired, tokens, { pattern: "etl", flags: "i" }), []);
  });

  for (const config of [
    { pattern: "(" },
    { pattern: 1 },
    { flags: "g" },
    { flags: "y" },
    // What RE2 does not have.
    { pattern: "(?=a)" },
    { pattern: "(a)\\1" },
    { pattern: "(?<x>a)\\k<x>" },
  ]) {
    it(`refuses the settings ${JSON.stringify(config)}`, async () => {
      const { message } = await failureOf(() => check(tokenNameRequired, [named("x")], config), PolicyConfigError);
      assert.match(message, new RegExp(`token-name-required.*${Object.keys(config).join("")}`));
    });
  }

  it("says of a broken pattern that it must be a regular expression", async () => {
    const { message } = await failureOf(() => check(tokenNameRequired, [], { pattern: "(" }), PolicyConfigError);
    assert.equal(
      message,
      `configuration of policy token-name-required: pattern is "(", allowed is a regular expression in the syntax of RE2.`,
    );
  });
});
