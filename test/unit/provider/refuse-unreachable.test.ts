import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { findsProvider, hasNode, isRunByPulumi } from "../../../provider/refuse-unreachable";
import { ROOT } from "../../../tools/sandbox";

describe("the provider, looked for from the program's folder,", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-reach-"));
  const link = (...parts: string[]) => {
    mkdirSync(path.join(folder, ...parts, "node_modules"), { recursive: true });
    symlinkSync(ROOT, path.join(folder, ...parts, "node_modules/pulumi-motherduck-tokens"), "junction");
  };
  before(() => {
    link("direct");
    link("hoisted");
    mkdirSync(path.join(folder, "hoisted/infra"));
    link("nested/node_modules/library");
    writeFileSync(path.join(folder, "nested/package.json"), "{}");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is found in its own `node_modules` and in those of the folders above", () => {
    assert.equal(findsProvider(path.join(folder, "direct")), true);
    assert.equal(findsProvider(path.join(folder, "hoisted/infra")), true);
  });

  it("is not found in those of a dependency", () => {
    assert.equal(findsProvider(path.join(folder, "nested")), false);
    assert.equal(findsProvider(path.join(folder, "nested/node_modules/library")), true);
  });
});

describe("what runs the program", () => {
  for (const [title, script, expected] of [
    ["Pulumi on Linux and macOS", "/p/node_modules/@pulumi/pulumi/cmd/run/index.js", true],
    ["Pulumi on Windows", path.win32.join("C:\\p", "node_modules/@pulumi/pulumi/cmd/run/index.js"), true],
    [
      "Pulumi with pnpm",
      "/p/node_modules/.pnpm/@pulumi+pulumi@3.255.0/node_modules/@pulumi/pulumi/cmd/run/index.js",
      true,
    ],
    ["a runner of tests", "/p/node_modules/mocha/bin/mocha.js", false],
    ["a program of the Automation API", "/p/deploy.js", false],
  ] as const) {
    it(`is told by its script: ${title}`, () => assert.equal(isRunByPulumi(script), expected));
  }

  it("is Node.js where it is on PATH", () => {
    assert.equal(hasNode(["", path.dirname(process.execPath)].join(path.delimiter)), true);
    assert.equal(hasNode(["", tmpdir()].join(path.delimiter)), false);
    assert.equal(hasNode(""), false);
  });
});
