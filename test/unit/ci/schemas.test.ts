import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { parse } from "yaml";
import { goCheckers, pythonCheckers } from "../../../tools/ci-checkers";
import { ROOT } from "../../../tools/sandbox";
import { getOrSkip } from "../../get-or-skip";
import { ACTION, allScripts, EXAMPLES, NIGHTLY, read, WORKFLOWS } from "../../ci/pipelines";

/** The vendors' schemas, as check-jsonschema has them, and what it needs for them. */
const SCHEMAS: Record<string, { files: readonly string[]; flags?: string[]; prepare?: (text: string) => string }> = {
  "github-workflows": { files: [EXAMPLES.github, NIGHTLY.github, ...WORKFLOWS] },
  "github-actions": { files: [ACTION] },
  "gitlab-ci": { files: [EXAMPLES.gitlab, NIGHTLY.gitlab], flags: ["--data-transform", "gitlab-ci"] },
  "azure-pipelines": {
    files: [EXAMPLES.azure],
    flags: ["--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"],
    // To Azure, and to its schema, every value is text, but for what tasks are given.
    prepare: (text) => JSON.stringify(asText(parse(text))),
  },
};

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === "inputs" ? (part as unknown) : asText(part)]),
  );
}

describe("pipelines and workflows", () => {
  let python: string;
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-ci-"));

  before(async function () {
    this.timeout(300_000);
    python = await getOrSkip(this, pythonCheckers);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Checks texts by a schema. */
  const check = (schema: string, texts: Record<string, string>) => {
    const { flags = [], prepare = (text: string) => text } = SCHEMAS[schema] ?? {};
    const files = Object.entries(texts).map(([name, text]) => {
      const file = path.join(folder, name.replaceAll("/", "-"));
      writeFileSync(file, prepare(text));
      return file;
    });
    const args = ["--color", "never", "--builtin-schema", `vendor.${schema}`, ...flags, ...files];
    return execa(path.join(python, "check-jsonschema"), args, { reject: false, all: true });
  };

  for (const [schema, { files }] of Object.entries(SCHEMAS)) {
    it(`are right by the vendor's schema ${schema}: ${files.join(", ")}`, async () => {
      const { exitCode, all } = await check(schema, Object.fromEntries(files.map((file) => [file, read(file)])));
      assert.equal(exitCode, 0, all);
    });

    it(`would be wrong by the schema ${schema} with a key misspelt`, async () => {
      const [file = ""] = files;
      const broken = read(file).replace(/^( *)(runs-on|using|artifacts|displayName):/m, "$1misspelt:");
      const { exitCode } = await check(schema, { [file]: broken });
      assert.equal(exitCode, 1);
    });
  }

  it("are right by the schema of Kubernetes, which knows each key", async () => {
    const validate = async (text: string) => {
      const file = path.join(folder, "kubernetes.yml");
      writeFileSync(file, text);
      return execa(path.join(python, "kubernetes-validate"), ["--strict", file], { reject: false, all: true });
    };
    const manifest = read(NIGHTLY.kubernetes);
    const { exitCode, all } = await validate(manifest);
    assert.equal(exitCode, 0, all);
    assert.match(all, /passed for resource cronjob\/motherduck-tokens/);
    assert.notEqual((await validate(manifest.replace("backoffLimit:", "backofLimit:"))).exitCode, 0);
  });

  it("have scripts that ShellCheck has nothing against", async () => {
    const scripts = allScripts().map(({ text }, index) => {
      const file = path.join(folder, `${index}.sh`);
      // The shell's options come from the vendor or from the script.
      writeFileSync(file, text.startsWith("#!") ? text : `#!/usr/bin/env bash\n${text}`);
      return file;
    });
    assert.ok(scripts.length > 20);
    const { exitCode, all } = await execa(path.join(python, "shellcheck"), scripts, { reject: false, all: true });
    assert.equal(exitCode, 0, all);
  });

  it("have nothing that actionlint finds", async function () {
    this.timeout(300_000);
    const actionlint = path.join(await getOrSkip(this, goCheckers), "actionlint");
    const lint = (...files: string[]) =>
      execa(actionlint, ["-no-color", "-shellcheck", path.join(python, "shellcheck"), ...files], {
        cwd: ROOT,
        reject: false,
        all: true,
      });
    const { exitCode, all } = await lint(EXAMPLES.github, NIGHTLY.github, ...WORKFLOWS);
    assert.equal(exitCode, 0, all);

    const broken = path.join(folder, "broken.yml");
    writeFileSync(broken, read(EXAMPLES.github).replace("steps.preview.outcome", "steps.previw.outcome"));
    assert.match((await lint(broken)).all, /property "previw" is not defined/);
  });
});
