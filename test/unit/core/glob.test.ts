import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { compileGlob, compileGlobs, isGlob, matchesGlob, mostSpecific } from "../../../core/glob";

describe("compileGlob", () => {
  for (const { glob, matches = [], misses = [] } of [
    { glob: "svc_etl", matches: ["svc_etl"], misses: ["svc_etl2", "my_svc_etl", "SVC_ETL", ""] },
    { glob: "svc_*", matches: ["svc_", "svc_a", "svc_a/b", "svc_*"], misses: ["svc", "a_svc_b"] },
    { glob: "*", matches: ["", "a", ".", "..", ".hidden", "a/b", "a\nb", "🦆"] },
    { glob: "**", matches: ["", "a", "a/b", "."] },
    { glob: "*@example.com", matches: ["a@example.com", "@example.com", ".@example.com"], misses: ["a@exampleXcom"] },
    { glob: "a*b*c", matches: ["abc", "a/b/c", "aXbXbc"], misses: ["acb", "ab"] },
    { glob: "?", matches: ["a", "/", ".", "?", "*"], misses: ["", "ab"] },
    { glob: "a??", matches: ["abc", "a//"], misses: ["ab", "abcd"] },
    { glob: "?*", matches: ["a", "ab"], misses: [""] },
    { glob: "", matches: [""], misses: ["a"] },
    // All else stands for itself.
    { glob: "[ab]*", matches: ["[ab]", "[ab]c"], misses: ["a", "ab"] },
    { glob: "{a,b}*", matches: ["{a,b}c"], misses: ["a", "bc"] },
    { glob: "!a*", matches: ["!ab"], misses: ["b", "ab"] },
    { glob: "!(a)*", matches: ["!(a)b"], misses: ["b"] },
    { glob: "@(a|b)*", matches: ["@(a|b)c"], misses: ["a", "ac"] },
    { glob: "+(a)*", matches: ["+(a)"], misses: ["aa"] },
    { glob: "(a|b)*", matches: ["(a|b)c"], misses: ["a", "b", "ac"] },
    { glob: "a|b*", matches: ["a|bc"], misses: ["a", "b", "bc"] },
    { glob: "*|x", matches: ["a|x", "|x"], misses: ["", "a", "anybody"] },
    { glob: "a.b*", matches: ["a.bc"], misses: ["aXb"] },
    { glob: "^a$*", matches: ["^a$b"], misses: ["a"] },
    { glob: "a+*", matches: ["a+", "a+b"], misses: ["aa"] },
    { glob: "dom\\svc*", matches: ["dom\\svc", "dom\\svc1"], misses: ["domsvc"] },
    { glob: "dom\\*", matches: ["dom\\", "dom\\ada"], misses: ["dom*"] },
    { glob: "./a*", matches: ["./ab"], misses: ["ab"] },
    { glob: "a/*", matches: ["a/", "a/b", "a/b/c"], misses: ["a"] },
    { glob: "[[:alpha:]]*", matches: ["[[:alpha:]]x"], misses: ["a"] },
  ]) {
    it(`${JSON.stringify(glob)} matches ${JSON.stringify(matches)} and not ${JSON.stringify(misses)}`, () => {
      const test = compileGlob(glob);
      assert.deepEqual(
        matches.filter((name) => !test(name)),
        [],
      );
      assert.deepEqual(misses.filter(test), []);
    });
  }

  const text = fc.string({ unit: fc.constantFrom(..."ab*?/.\\()|+!@[]{}^$-,\n"), maxLength: 8 });

  it("is the same as its definition, for all characters that mean something elsewhere", () => {
    fc.assert(
      fc.property(text, text, (glob, name) => {
        assert.equal(compileGlob(glob)(name), byDefinition(glob, name));
      }),
      { numRuns: 2000 },
    );
  });

  it("matches what its stars and question marks are replaced by", () => {
    fc.assert(
      fc.property(text, (glob) => {
        const name = glob.replaceAll("*", "x.y/z").replaceAll("?", "/");
        assert.ok(compileGlob(glob)(name));
      }),
      { numRuns: 500 },
    );
  });
});

describe("compileGlobs", () => {
  it("matches what one of them matches; none match nothing", () => {
    const test = compileGlobs(["a*", "b"]);
    assert.deepEqual(["a1", "b", "b1", ""].filter(test), ["a1", "b"]);
    assert.equal(compileGlobs([])(""), false);
  });
});

describe("isGlob", () => {
  it("is true for what holds a star or a question mark", () => {
    assert.deepEqual(["a*", "?", "a", "[a]", "{a,b}", "!a", ""].filter(isGlob), ["a*", "?"]);
  });
});

/** `*` is any text, `?` one character, all else itself. */
function byDefinition(glob: string, name: string): boolean {
  const [first = "", ...rest] = glob;
  if (glob === "") return name === "";
  if (first === "*") return byDefinition(rest.join(""), name) || (name !== "" && byDefinition(glob, name.slice(1)));
  return name !== "" && (first === "?" || first === name[0]) && byDefinition(rest.join(""), name.slice(1));
}

describe("matchesGlob", () => {
  /** How often the characters are looked at; names of tokens are chosen by others. */
  function looksOf(glob: string, name: string): number {
    let looks = 0;
    const counted = (text: string) =>
      new Proxy([...text], {
        get(characters, key) {
          if (key !== "length") looks++;
          return Reflect.get(characters, key) as unknown;
        },
      });
    matchesGlob(counted(glob), counted(name));
    return looks;
  }

  for (const stars of [1, 3, 5, 9, 30]) {
    it(`looks at each character of a name a few times for each one of a glob with ${stars} stars, and not more`, () => {
      const glob = `${"*-".repeat(stars)}*x`;
      for (const length of [32, 255]) {
        const looks = looksOf(glob, "-".repeat(length));
        assert.ok(looks <= 4 * (glob.length + 1) * (length + 1), `${looks} for ${length}`);
      }
    });
  }
});

describe("mostSpecific", () => {
  for (const { keys, name, means } of [
    { keys: [], name: "svc_a", means: [] },
    { keys: ["svc_a", "*"], name: "svc_b", means: ["*"] },
    { keys: ["*", "svc_*", "svc_a*"], name: "svc_ab", means: ["svc_a*"] },
    { keys: ["svc_a*", "svc_*", "*"], name: "svc_ab", means: ["svc_a*"] },
    { keys: ["svc_*", "*_ab_"], name: "svc_ab_", means: ["svc_*", "*_ab_"] },
    { keys: ["svc_?", "svc_*"], name: "svc_a", means: ["svc_?", "svc_*"] },
    { keys: ["svc_a*", "svc_a"], name: "svc_a", means: ["svc_a"] },
    { keys: ["svc_*", "*"], name: "svc_*", means: ["svc_*"] },
    { keys: ["constructor", "__proto__"], name: "constructor", means: ["constructor"] },
    { keys: ["svc"], name: "svc_a", means: [] },
  ]) {
    it(`of ${JSON.stringify(keys)} for ${name}: ${JSON.stringify(means)}`, () => {
      assert.deepEqual(mostSpecific(keys, name), means);
    });
  }
});
