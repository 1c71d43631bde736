import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";

const ROOT = path.resolve(__dirname, "../..");
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

/** Whether a file of tests has one of this name; for `it(\`…${title}\`)`, whether it has such a title, too. */
function hasTest(source: string, name: string): boolean {
  return [...source.matchAll(/\bit\(\s*("(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)/g)].some(([, literal = ""]) => {
    if (literal.startsWith('"')) return JSON.parse(literal) === name;
    const fixed = literal
      .slice(1, -1)
      .replaceAll("\\`", "`")
      .split(/\$\{[^}]*\}/);
    const titles = new RegExp(`^${fixed.map((text) => escape(text)).join("(.+)")}$`).exec(name);
    return titles?.slice(1).every((title) => source.includes(`title: ${JSON.stringify(title)}`)) ?? false;
  });
}

describe("docs/silent-passes.md", () => {
  const sections = read("docs/silent-passes.md").split("\n## ").slice(1);

  it("names a test for each way", () => {
    assert.ok(sections.length > 15, String(sections.length));
    for (const section of sections) assert.match(section, /^- `/m, section.split("\n")[0]);
  });

  for (const section of sections) {
    for (const [, file = "", name = ""] of section.matchAll(/^- `([\w.]+)`: (.+)$/gm)) {
      it(`names a test that exists: ${name}`, () => {
        assert.ok(hasTest(read(`test/engine/${file}`), name), `${file} has no test "${name}"`);
      });
    }
  }

  for (const [, file = "", name = ""] of read("docs/threat-model.md").matchAll(/^- `([\w.]+\.test\.ts)`: (.+)$/gm)) {
    it(`and docs/threat-model.md name a test that exists: ${name}`, () => {
      assert.ok(hasTest(read(`test/engine/${file}`), name), `${file} has no test "${name}"`);
    });
  }

  it("would notice a name that does not exist", () => {
    const source = 'it("a", f); it(`b ${title}`, f); { title: "c" }';
    assert.deepEqual(
      ["a", "b c", "b d", "e"].map((name) => hasTest(source, name)),
      [true, true, false, false],
    );
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
