import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import manifest from "../../../package.json";
import { PULUMI_VERSION } from "../../../tools/pulumi-cli/find-pulumi";
import {
  ACTION,
  EXAMPLES,
  type GitHubStep,
  NIGHTLY,
  read,
  readAction,
  readWorkflow,
  WORKFLOWS,
} from "../../ci/pipelines";

const INSTALL_PROMETHEUS =
  "sudo apt-get update -qq && sudo apt-get install -y -qq prometheus prometheus-node-exporter prometheus-pushgateway";
const GITHUB_FILES = [EXAMPLES.github, NIGHTLY.github, ...WORKFLOWS];
const stepsOf = (file: string): GitHubStep[] =>
  Object.values(readWorkflow(file).jobs).flatMap(({ steps }) => [...steps]);

describe("workflows on GitHub", () => {
  it("pin each action to one commit, and say which version that is", () => {
    const commits = new Map<string, string>();
    for (const file of [...GITHUB_FILES, ACTION, "docs/ci/github.md"]) {
      const uses = [...read(file).matchAll(/uses: (.*)/g)]
        .map(([, use = ""]) => use)
        .filter((use) => !use.startsWith("<owner>/"));
      assert.ok(uses.length > 0, file);
      for (const use of uses) {
        const [, action = "", commit = ""] = /^([\w-]+\/[\w/-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(use) ?? [];
        assert.notEqual(action, "", `${file}: ${use}`);
        assert.equal(commit, commits.get(action) ?? commit, action);
        commits.set(action, commit);
      }
    }
  });

  it("may read the contents, and write only what a job needs", () => {
    const written: string[] = [];
    for (const file of GITHUB_FILES) {
      const { permissions, jobs } = readWorkflow(file);
      assert.deepEqual(permissions, { contents: "read" }, file);
      for (const [name, job] of Object.entries(jobs)) {
        const writes = Object.entries(job.permissions ?? {}).filter(([, access]) => access !== "read");
        written.push(...writes.map(([what, access]) => `${name}: ${what} ${access}`));
      }
    }
    assert.deepEqual(written, [
      "gate: security-events write",
      "audit: security-events write",
      "publish: id-token write",
    ]);
  });

  it("run no text from outside as code", () => {
    for (const { run = "" } of [...GITHUB_FILES.flatMap(stepsOf), ...readAction().runs.steps]) {
      assert.doesNotMatch(run, /\$\{\{/);
    }
  });

  it("give secrets to no step that installs, and never to a fork", () => {
    for (const { run, uses, env, with: given } of GITHUB_FILES.flatMap(stepsOf)) {
      const secret = JSON.stringify({ ...env, ...given }).includes("secrets.");
      assert.ok(!secret || (!uses && !/npm (ci|install)/.test(run ?? "")), run ?? uses);
    }
    for (const file of GITHUB_FILES) assert.ok(!("pull_request_target" in readWorkflow(file).on), file);
  });

  it("install the Pulumi that the tests run with", () => {
    const versions = Object.values(EXAMPLES).flatMap((file) =>
      [...read(file).matchAll(/pulumi[-_]version\s*[:=] *'?([\d.]+)/gi)].map(([, version]) => version),
    );
    assert.deepEqual(versions, Array(5).fill(PULUMI_VERSION));
  });

  it("test the versions of Node.js that the README names, by the README's commands", () => {
    const { test } = readWorkflow(".github/workflows/test.yml").jobs;
    const [, named = ""] = /Tried with .*?Node\.js (\d+(?:, \d+)* and \d+)/s.exec(read("README.md")) ?? [];
    const versions = named.match(/\d+/g)?.map(Number);
    assert.deepEqual(test?.strategy?.matrix.node, versions);
    assert.deepEqual(
      test?.steps.flatMap(({ run }) => run ?? []),
      [INSTALL_PROMETHEUS, "npm ci", "npm test", "npm run check && npm run test:unit && npm run demo"],
    );
    const { os, include } = test?.strategy?.matrix as unknown as { os: string[]; include: { os: string }[] };
    assert.deepEqual([...os, ...include.map((entry) => entry.os)], ["ubuntu-latest", "macos-latest", "windows-latest"]);
    assert.match(manifest.engines.node, new RegExp(`>=${versions?.[0]}\\b`));
  });
});

describe("the release", () => {
  const script = readWorkflow(".github/workflows/release.yml").jobs.publish?.steps.find(({ name }) =>
    name?.startsWith("The tag is the version"),
  )?.run;

  /** Runs the check of a release in a folder with these versions. */
  async function check(versions: { tag?: string; pack?: string; plugin?: string; changelog?: string }) {
    const version = "1.2.3";
    const { tag = "v1.2.3", pack = version, plugin = version, changelog = "## 1.2.3" } = versions;
    const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-release-"));
    try {
      for (const [name, found] of Object.entries({ ".": version, policies: pack, plugin })) {
        mkdirSync(path.join(folder, name), { recursive: true });
        writeFileSync(path.join(folder, name, "package.json"), JSON.stringify({ version: found }));
      }
      writeFileSync(path.join(folder, "CHANGELOG.md"), `# Changelog\n\n${changelog}\n\n- Something.\n`);
      const shell = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script ?? "exit 99"];
      return await execa("bash", shell, { cwd: folder, env: { GITHUB_REF_NAME: tag }, reject: false, all: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it("goes on where tag, versions and changelog agree", async () => {
    for (const changelog of ["## 1.2.3 (2026-03-01)", "## 1.2.3"]) {
      const { exitCode, all } = await check({ changelog });
      assert.equal(exitCode, 0, all);
    }
  });

  it("stops where one of them says something else", async () => {
    for (const [versions, says] of [
      [{ tag: "v1.2.4" }, "The tag is v1.2.4, and ./package.json has 1.2.3"],
      [{ tag: "1.2.3" }, "The tag is 1.2.3"],
      [{ pack: "1.2.2" }, "policies/package.json has 1.2.2"],
      [{ plugin: "1.2.2" }, "plugin/package.json has 1.2.2"],
      [{ changelog: "## 1.2.3 (unreleased)" }, "no section for 1.2.3, or calls it unreleased"],
      [{ changelog: "## 1x2.3" }, "no section"],
    ] as const) {
      const { exitCode, all } = await check(versions);
      assert.equal(exitCode, 1, all);
      assert.ok(all.startsWith("::error::") && all.includes(says), all);
    }
  });
});
