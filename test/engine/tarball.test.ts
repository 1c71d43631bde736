import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa, execaSync } from "execa";
import { after, before, describe, it } from "mocha";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { install, oldestSdks, pack } from "../../tools/packed";
import { ROOT, type Sandbox } from "../../tools/sandbox";
import { smoke } from "../../tools/smoke";
import { runQuickStart } from "./quick-start";
import { assertFails, assertOk, Lab, stateOf, violationLines } from "./support";

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { getUserTokens, UserTokens, type UserToken } from "pulumi-motherduck-tokens";
import { rules } from "pulumi-motherduck-tokens/policies";
import { token } from "pulumi-motherduck-tokens/testing";

const usernames = new pulumi.Config().requireObject<string[]>("usernames");
const declared = usernames.map((username) => new UserTokens(username, { username }));
export const names = pulumi.all(declared.map(({ tokens }) => tokens)).apply((all: UserToken[][]) => all.flat().map(({ name }) => name));
export const read = getUserTokens({ username: "ada" }).then(({ username }) => username);
export const ruleCount = rules.length;
export const testToken = token().name;
`;

/** What \`pulumi new typescript\` writes. */
const TSCONFIG = {
  compilerOptions: { strict: true, outDir: "bin", target: "es2020", module: "commonjs", moduleResolution: "node" },
  files: ["index.ts"],
};

describe("the packed package, installed in an empty folder", () => {
  let lab: Lab;
  let stack: Sandbox;
  let folder: string;
  const installed = () => path.join(folder, "node_modules/pulumi-motherduck-tokens");
  const withPack = (...args: string[]) => stack.pulumi([...args, "--policy-pack", path.join(installed(), "policies")]);

  before(async () => {
    lab = await Lab.start();
    folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-installed-"));
    await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT, stdin: "ignore" });
  });
  after(async () => {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("blocks the deployment of the README's quick start", async () => {
    const [name = ""] = readdirSync(folder);
    const tarball = path.join(folder, name);
    console.log("      installing the tarball and the Pulumi SDK …");
    const run = await runQuickStart("README.md", "quick start", { folder, tarball, api: lab.api });
    assertFails(run, "error: preview failed");
    assert.deepEqual(violationLines(run), ["mandatory tokens-must-expire svc_bi"]);
    assert.doesNotMatch(run.output, /entry point|DeprecationWarning/);
  }).timeout(600_000);

  it("blocks a preview with its pack, from a program with type checks that uses all of its exports", async () => {
    stack = await lab.sandbox({
      nodeModules: path.join(folder, "node_modules"),
      env: { PULUMI_NODEJS_TRANSPILE_ONLY: "false" },
      config: { "program:usernames": ["ada", "svc_bi", "grace"] },
      files: {
        "Pulumi.yaml": "name: program\nruntime: nodejs\n",
        "package.json": `{ "name": "program", "version": "1.0.0" }`,
        "tsconfig.json": JSON.stringify(TSCONFIG),
        "index.ts": PROGRAM,
      },
    });
    const result = await withPack("preview");
    assertFails(result);
    assert.deepEqual(violationLines(result), [
      "mandatory max-read-write-tokens grace",
      "mandatory tokens-must-expire svc_bi",
    ]);
  });

  it("deploys when the tokens keep the rules, with the same `__provider` as everywhere", async () => {
    lab.api.cleanUp();
    assertOk(await withPack("up", "--yes"));
    const { userTokens, text } = await stateOf(stack);
    assert.equal(userTokens.length, 3);
    assert.ok(!text.includes(folder), "a path of this machine in state");
    assertOk(await withPack("preview", "--expect-no-changes"));
  });

  it("carries what it needs and nothing else", () => {
    const files = readdirSync(installed(), { recursive: true, encoding: "utf8" });
    for (const file of ["policies/dist/pack.js", "policies/PulumiPolicy.yaml", "policies/package.json", "LICENSE"]) {
      assert.ok(files.includes(file), file);
    }
    const examples = files.filter(
      (file) => /^examples\b/.test(file) && statSync(path.join(installed(), file)).isFile(),
    );
    assert.deepEqual(
      examples.sort(),
      execaSync("git", ["ls-files", "examples"], { cwd: ROOT }).stdout.split("\n").sort(),
    );
    assert.deepEqual(
      files.filter((file) => /^(test|tools)\b|^(?!examples\b).*(?<!\.d)\.ts$/.test(file)),
      [],
    );
  });

  it("has a pack that can be copied elsewhere", async () => {
    const copy = path.join(folder, "copied-pack");
    await execa("cp", ["-r", path.join(installed(), "policies"), copy]);
    const result = await stack.pulumi(["preview", "--policy-pack", copy]);
    assertOk(result);
    assert.match(result.output, /✅ motherduck-tokens/);
  });
});

describe("the packed package, installed with the oldest SDKs that it admits", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-oldest-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("blocks, passes and shows no change", async () => {
    const sdks = Object.entries(oldestSdks()).map(([name, version]) => `${name}@${version}`);
    const nodeModules = await install(path.join(folder, "project"), [await pack(path.join(folder, "packed")), ...sdks]);
    const policies = path.join(nodeModules, "pulumi-motherduck-tokens/policies");
    await smoke({ cli: await findPulumi(console.log), nodeModules, pack: policies });
  }).timeout(600_000);
});
