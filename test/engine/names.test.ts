import assert from "node:assert/strict";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { UNKNOWN_VALUES } from "../../core/engine-marks";
import { daysFromNow } from "./rule-example";
import { PACK, type RunResult, type Sandbox } from "../../tools/sandbox";
import { wireToken } from "../../tools/stand-in/organization";
import { assertFails, assertOk, Lab, violationLines } from "./support";

describe("a name, on the real engine", () => {
  let lab: Lab;
  let stack: Sandbox;

  /** Previews a user with tokens of these names, all rules about names being mandatory. */
  async function judge(
    username: string,
    names: readonly string[],
    settings: string | object = {},
    type = "read_scaling",
  ): Promise<RunResult> {
    lab.api.users = {
      [username]: names.map((name, index) => ({
        ...wireToken(username, { name: String(index), type, created: -10 - index, expires: 60 }),
        name,
      })),
    };
    stack.write({ "settings.json": typeof settings === "string" ? settings : JSON.stringify(settings) });
    const env = { WHO: username, MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "settings.json") };
    return stack.pulumi(["preview", "--policy-pack", PACK], { env });
  }

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(`new md.UserTokens("somebody", { username: process.env.WHO });`);
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  it("that nobody can see is none: white space, line separators, zero-width characters", async () => {
    const names = ["\t", "\n", "\u2028", "\ufeff", "\u200b\u2060"];
    const result = await judge("ada", names, { rules: { "token-name-required": "mandatory" } });
    assertFails(result, "ada / ", "has no name");
    assert.deepEqual(
      violationLines(result).filter((line) => line.startsWith("mandatory")),
      names.map(() => "mandatory token-name-required somebody"),
    );
  });

  it("is judged as MotherDuck has it, and not as it is printed", async () => {
    const rules = {
      "token-name-required": { enforcementLevel: "mandatory", pattern: "^a\\sb$" },
      "unique-token-names": "mandatory",
    };
    assertOk(await judge("ada", ["a\tb", "a b"], { rules }));
    const result = await judge("ada", ["a\tb", "a\\u0009b"], { rules });
    assertFails(result, String.raw`ada / "a\u005cu0009b"`, "does not match");
    assert.deepEqual(violationLines(result), ["mandatory token-name-required somebody"]);
  });

  it("that is the engine's word for a value that is not known yet is judged all the same", async () => {
    const words = Object.values<string>(UNKNOWN_VALUES);
    const rules = { "token-name-required": { enforcementLevel: "mandatory", pattern: "^[a-z]+$" } };
    const result = await judge("ada", words, { rules });
    assertFails(result, String.raw`ada / "\u00304da6b54-80e4-46f7-96ec-b56ff0331ba9"`, "does not match");
    assert.deepEqual(
      violationLines(result).filter((line) => line.startsWith("mandatory")),
      words.map(() => "mandatory token-name-required somebody"),
    );
  });

  it("of a user in an organization that is such a word is judged all the same", async () => {
    const everybody = await lab.program(`new md.OrganizationTokens("everybody");`);
    const name = UNKNOWN_VALUES.text;
    lab.api.users = { [name]: [wireToken(name, { name: "forever", type: "read_write", created: -10 })] };
    const result = await everybody.pulumi(["preview", "--policy-pack", PACK]);
    assertFails(result, String.raw`\u00304da6b54-80e4-46f7-96ec-b56ff0331ba9 / "forever"`, "never expires");
    assert.ok(violationLines(result).includes("mandatory tokens-must-expire everybody"), result.output);
  });

  it("that objects have a key of, or that YAML would type, is a name like any other in perUser", async () => {
    const perUser = { constructor: 0, "0123": 0, "svc_*": 5, "svc_a*": 0 };
    const rules = { "max-read-write-tokens": { perUser } };
    for (const username of ["constructor", "0123", "svc_ab"]) {
      const result = await judge(username, ["a"], { rules }, "read_write");
      assertFails(result, `${username}: 1 active read_write token exceeds the limit of 0`);
      assert.deepEqual(violationLines(result), ["mandatory max-read-write-tokens somebody"]);
    }
    assertOk(await judge("svc_b", ["a", "b", "c"], { rules }, "read_write"));
    const typed = "rules: { max-read-write-tokens: { perUser: { 0123: 0 } } }";
    assertFails(await judge("0123", ["a"], typed, "read_write"), "the key 0123 is not text to YAML");
  });

  it("of a user is the one that settings and waivers mean, whatever it holds", async () => {
    const username = "svc\t\u202eb";
    const rules = {
      "read-scaling-only": { users: ["a*"] },
      "max-tokens-per-user": { enforcementLevel: "mandatory", max: 0 },
    };
    assertFails(await judge(username, ["a"], { rules }), String.raw`svc\u0009\u202eb: 1 active`);
    const waiver = {
      id: "WVR-1",
      rule: "max-tokens-per-user",
      user: username,
      reason: "The vendor cannot rotate yet",
      owner: "data-platform@example.com",
      expires: daysFromNow(30).slice(0, 10),
    };
    assertOk(await judge(username, ["a"], { rules, waivers: [waiver] }));
    const shown = { ...waiver, user: String.raw`svc\u0009\u202eb` };
    assertFails(await judge(username, ["a"], { rules, waivers: [shown] }));
  });
});
