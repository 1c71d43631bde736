import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { findNameFault } from "../../../tools/new-rule";
import { filesOf, PLACEHOLDER } from "../../../tools/rule-files";
import { ROOT } from "../../../tools/sandbox";

/** What the commands here need of the repository. */
const COPIED = [
  ...["audit", "cli", "client", "core", "docs/rules", "history", "policies", "reports", "test", "testing", "tools"],
  ...["README.md", "package.json", "tsconfig.json", ".mocharc.yml", ".prettierrc.json"],
];
/** The copy is not what coverage is measured of. */
const NOT_COVERED = { NODE_V8_COVERAGE: "" };

for (const { args, passes } of [
  { args: ["short-names"], passes: "allows 64 and not 65" },
  { args: ["short-names", "--about", "tokens"], passes: "tells groups apart" },
]) {
  const { rule, test, example, page } = filesOf("short-names");

  describe(`npm run new:rule -- ${args.join(" ")}`, () => {
    let copy: string;
    const run = (file: string, ...args: string[]) =>
      execa(process.execPath, [file, ...args], { cwd: copy, reject: false, env: NOT_COVERED });
    const tool = (file: string, ...args: string[]) => run("-r", "ts-node/register/transpile-only", file, ...args);
    const checkFaults = async () => (await tool("tools/generate.ts", "--check")).stderr.split("\n");
    const edit = (file: string, change: (text: string) => string) => {
      const place = path.join(copy, file);
      writeFileSync(place, change(readFileSync(place, "utf8")));
    };

    before(async () => {
      copy = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-rule-"));
      for (const item of COPIED) cpSync(path.join(ROOT, item), path.join(copy, item), { recursive: true });
      symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"), "junction");
      const { stdout, stderr, exitCode } = await tool("tools/new-rule.ts", ...args);
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(
        [...stdout.matchAll(/^wrote (.+)$/gm)].map(([, file]) => file),
        [rule, test, example, "policies/rules/all.ts", "README.md", page],
      );
    });
    after(() => rmSync(copy, { recursive: true, force: true }));

    it("writes a rule whose files compile, whose tests pass, and which keeps what all rules keep", async () => {
      const config = { extends: "./tsconfig.json", files: [rule, test, example] };
      writeFileSync(path.join(copy, "tsconfig.rule.json"), JSON.stringify(config));
      const [types, tests, properties] = await Promise.all([
        run("node_modules/typescript/bin/tsc", "-p", "tsconfig.rule.json"),
        run("node_modules/mocha/bin/mocha.js", test),
        run("node_modules/mocha/bin/mocha.js", "test/unit/policies/rules.properties.test.ts", "-g", "short-names"),
      ]);
      assert.equal(types.exitCode, 0, types.stdout);
      assert.equal(tests.exitCode, 0, tests.stdout);
      assert.ok(tests.stdout.includes(passes), tests.stdout);
      assert.equal(properties.exitCode, 0, properties.stdout);
      assert.match(properties.stdout, /[1-9] passing/);
    });

    it("is not done before each text is written, and the engine has run", async () => {
      const faults = await checkFaults();
      for (const file of [rule, test, example]) {
        assert.ok(
          faults.some((fault) => fault.startsWith(`${file}:`) && fault.endsWith(`"${PLACEHOLDER}" is left`)),
          file,
        );
      }
      assert.equal(faults.at(-1), `${page}: shows no output of the engine; run npm run docs:rules`);
    });

    it("leaves a rule that the check knows: what is missing, and what is out of date", async () => {
      for (const file of [rule, test]) edit(file, (text) => text.replaceAll(PLACEHOLDER, "Written"));
      edit(page, (text) => text.replace("(nothing yet)", "printed"));
      rmSync(path.join(copy, example));
      assert.deepEqual(await checkFaults(), [
        `${example}: missing, for the rule short-names; see "A new rule" in CONTRIBUTING.md`,
        `README.md: out of date; run npm run generate`,
        `${page}: out of date; run npm run generate`,
      ]);
      assert.equal((await tool("tools/generate.ts")).stdout, `wrote README.md\nwrote ${page}`);
      assert.match(readFileSync(path.join(copy, page), "utf8"), /^Written: one sentence [^]*```text\nprinted\n```/m);
    });

    it("refuses what it does not know", async () => {
      const { stderr, exitCode } = await tool("tools/new-rule.ts", "other", "--about", "users");
      assert.match(stderr, /^--about is users\. Usage: npm run new:rule -- my-rule \[--about token\|tokens\]$/m);
      assert.equal(exitCode, 1);
    });

    it("gives a constant that the file's name tells: another one is reported", async () => {
      edit(rule, (text) => text.replace("export const shortNames", "export const longNames"));
      const { stderr, exitCode } = await tool("tools/generate.ts");
      assert.match(stderr, /policies\/rules\/short-names\.ts: does not export its rule as shortNames/);
      assert.equal(exitCode, 1);
    });
  }).timeout(120_000);
}

describe("the name of a new rule", () => {
  for (const [name, fault] of [
    ["Short", '"Short" is not a name in lower case with hyphens'],
    ["short-", '"short-" is not a name in lower case with hyphens'],
    ["default", '"default" is a word of TypeScript\'s own'],
    ["max-token-age", "policies/rules/max-token-age.ts exists already"],
    ["index", "policies/rules/index.ts exists already"],
    ["short-names", undefined],
  ] as const) {
    it(`is ${fault === undefined ? "accepted" : "refused"}: ${name}`, () => assert.equal(findNameFault(name), fault));
  }
});
