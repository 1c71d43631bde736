import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { version } from "../../../core/version";
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

describe("a program that Pulumi runs", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-run-"));
  const script = path.join(folder, "sdk/node_modules/@pulumi/pulumi/cmd/run/index.js");
  before(() => {
    mkdirSync(path.dirname(script), { recursive: true });
    // As the SDK's script does it, apart from the engine: it runs the program in the folder where it was started.
    writeFileSync(
      script,
      `if (process.argv[2] !== undefined) {
         Object.defineProperty(process, "versions", { value: { ...process.versions, bun: process.argv[2] } });
       }
       const { refuseUnreachable } = require(${JSON.stringify(path.join(ROOT, "provider/refuse-unreachable"))});
       try {
         refuseUnreachable();
         console.log("reachable");
       } catch (error) {
         console.log(error.constructor.name + ": " + error.message);
       }`,
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** @param bun the version of Bun that runs it; default: none. */
  async function run(cwd: string, bun: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const args = ["-r", path.join(ROOT, "node_modules/ts-node/register/transpile-only"), script, ...bun];
    const settings = { TS_NODE_PROJECT: path.join(ROOT, "tsconfig.json"), ...env };
    const { stdout } = await execa(process.execPath, args, { cwd, env: settings, timeout: 30_000 });
    return stdout;
  }

  it("goes on where its folder leads to the provider", async () => {
    assert.equal(await run(ROOT), "reachable");
    assert.equal(await run(ROOT, ["1.3.0"]), "reachable");
  });

  it("is told what to add where it does not", async () => {
    assert.equal(
      await run(folder),
      `RunError: pulumi-motherduck-tokens is not a dependency of the program itself, so Pulumi cannot find its provider ` +
        `from ${folder}. Add "pulumi-motherduck-tokens": "${version}" to the dependencies in ` +
        `${path.join(folder, "package.json")} and install them (docs/workspaces.md).`,
    );
  });

  it("is told to install Node.js where Bun runs it and there is none", async () => {
    assert.match(
      await run(ROOT, ["1.3.0"], { PATH: folder }),
      /^RunError: .*there is no node on PATH\. Install Node\.js 20\.19 or newer/,
    );
  });
}).timeout(60_000);

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
