import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { checkConfigFile, type ConfigCheck } from "../../../../policies/configuration/check-config";
import { rules } from "../../../../policies/rules";
import { NOW, waiver, without } from "../../support";

const URN = "urn:pulumi:dev::program::pulumi-nodejs:dynamic/motherduck:UserTokens::svc_bi";

/** An exception as the engine takes it. */
const exception = (match = {}) => ({
  reason: "ours",
  match: [{ policies: ["tokens-must-expire"], targets: [URN], ...match }],
});

describe("checkConfigFile", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-config-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Checks a file with this content; its path is left out of the mistakes. */
  function check(content: unknown): ConfigCheck {
    const file = path.join(folder, "config.json");
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    const result = checkConfigFile(file, NOW);
    return { ...result, mistakes: result.mistakes.map((mistake) => mistake.replace(file, "")) };
  }

  for (const { title, content, kind, mistakes = [], disabled = [], excepted = [] } of [
    { title: "an empty file", content: "", kind: "settings file", mistakes: [/^: the settings file is empty/] },
    {
      title: "JSON that the engine does not read: a comma too many",
      content: `{ "max-token-age": "mandatory", }`,
      kind: "CrossGuard configuration",
      mistakes: [/^: the engine cannot read it, as it accepts strict JSON only: /],
    },
    {
      title: "JSON that the engine does not read: a comment",
      content: `{ # ours\n"max-token-age": "mandatory" }`,
      kind: "CrossGuard configuration",
      mistakes: [/^: the engine cannot read it/],
    },
    {
      title: "JSON that the engine does not read: a byte order mark",
      content: `\ufeff{ "max-token-age": "mandatory" }`,
      kind: "CrossGuard configuration",
      mistakes: [/^: the engine cannot read it/],
    },
    {
      title: "YAML that the engine does not read",
      content: "max-token-age: mandatory",
      kind: "CrossGuard configuration",
      mistakes: [/^: the engine cannot read it/],
    },
    {
      title: "a waiver that ends on no day",
      content: { waivers: [waiver({ expires: "2026-11-31" })] },
      kind: "settings file",
      mistakes: [":1: waivers.0 (WVR-1): expires 2026-11-31 is not a date."],
    },
    {
      title: "waivers that the gate would report",
      content: {
        waivers: [waiver({ expires: "2026-02-28" }), waiver({ id: "WVR-2", owner: "\u200b" }), waiver({ id: "3" })],
      },
      kind: "settings file",
      mistakes: [":1: waivers.0 (WVR-1): it expired on 2026-02-28.", ":1: waivers.1 (WVR-2): it has no owner."],
    },
    {
      title: "several documents",
      content: "preset: strict\n---\npreset: strict\n",
      kind: "settings file",
      mistakes: [":2: a second document begins here. Keep one, in one file."],
    },
    {
      title: "a file with a version",
      content: { version: 2, environments: ["acme/policies"], policies: { "max-token-age": { maxDays: 30 } } },
      kind: "CrossGuard configuration",
    },
    {
      title: "a version alone",
      content: { version: 2 },
      kind: "CrossGuard configuration",
    },
    {
      title: "mistakes in a file with a version",
      content: {
        version: 2,
        policies: { all: "disabled", "max-token-age": { maxDay: 3 }, "max-token-ag": "mandatory" },
      },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: max-token-age: its settings: maxDay is not a setting/, /^:1: max-token-ag: there is no such/],
      disabled: rules.map(({ name }) => name),
    },
    {
      title: "policies beside a version, which the engine passes over",
      content: { version: 2, "max-token-age": "mandatory" },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: max-token-age is not a setting; allowed: version, environments, policies, exceptions/],
    },
    {
      title: "another version",
      content: { version: 3, policies: {} },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: version is 3, allowed is 2\./],
    },
    {
      title: "environments without a version",
      content: { environments: ["acme/policies"], all: "mandatory" },
      kind: "CrossGuard configuration",
    },
    {
      title: "exceptions without a version",
      content: { exceptions: { "EXC-1": exception() } },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: exceptions: the engine accepts it only beside "version": 2/],
    },
    {
      title: "exceptions",
      content: {
        version: 2,
        exceptions: {
          "EXC-1": exception(),
          "EXC-2": exception({ policies: ["max-token-age", "max-token-lifetime"], targets: [URN, URN, `${URN}2`] }),
        },
      },
      kind: "CrossGuard configuration",
      excepted: [
        "tokens-must-expire fails no run on 1 resource: exception EXC-1, without end (ours)",
        "max-token-lifetime fails no run on 2 resources: exception EXC-2, without end (ours)",
        "max-token-age fails no run on 2 resources: exception EXC-2, without end (ours)",
      ],
    },
    {
      title: "an exception from a policy that does not exist, of which the engine warns alone",
      content: { version: 2, exceptions: { "EXC-1": exception({ policies: ["token-must-expire"] }) } },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: exceptions\.EXC-1: there is no policy "token-must-expire"; did you mean tokens-must-expire\?/],
    },
    {
      title: "an exception that is to end, which the engine passes over",
      content: { version: 2, exceptions: { "EXC-1": { ...exception(), expires: "2026-03-31" } } },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: exceptions\.EXC-1\.expires is not a setting/],
    },
    {
      title: "exceptions that the engine refuses",
      content: {
        version: 2,
        exceptions: {
          a: { ...exception(), reason: " " },
          b: { reason: "ours" },
          c: { reason: "ours", match: [] },
          d: exception({ policies: [] }),
          e: exception({ targets: "all" }),
          f: 7,
        },
      },
      kind: "CrossGuard configuration",
      mistakes: [
        /a\.reason is/,
        /b\.match is missing/,
        /c\.match is empty/,
        /d\.match\.0\.policies is empty/,
        /e\.match\.0\.targets is/,
        /exceptions\.f is 7/,
      ],
    },
    {
      title: "names that objects have keys of",
      content: { "max-read-write-tokens": { perUser: { constructor: -1 } } },
      kind: "CrossGuard configuration",
      mistakes: [/perUser\.constructor is -1/],
    },
    { title: "a preset", content: "preset: strict", kind: "settings file" },
    {
      title: "a rule that is switched off in a settings file",
      content: "rules: { max-token-age: disabled }",
      kind: "settings file",
      disabled: ["max-token-age"],
    },
    {
      title: "a misspelt key of a settings file",
      content: "rule: {}",
      kind: "settings file",
      mistakes: [
        ":1: rule is not a setting; did you mean rules? (allowed: preset, organization, systemTokens, adminRoles, rules, groups, owners, waivers, guard, api, history, notify).",
      ],
    },
    {
      title: "a rule that is off for a group",
      content: { groups: [{ name: "readers", users: ["bi_*"], rules: { "max-token-age": "disabled" } }] },
      kind: "settings file",
      excepted: ["max-token-age is disabled for group readers"],
    },
    {
      title: "a rule that is off but for a group",
      content: {
        rules: { "max-token-age": "disabled" },
        groups: [{ name: "readers", users: ["bi_*"], rules: { "max-token-age": "advisory" } }],
      },
      kind: "settings file",
      excepted: ["max-token-age is disabled but for groups"],
    },
    {
      title: "groups that switch nothing off",
      content: {
        groups: [
          {
            name: "readers",
            users: ["bi_*"],
            rules: {
              "max-token-age": "mandatory",
              "evidence-verified": "disabled",
              "token-owner-required": "advisory",
            },
          },
        ],
      },
      kind: "settings file",
    },
    { title: "levels for CrossGuard", content: { "max-token-age": "mandatory" }, kind: "CrossGuard configuration" },
    {
      title: "settings for CrossGuard",
      content: { "max-token-age": { enforcementLevel: "advisory", maxDays: 30 } },
      kind: "CrossGuard configuration",
    },
    {
      title: "everything switched off for CrossGuard",
      content: { all: "disabled" },
      kind: "CrossGuard configuration",
      disabled: rules.map(({ name }) => name),
    },
    {
      title: "everything but one switched off for CrossGuard",
      content: { all: "disabled", "tokens-must-expire": { enforcementLevel: "mandatory" } },
      kind: "CrossGuard configuration",
      disabled: rules.map(({ name }) => name).filter((name) => name !== "tokens-must-expire"),
    },
    {
      title: "a policy that does not exist",
      content: { all: "advisory", "max-token-ag": "advisory" },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: max-token-ag: there is no such policy; did you mean max-token-age\?/],
    },
    {
      title: "a level that does not exist",
      content: { "max-token-age": "mandatry" },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: max-token-age: "mandatry" is not a level; did you mean mandatory\?/],
    },
    {
      title: "a level of another type",
      content: { "max-token-age": { enforcementLevel: true } },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: max-token-age: true is not a level/],
    },
    {
      title: "a setting that does not exist",
      content: { "max-token-age": { maxDay: 3 } },
      kind: "CrossGuard configuration",
      mistakes: [/^:1: max-token-age: its settings: maxDay is not a setting; did you mean maxDays\?/],
    },
    { title: "no YAML", content: "rules: [", kind: "settings file", mistakes: [/^:1: Flow sequence /] },
  ]) {
    it(`finds what there is to say about ${title}`, () => {
      const found = check(content);
      assert.deepEqual(without(found, "mistakes"), { kind, disabled, excepted });
      assert.equal(found.mistakes.length, mistakes.length, found.mistakes.join("\n"));
      for (const [index, expected] of mistakes.entries()) {
        if (typeof expected === "string") assert.equal(found.mistakes[index], expected);
        else assert.match(found.mistakes[index] ?? "", expected);
      }
    });
  }

  it("says that a file is missing", () => {
    const { mistakes } = checkConfigFile(path.join(folder, "none.yaml"));
    assert.match(mistakes.join(), /none\.yaml: the settings file does not exist \(ENOENT\)/);
  });

  it("does not call an error of the program a mistake in the file", () => {
    assert.throws(() => checkConfigFile(undefined as never), TypeError);
  });
});
