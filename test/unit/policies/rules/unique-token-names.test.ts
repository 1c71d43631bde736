import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { UserToken } from "../../../../core/user-token";
import { uniqueTokenNames } from "../../../../policies/rules/unique-token-names";
import { at, check, foundGroups, userToken } from "../../support";

/** Tokens of these names, with the ids 0, 1, … */
const named = (...names: (string | null | undefined)[]) =>
  names.map((name, i) => ({ ...userToken({ id: `${i}` }), name: name as string }));

const names = (list: readonly UserToken[], config: object = {}) =>
  foundGroups(uniqueTokenNames, list, config).map(({ subject, parts }) => [subject, parts?.join(", ")]);

describe("unique-token-names", () => {
  it("says who has which name how often, on which tokens, and what to do", () => {
    assert.deepEqual(check(uniqueTokenNames, named("nightly", "x", "nightly", "nightly")), [
      {
        message: `svc_bi: 3 tokens are named "nightly" (0, 2, 3). Revoke those that are not in use (DELETE /v1/users/{username}/tokens/{token_id}).`,
      },
    ]);
  });

  for (const { title, tokens, config, expected } of [
    { title: "passes a user without tokens", tokens: named(), expected: [] },
    { title: "passes different names", tokens: named("a", "b", "ab"), expected: [] },
    {
      title: "finds each name that is used twice",
      tokens: named("a", "b", "b", "a"),
      expected: [
        ["a", "0, 3"],
        ["b", "1, 2"],
      ],
    },
    { title: "takes spaces for a part of the name", tokens: named("a", "a ", " a"), expected: [] },
    { title: "takes capitals for another name", tokens: named("a", "A"), expected: [] },
    {
      title: "takes capitals for the same name with ignoreCase",
      tokens: named("Job", "jOB", "x"),
      config: { ignoreCase: true },
      expected: [["JOB", "0, 1"]],
    },
    {
      title: "knows capitals beyond ASCII",
      tokens: named("ÉTÉ", "été"),
      config: { ignoreCase: true },
      expected: [["ÉTÉ", "0, 1"]],
    },
    { title: "passes tokens without a name", tokens: named(undefined, undefined, "", "", " ", " "), expected: [] },
    { title: "passes names that are null, as an older state may hold them", tokens: named(null, null), expected: [] },
    {
      title: "knows names that every object has",
      tokens: named("__proto__", "__proto__", "constructor"),
      expected: [["__proto__", "0, 1"]],
    },
  ]) {
    it(title, () => assert.deepEqual(names(tokens, config), expected));
  }

  it("counts an expired token, too: it still stands in the list", () => {
    const tokens = [userToken({ id: "0", name: "a" }), userToken({ id: "1", name: "a", expireAt: at(-1) })];
    assert.deepEqual(names(tokens), [["a", "0, 1"]]);
  });

  it("shows the name as the first token has it", () => {
    const [violation] = check(uniqueTokenNames, named("Job", "jOB"), { ignoreCase: true });
    assert.match(violation?.message ?? "", /2 tokens are named "Job" \(0, 1\)/);
  });

  it("shows odd names and users safely", () => {
    const [violation] = check(uniqueTokenNames, { username: "u\n", tokens: named(`"\u001b`, `"\u001b`) });
    assert.equal(
      violation?.message,
      `u\\u000a: 2 tokens are named "\\"\\u001b" (0, 1). Revoke those that are not in use (DELETE /v1/users/{username}/tokens/{token_id}).`,
    );
  });
});
