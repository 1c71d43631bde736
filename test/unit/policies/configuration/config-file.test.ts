import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "mocha";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { configPlaceIn, readConfigFile } from "../../../../policies/configuration/config-file";
import { resolveConfiguration } from "../../../../policies/configuration/configuration";
import { maxTokenAge } from "../../../../policies/rules";
import { failureOf, temporaryFile, waiver } from "../../support";

const YAML = `# ours
preset: strict
rules:
  max-token-age: { maxDays: 5 }
  no-expired-tokens: disabled
waivers:
  - id: WVR-1
    rule: tokens-must-expire
    user: svc_bi
    reason: The vendor cannot rotate yet
    owner: data-platform@example.com
    expires: 2026-03-31
`;
const CONTENT = {
  preset: "strict",
  rules: { "max-token-age": { maxDays: 5 }, "no-expired-tokens": "disabled" },
  waivers: [waiver()],
};

/** What is wrong with a file, from behind its path on. */
async function mistakeIn(content: string): Promise<string> {
  const file = temporaryFile("settings.yaml", content);
  const { message } = await failureOf(() => resolveConfiguration(readConfigFile(file)), PolicyConfigError);
  assert.ok(message.startsWith(file), message);
  return message.slice(file.length);
}

describe("readConfigFile", () => {
  for (const [format, file, content] of [
    ["YAML", "s.yaml", YAML],
    ["JSON", "s.json", JSON.stringify(CONTENT, null, 2)],
    ["JSON on one line", "s.json", JSON.stringify(CONTENT)],
    ["YAML with the line ends of Windows", "s.yaml", YAML.replaceAll("\n", "\r\n")],
    ["YAML with a byte order mark", "s.yaml", `\ufeff${YAML}`],
  ] as const) {
    it(`reads ${format}`, () => {
      const source = readConfigFile(temporaryFile(file, content));
      assert.deepEqual(source.config, CONTENT);
      assert.equal(path.basename(source.name), file);
      assert.equal(resolveConfiguration(source).settings(maxTokenAge).maxDays, 5);
    });
  }

  it("keeps a date a text, with quotes and without", () => {
    for (const date of ["2026-03-31", `"2026-03-31"`]) {
      const { config } = readConfigFile(temporaryFile("s.yaml", YAML.replace("2026-03-31", date)));
      assert.deepEqual(config, CONTENT);
    }
  });

  it("takes an empty object for no settings", () => {
    assert.deepEqual(readConfigFile(temporaryFile("s.yaml", "{}")).config, {});
  });

  for (const content of ["", "\n", "\ufeff", "# nothing yet\n", "---\n", "null", "~"]) {
    it(`refuses ${JSON.stringify(content)}, which may come from a template that failed`, async () => {
      assert.match(await mistakeIn(content), /^: the settings file is empty; .* write "preset: recommended"\.$/);
    });
  }

  for (const key of ["0123", "1e3", "0x10", "1.0", "~", "true", "-1", ".inf"]) {
    it(`refuses the key ${key}, which YAML takes for something else, and takes it in quotes`, async () => {
      const content = (name: string) => `rules:\n  max-read-write-tokens:\n    perUser:\n      ${name}: 0\n`;
      assert.equal(
        await mistakeIn(content(key)),
        `:4: the key ${key} is not text to YAML. Put it in quotes: "${key}".`,
      );
      assert.equal(
        await mistakeIn(content(`? ${key}\n      `)),
        `:4: the key ${key} is not text to YAML. Put it in quotes: "${key}".`,
      );
      const { config } = readConfigFile(temporaryFile("s.yaml", content(`"${key}"`)));
      assert.deepEqual(config.rules?.["max-read-write-tokens"], { perUser: { [key]: 0 } });
    });
  }

  it("refuses a list for a key", async () => {
    assert.match(await mistakeIn("? [a, b]\n: 1\n"), /^:1: the key \["a","b"\] is not text to YAML/);
  });

  it("follows anchors of the same file", () => {
    const content = "rules:\n  max-token-age: &days { maxDays: 5 }\n  max-token-lifetime: *days\n";
    const { config } = readConfigFile(temporaryFile("s.yaml", content));
    assert.deepEqual(config.rules, { "max-token-age": { maxDays: 5 }, "max-token-lifetime": { maxDays: 5 } });
  });

  it("refuses a path that is not absolute, which each host would read from another folder", async () => {
    for (const file of ["settings.yaml", "./settings.yaml", "../settings.yaml", ""]) {
      const { message } = await failureOf(() => readConfigFile(file), PolicyConfigError);
      assert.equal(message, `${file}: give the settings file with an absolute path.`);
    }
  });

  it("refuses a file that is not there, or is a folder", async () => {
    const folder = path.dirname(temporaryFile("s.yaml", ""));
    for (const [file, what] of [
      [path.join(folder, "none.yaml"), "does not exist (ENOENT). Check its path"],
      [folder, "cannot be read (EISDIR)"],
    ] as const) {
      const { message, stack } = await failureOf(() => readConfigFile(file), PolicyConfigError);
      assert.equal(message, `${file}: the settings file ${what}.`);
      assert.equal(stack, message);
    }
  });

  for (const { title, content, says } of [
    {
      title: "a key that is used twice",
      content: "preset: strict\npreset: audit\n",
      says: /^:2: Map keys must be unique\.$/,
    },
    {
      title: "a rule that is used twice",
      content: "rules:\n  max-token-age: advisory\n  max-token-age: disabled\n",
      says: /^:3: Map keys must be unique\.$/,
    },
    {
      title: "a key that is used twice in JSON",
      content: `{"preset":"strict",\n"preset":"audit"}`,
      says: /^:2: Map keys must be unique\.$/,
    },
    { title: "JSON that ends too early", content: `{\n"preset": "strict"`, says: /^:2: \S.*\.$/ },
    {
      title: "a list that ends too early",
      content: "rules:\n  read-scaling-only:\n    users: [a\n",
      says: /^:4: \S.*\.$/,
    },
    { title: "tabs in place of spaces", content: "rules:\n\tmax-token-age: advisory\n", says: /^:2: Tabs / },
    {
      title: "an entry with another indentation than those before it",
      content: "rules:\n  max-token-age:\n    maxDays: 5\n   level: advisory\n",
      says: /^:4: All mapping items must start at the same column\. Check the indentation here and in the line before\.$/,
    },
    {
      title: "a second document",
      content: "preset: strict\n---\npreset: audit\n",
      says: /^:2: a second document begins here\. Keep one, in one file\.$/,
    },
    { title: "an alias without its anchor", content: "preset: *strict\n", says: /^: .*alias/i },
    { title: "text", content: "strict\n", says: /^: it is not an object/ },
    { title: "a list", content: "- preset: strict\n", says: /^: it is not an object/ },
  ]) {
    it(`refuses ${title}`, async () => assert.match(await mistakeIn(content), says));
  }

  describe("names the line of", () => {
    const rule = (settings: string) =>
      `rules:\n  max-token-age: advisory\n  max-read-write-tokens:\n    max: 2\n${settings}`;
    for (const { title, content, says } of [
      { title: "a key that does not exist", content: "preset: strict\nrule: {}\n", says: ":2: rule is not a setting" },
      {
        title: "a key that does not exist and holds more",
        content: "preset: strict\nrule:\n  max-token-age: advisory\n",
        says: ":2: rule is not a setting",
      },
      { title: "a preset that does not exist", content: "# ours\n\npreset: strikt\n", says: `:3: preset is "strikt"` },
      {
        title: "a rule that does not exist",
        content: "rules:\n  max-token-age: advisory\n  token-age: {}\n",
        says: ":3: there is no rule token-age",
      },
      {
        title: "a level that does not exist",
        content: "rules:\n  max-token-age: warn\n",
        says: ":2: rules.max-token-age is",
      },
      {
        title: "a setting that does not exist",
        content: rule("    maxx: 3\n"),
        says: ":5: rules.max-read-write-tokens: maxx is not a setting",
      },
      {
        title: "a setting of another type",
        content: rule("    rotationOverlapDays: x\n"),
        says: `:5: rules.max-read-write-tokens: rotationOverlapDays is "x"`,
      },
      {
        title: "a list that should be an object",
        content: rule("    perUser: []\n"),
        says: ":5: rules.max-read-write-tokens: perUser is a list",
      },
      {
        title: "a setting inside a setting",
        content: rule("    perUser:\n      ada: 1\n      eve: -1\n"),
        says: ":7: rules.max-read-write-tokens: perUser.eve is -1",
      },
      {
        title: "a key of a waiver that does not exist",
        content: YAML.replace("owner", "owned"),
        says: ":11: waivers.0.owned is not a setting",
      },
      {
        title: "a date that is none",
        content: YAML.replace("2026-03-31", "31.3.2026"),
        says: `:12: waivers.0.expires is "31.3.2026"`,
      },
      {
        title: "a waiver that lacks something",
        content: YAML.replace(/ +expires.*\n/, ""),
        says: ":7: waivers.0.expires is missing",
      },
      {
        title: "a waiver that is not allowed",
        content: YAML.replace("svc_bi", "'*'"),
        says: ":7: waivers.0: it waives every token",
      },
      {
        title: "a mistake in JSON",
        content: `{\n  "preset": "strict",\n  "rules": { "x": {} }\n}`,
        says: ":3: there is no rule x",
      },
    ]) {
      it(title, async () => {
        const mistake = await mistakeIn(content);
        assert.ok(mistake.startsWith(says), mistake);
      });
    }
  });
});

describe("configPlaceIn", () => {
  const file = { MOTHERDUCK_TOKENS_CONFIG: "/settings.yaml" };
  const text = { MOTHERDUCK_TOKENS_CONFIG_TEXT: "preset: strict" };

  it("takes a variable that is empty for one that is not set", () => {
    assert.deepEqual(configPlaceIn({}), {});
    assert.deepEqual(configPlaceIn({ MOTHERDUCK_TOKENS_CONFIG: "", MOTHERDUCK_TOKENS_CONFIG_TEXT: "" }), {});
    assert.deepEqual(configPlaceIn({ ...file, MOTHERDUCK_TOKENS_CONFIG_TEXT: "" }), { configFile: "/settings.yaml" });
    assert.deepEqual(configPlaceIn({ ...text, MOTHERDUCK_TOKENS_CONFIG: "" }), { configText: "preset: strict" });
  });

  it("refuses both", async () => {
    const { message } = await failureOf(() => configPlaceIn({ ...file, ...text }), PolicyConfigError);
    assert.match(message, /MOTHERDUCK_TOKENS_CONFIG and MOTHERDUCK_TOKENS_CONFIG_TEXT are both set/);
  });
});
