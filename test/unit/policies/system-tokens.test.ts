import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import type { UserToken } from "../../../core/user-token";
import type { SystemTokens } from "../../../policies/system-tokens";
import { rules, userRules } from "../../../policies/rules";
import { analyzeResource } from "../../../testing";
import { ROOT } from "../../../tools/sandbox";
import { at, configured, endlessToken, evidenceOf, userToken } from "../support";

const extension = endlessToken({ id: "e", name: "MotherDuck Extension" });
const flights = endlessToken({ id: "f", name: "MotherDuck Flights" });
const own = endlessToken({ id: "o", name: "laptop" });
const NOTE = /The setting systemTokens can make this an advisory note\.$/;

/** What the pack reports of a user's tokens: by rule and token, the level. */
async function judge(tokens: readonly UserToken[], systemTokens?: SystemTokens, settings: object = {}) {
  const policies = configured({ ...(systemTokens && { systemTokens }), rules: settings }, ...userRules);
  const { violations } = await analyzeResource(policies, evidenceOf("ada", tokens));
  const all = violations.map(({ policy, message, enforcementLevel }) => {
    const token = /^ada \/ ".*?" \((\w)\)/.exec(message)?.[1];
    return { found: [policy, ...(token === undefined ? [] : [token]), enforcementLevel].join(" "), message };
  });
  return all.sort((a, b) => (a.found < b.found ? -1 : 1));
}
const found = async (...args: Parameters<typeof judge>) => (await judge(...args)).map((one) => one.found);

describe("a token that MotherDuck made itself", () => {
  it("is judged as all others by default, and told what the setting can do", async () => {
    const violations = await judge([extension, own]);
    assert.deepEqual(
      violations.map((violation) => violation.found),
      ["tokens-must-expire e mandatory", "tokens-must-expire o mandatory"],
    );
    const [made, other] = violations.map(({ message }) => message);
    assert.match(made ?? "", /By its name, MotherDuck made this token itself, for its DuckDB extension\./);
    assert.match(made ?? "", NOTE);
    assert.doesNotMatch(other ?? "", /MotherDuck made|systemTokens/);
  });

  it("is an advisory note where the settings say so, and the user's own tokens are no less", async () => {
    const violations = await judge([extension, own], "advisory");
    assert.deepEqual(
      violations.map((violation) => violation.found),
      ["tokens-must-expire e advisory", "tokens-must-expire o mandatory"],
    );
    for (const { message } of violations) assert.doesNotMatch(message, NOTE);
  });

  it("is no way to hide one of a user's own: with two of a name, neither is MotherDuck's", async () => {
    assert.deepEqual(await found([extension, endlessToken({ id: "x", name: "MotherDuck Extension" })], "advisory"), [
      "tokens-must-expire e mandatory",
      "tokens-must-expire x mandatory",
      "unique-token-names advisory",
    ]);
  });

  it("is no way to hide one of a user's own: another type or another spelling is not MotherDuck's", async () => {
    for (const fields of [{ name: "motherduck extension" }, { tokenType: "read_scaling", readOnly: true }]) {
      assert.deepEqual(await found([{ ...extension, ...fields }], "advisory"), ["tokens-must-expire e mandatory"]);
    }
  });

  it("counts; a number that is only too high because of it is an advisory note", async () => {
    const tokens = ["a", "b"].map((id) => userToken({ id }));
    const made = [extension, flights].map((token) => ({ ...token, expireAt: at(30) }));
    const few = { "max-read-write-tokens": { max: 2 } };
    assert.deepEqual(await found([...tokens, ...made], undefined, few), ["max-read-write-tokens mandatory"]);
    assert.match((await judge([...tokens, ...made], undefined, few))[0]?.message ?? "", NOTE);
    assert.deepEqual(await found([...tokens, ...made], "advisory", few), ["max-read-write-tokens advisory"]);
    const fewer = { "max-read-write-tokens": { max: 1 } };
    assert.deepEqual(await found([...tokens, ...made], "advisory", fewer), ["max-read-write-tokens mandatory"]);
    assert.doesNotMatch((await judge([...tokens, ...made], undefined, fewer))[0]?.message ?? "", NOTE);
  });

  it("is judged in full by the rules that are not about how it was made", async () => {
    const odd = { ...extension, createdTs: "soon", expireAt: at(30) };
    const settings = { "read-scaling-only": { users: ["ada"] }, "max-token-age": "disabled" };
    assert.deepEqual(await found([odd], "advisory", settings), [
      "max-token-lifetime e advisory",
      "read-scaling-only e mandatory",
      "token-fields-consistent e mandatory",
    ]);
  });

  it("is spared by the rules that the documentation names, and by no others", () => {
    const page = readFileSync(path.join(ROOT, "docs/configuration.md"), "utf8");
    const [, section = ""] = /## Tokens that MotherDuck makes itself\n(.*?)\n## /s.exec(page) ?? [];
    const [, list = ""] = /advisory notes in\s+(.*?)\./s.exec(section) ?? [];
    const spared = userRules.filter((rule) => rule.canSpareSystemTokens === true).map(({ name }) => name);
    assert.deepEqual(
      [...list.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
      spared,
    );
    assert.ok(spared.length > 0 && spared.length < rules.length);
  });
});
