import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { type PolicyConfig, resolveConfiguration } from "../../../../policies/configuration/configuration";
import type { Rule, RuleConfig } from "../../../../policies/rule";
import { PRESETS } from "../../../../policies/configuration/presets";
import {
  evidenceVerified,
  inventoryCovered,
  maxReadWriteTokens,
  maxTokenAge,
  maxTokenLifetime,
  rules,
  tokenOwnerRequired,
  waiverHygiene,
} from "../../../../policies/rules";
import { failureOf, waiver, without } from "../../support";

const resolve = (...configs: PolicyConfig[]) =>
  resolveConfiguration(...configs.map((config, i) => ({ name: `source ${i}`, config })));
const messageOf = async (...configs: unknown[]) =>
  (await failureOf(() => resolve(...(configs as PolicyConfig[])), PolicyConfigError)).message;

describe("resolveConfiguration", () => {
  describe("takes what comes later before what comes earlier,", () => {
    const preset = { preset: "strict" } as const;
    const file = (settings: RuleConfig): PolicyConfig => ({ rules: { "max-read-write-tokens": settings } });

    it("setting by setting, from the preset to CrossGuard's own configuration", () => {
      const configuration = resolve(
        { ...preset, ...file({ max: 3, perUser: { ada: 1 }, rotationOverlapDays: 1 }) },
        file({ perUser: { eve: 2 }, rotationOverlapDays: 2 }),
      );
      const { enforcementLevel } = maxReadWriteTokens;
      assert.equal(enforcementLevel, "mandatory");
      assert.deepEqual(configuration.settings(maxReadWriteTokens, { rotationOverlapDays: 3 }), {
        max: 3,
        // A setting is taken as a whole.
        perUser: { eve: 2 },
        rotationOverlapDays: 3,
      });
    });

    for (const { title, sources, override, max } of [
      { title: "the rule's default where nothing is said", sources: [], override: {}, max: 2 },
      { title: "the preset before the default", sources: [preset], override: {}, max: 1 },
      { title: "the file before the preset", sources: [{ ...preset, ...file({ max: 3 }) }], override: {}, max: 3 },
      {
        title: "the factory's argument before the file",
        sources: [file({ max: 3 }), file({ max: 4 })],
        override: {},
        max: 4,
      },
      {
        title: "CrossGuard before the factory's argument",
        sources: [file({ max: 3 }), file({ max: 4 })],
        override: { max: 5 },
        max: 5,
      },
      { title: "0 before 3", sources: [file({ max: 3 }), file({ max: 0 })], override: {}, max: 0 },
      {
        title: "the file, where the argument says something else",
        sources: [file({ max: 3 }), file({ perUser: {} })],
        override: { perUser: {} },
        max: 3,
      },
      {
        title: "the file, where the argument says undefined",
        sources: [file({ max: 3 }), file({ max: undefined })],
        override: {},
        max: 3,
      },
      {
        title: "a later source's preset before an earlier one's",
        sources: [{ preset: "audit" }, preset],
        override: {},
        max: 1,
      },
      {
        title: "an earlier source's setting before a later one's preset",
        sources: [file({ max: 3 }), preset],
        override: {},
        max: 3,
      },
    ] as { title: string; sources: PolicyConfig[]; override: object; max: number }[]) {
      it(`for example ${title}`, () =>
        assert.equal(resolve(...sources).settings(maxReadWriteTokens, override).max, max));
    }

    for (const { title, sources, level } of [
      { title: "the rule's own", sources: [], level: "advisory" },
      { title: "the preset's", sources: [preset], level: "mandatory" },
      {
        title: "the file's, as a word",
        sources: [preset, { rules: { "max-token-age": "disabled" } }],
        level: "disabled",
      },
      {
        title: "the file's, among settings",
        sources: [preset, { rules: { "max-token-age": { enforcementLevel: "advisory", maxDays: 1 } } }],
        level: "advisory",
      },
      {
        title: "the preset's, where the file only sets something",
        sources: [{ ...preset, rules: { "max-token-age": { maxDays: 1 } } }],
        level: "mandatory",
      },
      {
        title: "the last one's",
        sources: [{ rules: { "max-token-age": "disabled" } }, { rules: { "max-token-age": "mandatory" } }],
        level: "mandatory",
      },
      {
        title: "the earlier one's, where the later says undefined",
        sources: [
          { rules: { "max-token-age": "mandatory" } },
          { rules: { "max-token-age": { enforcementLevel: undefined as never } } },
        ],
        level: "mandatory",
      },
    ] as { title: string; sources: PolicyConfig[]; level: string }[]) {
      it(`for the level, too: ${title}`, () => assert.equal(resolve(...sources).level(maxTokenAge), level));
    }
  });

  describe("knows the presets:", () => {
    it("recommended is what the rules say of themselves, and is the default", () => {
      for (const configuration of [resolve(), resolve({}), resolve({ preset: "recommended" })]) {
        for (const rule of rules) {
          assert.equal(configuration.level(rule), rule.enforcementLevel, rule.name);
          assert.deepEqual(configuration.settings(rule), resolve().settings(rule), rule.name);
        }
      }
    });

    it("strict is mandatory throughout, with tighter limits", () => {
      const strict = resolve({ preset: "strict" });
      assert.deepEqual([...new Set(rules.map((rule) => strict.level(rule)))], ["mandatory"]);
      assert.equal(strict.settings(maxReadWriteTokens).max, 1);
      assert.equal(strict.settings(maxTokenLifetime).maxDays, 30);
      assert.equal(strict.settings(inventoryCovered).requireEvidence, true);
    });

    it("audit blocks nothing, and judges as recommended does", () => {
      const audit = resolve({ preset: "audit" });
      const off: readonly Rule[] = [evidenceVerified, tokenOwnerRequired];
      const others = rules.filter((rule) => !off.includes(rule));
      assert.deepEqual([...new Set(others.map((rule) => audit.level(rule)))], ["advisory"]);
      for (const rule of off) assert.equal(audit.level(rule), "disabled");
      for (const rule of rules) assert.deepEqual(audit.settings(rule), resolve().settings(rule), rule.name);
    });

    it("each gives settings that each rule takes", () => {
      for (const preset of PRESETS) for (const rule of rules) resolve({ preset }).settings(rule);
    });
  });

  describe("refuses", () => {
    const names = rules.map(({ name }) => name).join(", ");
    for (const { title, config, says } of [
      {
        title: "anything but an object",
        config: ["strict"],
        says: ": it is not an object with keys such as preset, rules and waivers.",
      },
      { title: "text", config: "strict", says: ": it is not an object with keys such as preset, rules and waivers." },
      { title: "nothing", config: null, says: ": it is not an object with keys such as preset, rules and waivers." },
      {
        title: "a key that does not exist",
        config: { rule: {} },
        says: ": rule is not a setting; did you mean rules? (allowed: preset, organization, systemTokens, adminRoles, rules, groups, owners, waivers, guard, api, history, notify).",
      },
      {
        title: "a key that is like none",
        config: { expected: [] },
        says: ": expected is not a setting; allowed: preset, organization, systemTokens, adminRoles, rules, groups, owners, waivers, guard, api, history, notify.",
      },
      {
        title: "a preset that does not exist",
        config: { preset: "strikt" },
        says: `: preset is "strikt"; did you mean strict? (allowed: recommended, strict, audit).`,
      },
      {
        title: "a preset of another type",
        config: { preset: 1 },
        says: ": preset is 1; allowed: recommended, strict, audit.",
      },
      { title: "a list of rules", config: { rules: [] }, says: ": rules is a list, allowed is an object." },
      { title: "rules that are null", config: { rules: null }, says: ": rules is null, allowed is Object." },
      {
        title: "a rule that does not exist",
        config: { rules: { "token-age": {} } },
        says: `: there is no rule token-age; `,
      },
      {
        title: "a name that every object has",
        config: { rules: { constructor: {} } },
        says: `: there is no rule constructor; allowed: ${names}.`,
      },
      {
        title: "a rule that is null",
        config: { rules: { "max-token-age": null } },
        says: ": rules.max-token-age is null, allowed is ",
      },
      {
        title: "a rule that is true",
        config: { rules: { "max-token-age": true } },
        says: ": rules.max-token-age is true, allowed is ",
      },
      {
        title: "a rule that is a list",
        config: { rules: { "max-token-age": [] } },
        says: `: rules.max-token-age is a list, allowed is a level or an object.`,
      },
      {
        title: "a level that does not exist",
        config: { rules: { "max-token-age": "warn" } },
        says: `: rules.max-token-age is "warn"; allowed: advisory, mandatory, disabled.`,
      },
      {
        title: "a setting that does not exist",
        config: { rules: { "max-token-age": { maxdays: 1 } } },
        says: ": rules.max-token-age: maxdays is not a setting; did you mean maxDays? (allowed: maxDays, byType, enforcementLevel).",
      },
      {
        title: "a setting below its limit",
        config: { rules: { "max-token-age": { maxDays: 0 } } },
        says: ": rules.max-token-age: maxDays is 0, allowed is >=1.",
      },
      {
        title: "a setting above its limit",
        config: { rules: { "max-token-lifetime": { maxDays: 366 } } },
        says: ": rules.max-token-lifetime: maxDays is 366, allowed is <=365.",
      },
      {
        title: "a setting of another type",
        config: { rules: { "max-token-age": { maxDays: "90" } } },
        says: `: rules.max-token-age: maxDays is "90", allowed is number.`,
      },
      {
        title: "a token type that does not exist",
        config: { rules: { "max-token-age": { byType: { readwrite: 1 } } } },
        says: ": rules.max-token-age: byType.readwrite is not a setting",
      },
      { title: "an object of waivers", config: { waivers: {} }, says: ": waivers is Object, allowed is Array." },
      { title: "a waiver that is text", config: { waivers: ["a"] }, says: `: waivers.0 is "a", allowed is Object.` },
      {
        title: "a waiver without an end",
        config: { waivers: [{ id: "1", rule: "max-token-age", user: "ada" }] },
        says: ": waivers.0.expires is missing.",
      },
      {
        title: "a waiver with an empty id",
        config: { waivers: [waiver({ id: "" })] },
        says: ": waivers.0.id is empty, allowed is a length of at least 1.",
      },
      {
        title: "a waiver with a key that does not exist",
        config: { waivers: [{ ...waiver(), until: 1 }] },
        says: ": waivers.0.until is not a setting",
      },
      {
        title: "a waiver whose end is not a date",
        config: { waivers: [waiver({ expires: "31.12.2026" })] },
        says: `: waivers.0.expires is "31.12.2026", allowed is a date, YYYY-MM-DD.`,
      },
      {
        title: "a waiver of a rule that does not exist",
        config: { waivers: [waiver({ rule: "tokens-expire" })] },
        says: ": waivers.0.rule: there is no rule tokens-expire; ",
      },
      {
        title: "a waiver of evidence-fresh",
        config: { waivers: [waiver({ rule: "evidence-fresh" })] },
        says: ": waivers.0.rule: evidence-fresh cannot be waived.",
      },
      {
        title: "a waiver of inventory-covered",
        config: { waivers: [waiver({ rule: "inventory-covered" })] },
        says: ": waivers.0.rule: inventory-covered cannot be waived.",
      },
      {
        title: "a waiver of waiver-hygiene",
        config: { waivers: [waiver({ rule: "waiver-hygiene" })] },
        says: ": waivers.0.rule: waiver-hygiene cannot be waived.",
      },
      {
        title: "a waiver for everybody",
        config: { waivers: [waiver({ user: "*" })] },
        says: ": waivers.0: it waives every token of every user; name the user or the token.",
      },
      {
        title: "two waivers of one id",
        config: { waivers: [waiver(), waiver({ user: "ada" })] },
        says: ": waivers.1.id: WVR-1 is used twice.",
      },
    ]) {
      it(title, async () => {
        const message = await messageOf(config);
        assert.ok(message.startsWith(`source 0${says}`), message);
      });
    }

    it("a level that does not exist among settings, and says which levels there are", async () => {
      const message = await messageOf({ rules: { "max-token-age": { enforcementLevel: "mandatroy" } } });
      assert.match(message, /^source 0: rules\.max-token-age.*"mandatroy".*advisory, mandatory, disabled/);
    });

    it("two waivers of one id in two sources, too: which one was used could not be told", async () => {
      assert.match(
        await messageOf({ waivers: [waiver()] }, { waivers: [waiver({ user: "ada" })] }),
        /WVR-1 is used twice/,
      );
    });

    it("a mistake in a later source, and names that source", async () => {
      assert.match(await messageOf({}, { preset: "x" }), /^source 1: preset is "x"/);
    });

    it("a mistake in CrossGuard's configuration when it is used, and names the policy", async () => {
      const run = () => resolve().settings(maxTokenAge, { maxdays: 1 });
      const { message } = await failureOf(run, PolicyConfigError);
      assert.match(message, /^configuration of policy max-token-age: maxdays is not a setting; did you mean maxDays\?/);
    });

    it("text that could move the cursor, shown safely", async () => {
      assert.equal(
        await messageOf({ "\u001b[2J": 1 }),
        "source 0: \\u001b[2J is not a setting; allowed: preset, organization, systemTokens, adminRoles, rules, groups, owners, waivers, guard, api, history, notify.",
      );
    });
  });

  it("takes the waivers of all sources, and what waiver-hygiene sets for them", () => {
    const configuration = resolve(
      { waivers: [waiver()], rules: { "waiver-hygiene": { maxDays: 30 } } },
      { waivers: [waiver({ id: "WVR-2" })] },
    );
    assert.deepEqual(
      configuration.waivers.map(({ id }) => id),
      ["WVR-1", "WVR-2"],
    );
    assert.deepEqual(configuration.waiverLimits, { maxDays: 30, requireTicket: false });
    assert.deepEqual(resolve().waiverLimits, resolve().settings(waiverHygiene));
  });

  it("takes a faulty waiver, for waiver-hygiene to report: only what could hide everything stops it", () => {
    const bare = without(waiver({ expires: "2026-02-30" }), "owner", "reason");
    assert.deepEqual(resolve({ waivers: [bare] }).waivers, [bare]);
  });

  it("changes nothing of what it is given", () => {
    const config = {
      preset: "strict",
      rules: { "max-token-age": { enforcementLevel: "advisory", maxDays: 5 } },
    } as const;
    const before = structuredClone(config);
    const configuration = resolve(config);
    configuration.settings(maxTokenAge, { maxDays: 6 });
    assert.deepEqual(config, before);
    assert.equal(configuration.settings(maxTokenAge).maxDays, 5);
  });
});
