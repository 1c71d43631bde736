import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { after, before, beforeEach, describe, it } from "mocha";
import { daysFromNow } from "./rule-example";
import { PACK, ROOT, type RunResult, type Sandbox } from "../../tools/sandbox";
import { loadOrganization, wireToken } from "../../tools/stand-in/organization";
import { assertFails, assertOk, Lab, violationLines } from "./support";

const PROGRAM = `
  class Later extends pulumi.dynamic.Resource {
    constructor(name) { super({ create: async () => ({ id: name, outs: {} }) }, name, {}); }
  }
  for (const username of JSON.parse(process.env.USERNAMES)) {
    new md.UserTokens(username, { username: username === "later" ? new Later("account").id : username });
  }
`;

/** A day, so many days from today, as waivers write it. */
function day(days: number): string {
  return daysFromNow(days).slice(0, 10);
}

describe("the configuration, on the real engine", () => {
  let lab: Lab;
  let stack: Sandbox;

  /** Previews these users with a settings file, CrossGuard's own configuration, or both. */
  async function judge(usernames: string[], settings?: string | object, crossGuard?: object): Promise<RunResult> {
    const file = path.join(stack.project, "settings.yaml");
    const args = crossGuard === undefined ? [] : ["--policy-pack-config", "policies.json"];
    stack.write({
      "settings.yaml": typeof settings === "string" ? settings : JSON.stringify(settings ?? {}),
      "policies.json": JSON.stringify(crossGuard ?? {}),
    });
    const env = {
      USERNAMES: JSON.stringify(usernames),
      ...(settings !== undefined && { MOTHERDUCK_TOKENS_CONFIG: file }),
    };
    return stack.pulumi(["preview", "--policy-pack", PACK, ...args], { env });
  }

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(PROGRAM);
  });
  beforeEach(() => {
    lab.api.reset();
    lab.api.users = loadOrganization().users;
  });
  after(() => lab.stop());

  describe("the settings file", () => {
    it("sets limits and levels, and CrossGuard's own configuration wins over it, setting by setting", async () => {
      const settings = { rules: { "max-read-write-tokens": { max: 3 }, "tokens-must-expire": "advisory" } };
      const fromFile = await judge(["grace", "svc_bi"], settings);
      assertOk(fromFile);
      assert.deepEqual(violationLines(fromFile), ["advisory tokens-must-expire svc_bi"]);

      const both = await judge(["grace", "svc_bi"], settings, {
        "max-read-write-tokens": { rotationOverlapDays: 1 },
        "tokens-must-expire": "mandatory",
      });
      assertFails(both);
      assert.deepEqual(violationLines(both), ["mandatory tokens-must-expire svc_bi"], "a default beat the file");
    });

    it("takes a preset", async () => {
      const result = await judge(["svc_etl"], "preset: strict");
      assertFails(result);
      assert.ok(violationLines(result).includes("mandatory max-read-write-tokens svc_etl"));
      assert.ok(violationLines(result).every((line) => line.startsWith("mandatory")));
    });

    for (const { title, settings, says } of [
      {
        title: "a misspelt key",
        settings: "rules:\n  tokens-must-expire:\n    graceDay: 3",
        says: ["settings.yaml:3: rules.tokens-must-expire: graceDay is not a setting; did you mean graceDays?"],
      },
      {
        title: "a misspelt rule",
        settings: "rules:\n  token-must-expire: mandatory",
        says: ["settings.yaml:2: there is no rule token-must-expire; did you mean tokens-must-expire?"],
      },
      {
        title: "a misspelt level",
        settings: { rules: { "tokens-must-expire": "mandatry" } },
        says: ['rules.tokens-must-expire is "mandatry"; did you mean mandatory?'],
      },
      {
        title: "a value of the wrong type",
        settings: { rules: { "max-read-write-tokens": { max: "two" } } },
        says: ['max is "two", allowed is number'],
      },
      {
        title: "a preset that does not exist",
        settings: "preset: recomended",
        says: ['preset is "recomended"; did you mean recommended?'],
      },
      { title: "no YAML", settings: "rules: [", says: ["settings.yaml:1: Flow sequence "] },
      {
        title: "a waiver for everything",
        settings: { waivers: [{ id: "W", rule: "tokens-must-expire", user: "*", token: "*", expires: day(9) }] },
        says: ["waives every token of every user"],
      },
      {
        title: "a waiver of a rule that cannot be waived",
        settings: { waivers: [{ id: "W", rule: "evidence-fresh", user: "ada", expires: day(9) }] },
        says: ["evidence-fresh cannot be waived"],
      },
      {
        title: "a malformed waiver",
        settings: { waivers: [{ id: "W", rule: "tokens-must-expire", user: "ada", ownr: "x", expires: day(9) }] },
        says: ["ownr is not a setting; did you mean owner?"],
      },
    ]) {
      it(`with ${title} fails the preview, and says what is wrong`, async () => {
        assertFails(await judge(["ada"], settings), ...says);
      });
    }

    it("that is empty fails the preview: what wrote it may have failed", async () => {
      for (const content of ["", "# nothing\n"]) {
        assertFails(await judge(["ada"], content), "the settings file is empty");
      }
    });

    it("that is named and missing, or named with a relative path, fails the preview", async () => {
      const named = (file: string) =>
        stack.pulumi(["preview", "--policy-pack", PACK], {
          env: { USERNAMES: `["ada"]`, MOTHERDUCK_TOKENS_CONFIG: file },
        });
      assertFails(await named("/no/such/file.yaml"), "/no/such/file.yaml: the settings file does not exist (ENOENT)");
      assertFails(await named("settings.yaml"), "settings.yaml: give the settings file with an absolute path");
    });
  });

  describe("what the engine hides from a pack", () => {
    const HIDDEN = { "token-must-expire": "mandatory", "tokens-must-expire": "disabled" };

    it("passes a preview silently, and is caught by `rules --check-config`", async () => {
      const result = await judge(["svc_bi"], undefined, HIDDEN);
      assertOk(result);
      assert.deepEqual(violationLines(result), []);

      const file = path.join(stack.project, "policies.json");
      const cli = path.join(ROOT, "dist/cli/main.js");
      const check = await execa(process.execPath, [cli, "rules", "--check-config", file], { reject: false });
      assert.equal(check.exitCode, 2);
      assert.match(check.stderr, /token-must-expire: there is no such policy; did you mean tokens-must-expire\?/);
      assert.match(check.stderr, /tokens-must-expire is disabled: nothing is judged by it/);
    });
  });

  describe("a group of users", () => {
    const group = (config: unknown, users = ["svc_*"]) => ({
      name: "robots",
      users,
      rules: { "max-token-age": config },
    });
    const age = { "max-token-age": { maxDays: 7 } };

    it("has limits and levels of its own, and CrossGuard's settings win over them", async () => {
      const settings = { groups: [group({ maxDays: 25, enforcementLevel: "mandatory" })] };
      const alone = await judge(["ada", "svc_bi"], settings);
      assertFails(alone, "mandatory");
      assert.ok(violationLines(alone).includes("mandatory max-token-age svc_bi"));
      assert.ok(!violationLines(alone).some((line) => line.endsWith("max-token-age ada")));
      const both = await judge(["ada", "svc_bi"], settings, { "max-token-age": { maxDays: 365 } });
      assert.ok(!both.output.includes("max-token-age"), both.output);
    });

    it("keeps its level, whatever level CrossGuard gives the policy: that is for everybody else", async () => {
      const result = await judge(
        ["ada", "svc_etl"],
        { rules: age, groups: [group("advisory")] },
        { "max-token-age": { enforcementLevel: "mandatory" } },
      );
      const other = await judge(
        ["ada", "svc_etl"],
        { rules: age, groups: [group("mandatory")] },
        { "max-token-age": { enforcementLevel: "advisory" } },
      );
      const ofAge = (run: RunResult) => violationLines(run).filter((line) => line.includes("max-token-age"));
      assert.deepEqual(ofAge(result), ["advisory max-token-age svc_etl", "mandatory max-token-age ada"]);
      assert.deepEqual(ofAge(other), ["advisory max-token-age ada", "mandatory max-token-age svc_etl"]);
    });

    it("leaves CrossGuard's level to somebody who may not belong to it", async () => {
      // UserTokens do not tell who is a person.
      const people = { name: "people", accounts: "humans", rules: { "max-token-age": "advisory" } };
      const result = await judge(
        ["svc_etl"],
        { rules: age, groups: [people] },
        { "max-token-age": { enforcementLevel: "mandatory" } },
      );
      assertFails(result);
      assert.deepEqual(violationLines(result), ["mandatory max-token-age svc_etl"]);
    });

    it("alone is judged by a rule that is off for everybody else, though CrossGuard switches it on for all", async () => {
      const settings = {
        rules: { "max-token-age": "disabled" },
        groups: [group({ maxDays: 10, enforcementLevel: "mandatory" })],
      };
      const result = await judge(["ada", "svc_etl"], settings, {
        "max-token-age": { enforcementLevel: "mandatory", maxDays: 10 },
      });
      const ofAge = violationLines(result).filter((line) => line.includes("max-token-age"));
      assert.deepEqual(ofAge, ["mandatory max-token-age svc_etl"]);
    });

    it("fails the preview for a rule that judges the whole", async () => {
      const groups = [{ name: "robots", users: ["svc_*"], rules: { "inventory-covered": "disabled" } }];
      assertFails(
        await judge(["ada"], { groups }),
        "groups.0.rules.inventory-covered: it judges the whole, not users. Set it under rules.",
      );
    });
  });

  describe("a waiver", () => {
    const waiver = (fields: object = {}) => ({
      waivers: [
        {
          id: "WVR-1",
          rule: "tokens-must-expire",
          user: "svc_bi",
          token: lab.api.users.svc_bi?.[0]?.id,
          reason: "Vendor cannot rotate before Q1",
          owner: "data-platform@example.com",
          expires: day(30),
          ...fields,
        },
      ],
    });

    it("lets its violation pass, visibly", async () => {
      const result = await judge(["svc_bi"], waiver());
      assertOk(result);
      assert.deepEqual(violationLines(result), ["advisory tokens-must-expire svc_bi"]);
      assert.match(result.output, /\[waived by WVR-1 until .* \(data-platform@example\.com\): Vendor cannot rotate/);
    });

    for (const { title, fields, says } of [
      { title: "expired", fields: { expires: day(-1) }, says: "it expired on" },
      { title: "valid for too long", fields: { expires: day(120) }, says: "more than 90 days from now" },
      { title: "without a reason", fields: { reason: "because" }, says: "its reason has fewer than 10 characters" },
      { title: "without an owner", fields: { owner: " " }, says: "it has no owner" },
    ]) {
      it(`that is ${title} hides nothing, and is a violation itself`, async () => {
        const result = await judge(["svc_bi"], waiver(fields));
        assertFails(result, says);
        assert.deepEqual(violationLines(result), [
          "mandatory tokens-must-expire svc_bi",
          "mandatory waiver-hygiene program-dev",
        ]);
      });
    }

    it("lasts as long as CrossGuard's own configuration allows, also where the settings file allows less", async () => {
      const result = await judge(["svc_bi"], waiver({ expires: day(120) }), { "waiver-hygiene": { maxDays: 180 } });
      assertOk(result);
      assert.deepEqual(violationLines(result), ["advisory tokens-must-expire svc_bi"]);
    });

    it("does not cover a new token of the same name", async () => {
      const settings = waiver();
      const rotated = {
        ...wireToken("svc_bi", { name: "dashboards", type: "read_scaling", created: -1 }),
        id: "0b0c3a52-0000-4000-8000-000000000000",
      };
      lab.api.users.svc_bi = [rotated];
      const result = await judge(["svc_bi"], settings);
      assertFails(result);
      assert.ok(violationLines(result).includes("mandatory tokens-must-expire svc_bi"));
    });

    it("that was renewed ahead of time leaves both in use, in whatever order", async () => {
      const old = waiver({ id: "OLD", expires: day(2) }).waivers;
      const renewed = waiver({ id: "NEW", expires: day(60) }).waivers;
      for (const waivers of [
        [...old, ...renewed],
        [...renewed, ...old],
      ]) {
        const result = await judge(["svc_bi"], { waivers });
        assertOk(result);
        assert.match(result.output, /\[waived by NEW until /);
        assert.deepEqual(violationLines(result), ["advisory tokens-must-expire svc_bi"]);
      }
    });

    it("that nothing matches any more is a violation, where its user was judged", async () => {
      lab.api.cleanUp();
      assertFails(await judge(["svc_bi"], waiver()), "no violation matches it any more");
      assertOk(await judge(["ada"], waiver()));
    });
  });

  describe("evidence that is not there", () => {
    it("is an advisory note where a username is not known yet, or a violation where the settings say so", async () => {
      const advisory = await judge(["later"]);
      assertOk(advisory);
      assert.deepEqual(violationLines(advisory), ["advisory evidence-fresh later"]);
      assert.match(advisory.output, /its tokens are not known yet in this preview/);
      const strict = await judge(["later"], { rules: { "evidence-fresh": { onUnknown: "mandatory" } } });
      assertFails(strict);
      assert.deepEqual(violationLines(strict), ["mandatory evidence-fresh later"]);
    });

    it("never shows as silently passed: a stack without any", async () => {
      const advisory = await judge([]);
      assertOk(advisory);
      assert.deepEqual(violationLines(advisory), ["advisory inventory-covered program-dev"]);
      const required = await judge([], { rules: { "inventory-covered": { requireEvidence: true } } });
      assertFails(required, "there is no evidence");
    });

    it("is a violation for a user who is expected", async () => {
      const result = await judge(["ada"], { rules: { "inventory-covered": { users: ["ada", "svc_*"] } } });
      assertFails(result, "svc_*: no evidence of any user of this pattern");
      assert.deepEqual(violationLines(result), ["mandatory inventory-covered program-dev"]);
    });
  });

  it("an expiry that cannot be read is a violation, whatever tokens-must-expire is set to look at", async () => {
    const odd = { ...wireToken("ada", { name: "a", type: "read_scaling", created: 0 }), expire_at: "2026-02-30" };
    lab.api.users.ada = [odd];
    for (const settings of [{ tokenTypes: ["read_write"] }, { graceDays: 7 }]) {
      const result = await judge(["ada"], { rules: { "tokens-must-expire": settings } });
      assertFails(result, `expireAt "2026-02-30" is not a date`);
      assert.deepEqual(violationLines(result), ["mandatory token-fields-consistent ada"]);
    }
  });

  it("dates that cannot be read and types that are not known drop no token out of a rule", async () => {
    lab.api.users.ada = [{ expire_at: "soon" }, { created_ts: "yesterday" }, { token_type: "admin" }].map(
      (fields, index) => ({
        ...wireToken("ada", { name: `t${index}`, type: "read_write", created: -10 - index, expires: 60 }),
        ...fields,
      }),
    );
    const result = await judge(["ada"]);
    assertFails(result, "3 active read_write tokens exceed the limit of 2");
    assert.deepEqual(
      [...new Set(violationLines(result))],
      [
        "advisory max-token-age ada",
        "mandatory max-read-write-tokens ada",
        "mandatory max-token-lifetime ada",
        "mandatory token-fields-consistent ada",
        "mandatory tokens-must-expire ada",
      ],
    );
  });
});
