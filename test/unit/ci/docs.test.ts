import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { ROOT } from "../../../tools/sandbox";
import { EXAMPLES, type GitHubStep, NIGHTLY, read, readAction } from "../../ci/pipelines";

const PAGES = readdirSync(path.join(ROOT, "docs/ci")).map((name) => `docs/ci/${name}`);
const NIGHTLY_PAGE = "docs/nightly.md";
/** The languages of files, by how their names end. */
const LANGUAGES: Record<string, string> = { yml: "yaml", sh: "sh", cron: "text", Dockerfile: "dockerfile" };

/** The page with the files in it that it names; run with UPDATE_DOCS=1 to write them. */
function withFiles(page: string): string {
  return page.replace(
    /(<!-- the file: (\S+) -->\n)(\n```\w*\n.*?\n```\n)?/gs,
    (_, comment: string, file: string) =>
      `${comment}\n\`\`\`${LANGUAGES[/\w+$/.exec(file)?.[0] ?? ""] ?? "groovy"}\n${read(file).trimEnd()}\n\`\`\`\n`,
  );
}

describe("the pages on pipelines", () => {
  it("show the files of examples/ci and examples/nightly as they are", () => {
    const shown = [...PAGES, NIGHTLY_PAGE].flatMap((page) => {
      const text = read(page);
      if (process.env.UPDATE_DOCS) writeFileSync(path.join(ROOT, page), withFiles(text));
      assert.equal(read(page), withFiles(text), `${page}: npm run docs:ci`);
      return [...text.matchAll(/<!-- the file: (\S+) -->/g)].map(([, file]) => file);
    });
    assert.deepEqual(shown.sort(), [...Object.values(EXAMPLES), ...Object.values(NIGHTLY)].sort());
    const files = ["examples/ci", "examples/nightly"].flatMap((folder) =>
      readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}`),
    );
    assert.deepEqual(files.sort(), shown);
  });

  it("link to nothing that is not there, and are all in the index", () => {
    for (const page of PAGES) {
      for (const [, link = ""] of read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        assert.ok(existsSync(path.join(ROOT, path.dirname(page), link)), `${page}: ${link}`);
      }
    }
    const index = read("docs/ci/README.md");
    for (const page of PAGES.filter((name) => !name.endsWith("README.md"))) {
      assert.ok(index.includes(`](${path.basename(page)})`), page);
    }
  });

  it("never show `pulumi preview` or `pulumi up` without --policy-pack as a gate", () => {
    let found = 0;
    for (const file of [...PAGES, ...Object.values(EXAMPLES), "README.md"]) {
      const commands = [...read(file).matchAll(/^.*\bpulumi (?:preview|up)\b(?: --|\s*$)(?:.*\\\n)*.*$/gm)];
      found += commands.length;
      for (const [command] of commands)
        assert.match(command, /--policy-pack|> events\.jsonl|--refresh/, `${file}: ${command}`);
    }
    assert.ok(found > 16, String(found));
  });

  it("use the action with inputs and outputs that it has", () => {
    const [, yaml = ""] =
      /<!-- checked by the tests: the action -->\n\n```yaml\n(.*?)```/s.exec(read("docs/ci/github.md")) ?? [];
    const { steps } = parse(yaml) as { steps: GitHubStep[] };
    const { inputs, outputs } = readAction();
    const used = steps.find(({ id }) => id === "tokens")?.with ?? {};
    assert.ok(Object.keys(used).length > 0);
    for (const name of Object.keys(used)) assert.ok(name in inputs, name);
    for (const [, name = ""] of yaml.matchAll(/steps\.tokens\.outputs\.([\w-]+)/g)) assert.ok(name in outputs, name);
  });
});
