import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Module } from "node:module";
import path from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { execa } from "execa";
import { describe, it } from "mocha";
import { ModuleKind, transpileModule } from "typescript";
import { parse } from "yaml";
import { EXPIRY_THRESHOLDS } from "../../core/expiry-thresholds";
import { oldestNode } from "../../core/version";
import { compileRoutes } from "../../notices/plan";
import { resolveConfiguration, type PolicyConfig } from "../../policies/configuration/configuration";
import { settingsFileSchema } from "../../policies/configuration/config-schema";

const ROOT = path.resolve(__dirname, "../..");
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
const markdownIn = (folder: string, options: { recursive: boolean } = { recursive: false }) =>
  (readdirSync(path.join(ROOT, folder), options) as string[])
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.join(folder, file));

describe("the documentation", () => {
  it("names the oldest Node.js that package.json allows", () => {
    for (const page of ["README.md", "CONTRIBUTING.md", "docs/languages.md"]) {
      assert.ok(read(page).includes(`Node.js ${oldestNode} or newer`), page);
    }
  });

  it("shows examples as they are", () => {
    const page = readFileSync(path.join(ROOT, "docs/custom-rules.md"), "utf8");
    const shown = [...page.matchAll(/<!-- (examples\/\S+) -->\n\n```ts\n(.*?)```/gs)];
    assert.equal(shown.length, 2);
    for (const [, file = "", text] of shown) assert.equal(text, readFileSync(path.join(ROOT, file), "utf8"), file);
  });

  it("shows a settings file that is right, also by the published schema", () => {
    const [, yaml = ""] =
      /<!-- checked by the tests: settings file -->\n\n```yaml\n(.*?)```/s.exec(read("docs/configuration.md")) ?? [];
    const config = parse(yaml) as PolicyConfig;
    assert.equal(config.waivers?.length, 1);
    resolveConfiguration({ name: "docs/configuration.md", config });

    const ajv = new Ajv({ strict: false });
    // The types of ajv-formats take it for an ES module.
    (addFormats as unknown as (ajv: Ajv) => void)(ajv);
    const validate = ajv.compile(settingsFileSchema());
    assert.ok(validate(config), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...config, rule: {} }));
    assert.ok(!validate({ rules: { "max-read-write-tokens": { max: "two" } } }));
  });

  it("shows settings for notices that are right, also by the published schema, and that route as the page says", () => {
    const [, yaml = ""] =
      /<!-- checked by the tests: notices -->\n\n```yaml\n(.*?)```/s.exec(read("docs/notices.md")) ?? [];
    const config = parse(yaml) as PolicyConfig;
    const { notify } = resolveConfiguration({ name: "docs/notices.md", config });
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(settingsFileSchema());
    assert.ok(validate(config), JSON.stringify(validate.errors));
    assert.deepEqual(notify?.thresholdsDays, [...EXPIRY_THRESHOLDS]);
    const channelsOf = compileRoutes(notify);
    assert.deepEqual(channelsOf("data-science"), ["science-teams"]);
    assert.deepEqual(channelsOf("data-platform"), ["data-slack", "inventory"]);
    assert.deepEqual([channelsOf("web"), channelsOf(undefined)], [["admins"], ["admins"]]);
  });

  it("shows how a pack is tested, and that works", async () => {
    const [, source = ""] =
      /<!-- run by the tests: testing a pack -->\n\n```ts\n(.*?)```/s.exec(read("docs/testing.md")) ?? [];
    assert.notEqual(source, "");
    const { outputText } = transpileModule(source, {
      compilerOptions: { module: ModuleKind.CommonJS, esModuleInterop: true },
    });
    const example = new Module("docs/testing.md");
    example.paths = module.paths;
    (example as unknown as { _compile(code: string, file: string): void })._compile(
      outputText,
      path.join(ROOT, "docs/testing.js"),
    );
    await (example.exports as { default: Promise<void> }).default;
  });

  it("indexes the decision records with their numbers, titles and dates", () => {
    const files = markdownIn("docs/decisions").filter((file) => path.basename(file) !== "README.md");
    const records = files.sort().map((file, index) => {
      const text = read(file);
      const [, title = "", date = ""] =
        /^# \d+\. (.+)\n\nDate: (\d{4}-\d{2}-\d{2})\. Status: (?:accepted|superseded by \d{4})\.\n/.exec(text) ?? [];
      assert.ok(Date.parse(date) > 0, `${file}: no title, valid date and status at the start`);
      const headings = [...text.matchAll(/^## (.+)\n\n(?=\S)/gm)].map(([, heading]) => heading);
      assert.deepEqual(headings, ["Context", "Decision", "Consequences"], file);
      const number = String(index + 1).padStart(4, "0");
      assert.ok(path.basename(file).startsWith(`${number}-`), `${file}: expected the number ${number}`);
      assert.ok(text.startsWith(`# ${index + 1}. `), file);
      return [number, title, path.basename(file), date];
    });
    assert.notEqual(records.length, 0);
    const rows = read("docs/decisions/README.md").matchAll(/^\| (\d{4}) +\| \[(.+)\]\((.+)\) +\| (\S+) +\|$/gm);
    assert.deepEqual(
      [...rows].map(([, ...cells]) => cells),
      records,
    );
  });

  /** What a page links to in the repository. */
  const targetsOf = (page: string) =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) =>
      path.join(path.dirname(page), link).replace(/\/$/, ""),
    );

  it("links to nothing that is not there", () => {
    const pages = [...markdownIn("."), ...markdownIn("examples"), ...markdownIn("docs", { recursive: true })];
    for (const page of pages) {
      for (const target of targetsOf(page)) assert.ok(existsSync(path.join(ROOT, target)), `${page}: ${target}`);
    }
  });

  it("links to nothing that is not published, but for the pages about the sources", async () => {
    const { stdout } = await execa("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT });
    const [{ files } = assert.fail()] = JSON.parse(stdout) as { files: { path: string }[] }[];
    const published = files.map((file) => file.path);
    const pages = published.filter((file) => file.endsWith(".md") && !["CONTRIBUTING.md", "DESIGN.md"].includes(file));
    assert.ok(pages.includes("README.md") && pages.includes("docs/ci/github.md"));
    for (const page of pages) {
      for (const target of targetsOf(page)) {
        const isThere = published.some((file) => file === target || file.startsWith(`${target}/`));
        assert.ok(isThere, `${page}: ${target}`);
      }
    }
  });
});
