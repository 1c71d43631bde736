import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { scripts } from "../../package.json";
import { ROOT } from "../../tools/sandbox";

const PAGE = readFileSync(path.join(ROOT, "CONTRIBUTING.md"), "utf8");

/** The commands of the page: lines of its shell blocks, and code in its text that starts as one. */
const COMMANDS = [
  ...[...PAGE.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n")),
  ...[...PAGE.matchAll(/`((?:npm|npx|node) [^`<]+)`/g)].map(([, command = ""]) => command),
];

/** The words of a command line, without the quotes. */
const wordsOf = (command: string) =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");

describe("CONTRIBUTING.md", () => {
  it("has commands", () => assert.ok(COMMANDS.length > 15, COMMANDS.join("\n")));

  for (const command of new Set(COMMANDS)) {
    const [program, ...words] = wordsOf(command);
    const [first = "", second = "", ...rest] = words;

    if (program === "npm" && first === "run") {
      it(`names a script that there is: ${command}`, async () => {
        assert.ok(Object.hasOwn(scripts, second), second);
        const [, ...files] = rest;
        if (second === "test:watch" && files.length > 0) await assertHasTests(files);
      });
    } else if (program === "npx" && first === "mocha") {
      it(`names tests that there are: ${command}`, () => assertHasTests([second, ...rest]));
    } else if (program === "npx") {
      it(`names a tool that \`check\` runs: ${command}`, () => assert.ok(scripts.check.includes(`${first} `), first));
    } else {
      it(`is npm's own: ${command}`, () => assert.ok(["npm ci", "npm test"].includes(command)));
    }
  }

  it("tells of each script that writes a page", () => {
    const named = new Set(COMMANDS.map((command) => /^npm run (docs:\S+)/.exec(command)?.[1]).filter(Boolean));
    assert.deepEqual(
      [...named].sort(),
      Object.keys(scripts)
        .filter((name) => name.startsWith("docs:"))
        .sort(),
    );
  });

  describe("and its table of all tests", () => {
    let parts: string[];
    before(() => {
      const [, table = ""] = /## All tests\n(.*?)\n## /s.exec(PAGE) ?? [];
      parts = [...table.matchAll(/^\| `(.+?)` /gm)].map(([, part = ""]) => part);
    });

    it("are what npm test runs, in that order", () => assert.equal(parts.join(" && "), scripts.test));
  });
}).timeout(60_000);

/** Holds that Mocha finds tests by these arguments; it loads the files and runs none of them. */
async function assertHasTests(args: readonly string[]): Promise<void> {
  const mocha = path.join(ROOT, "node_modules/mocha/bin/mocha.js");
  const { stdout } = await execa(process.execPath, [mocha, "--dry-run", "--reporter", "json", ...args], { cwd: ROOT });
  const { stats } = JSON.parse(stdout.slice(stdout.indexOf("{"))) as { stats: { tests: number } };
  assert.ok(stats.tests > 0, `no tests: ${args.join(" ")}`);
}
