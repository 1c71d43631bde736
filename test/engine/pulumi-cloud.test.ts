import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { daysFromNow } from "./rule-example";
import manifest from "../../package.json";
import { rules } from "../../policies/rules";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { ROOT, type Sandbox } from "../../tools/sandbox";
import { type EscEnvironment, PulumiCloud, type RequiredPolicy } from "../../tools/stand-in/pulumi-cloud";
import { commands, packedModules } from "../ci/packed-modules";
import { assertFails, assertOk, Lab, projectFiles, violationLines } from "./support";

/** The commands of docs/ci/pulumi-cloud.md. */
function publishing(): string {
  const page = readFileSync(path.join(ROOT, "docs/ci/pulumi-cloud.md"), "utf8");
  const [, script = ""] = /<!-- run by the tests: publishing the pack -->\n\n```sh\n(.*?)```/s.exec(page) ?? [];
  assert.notEqual(script, "");
  return script;
}

describe("the pack as an organization's", () => {
  let lab: Lab;
  let cloud: PulumiCloud;
  let project: Sandbox;
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-cloud-"));
  // The registry is not asked: `npm install` takes what is here. `pulumi policy publish` calls `npm pack`.
  const npm = commands({
    npm: `if [ "$1" = install ]; then ln -s "$MODULES" node_modules; else PATH="$PATH_OF_NPM" exec npm "$@"; fi`,
  });

  before(async () => {
    lab = await Lab.start();
    cloud = await PulumiCloud.start();
    const nodeModules = await packedModules(folder);
    const { binFolder } = await findPulumi(console.log);
    project = await lab.sandbox({
      nodeModules,
      files: projectFiles(`for (const username of ["ada", "svc_bi"]) new md.UserTokens(username, { username });`),
      env: {
        CALLS: path.join(folder, "calls"),
        MODULES: nodeModules,
        PATH_OF_NPM: process.env.PATH ?? "",
        PATH: [npm.folder, binFolder, process.env.PATH].join(path.delimiter),
      },
    });
  });
  after(async () => {
    await lab.stop();
    await cloud.stop();
    npm.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const onCloud = () => ({ PULUMI_BACKEND_URL: cloud.url, PULUMI_ACCESS_TOKEN: "pul-not-needed-here" });

  it("is published and enabled by the commands of docs/ci/pulumi-cloud.md, against a stand-in of the service", async () => {
    assertOk(await project.run("bash", ["-euc", publishing()], { env: onCloud() }));
    assert.equal(cloud.pack?.name, "motherduck-tokens");
    assert.equal(cloud.pack?.versionTag, manifest.version);
    assert.deepEqual(cloud.pack?.policies.map(({ name }) => name).sort(), rules.map(({ name }) => name).sort());
    assert.ok(
      cloud.requests.includes(
        `POST /api/orgs/acme/policypacks/motherduck-tokens/versions/${manifest.version}/complete`,
      ),
    );
    const { name, versionTag } = cloud.policyGroup?.addPolicyPack ?? {};
    assert.deepEqual([name, versionTag], ["motherduck-tokens", manifest.version]);
  });

  it("blocks from the archive that was uploaded, where only the SDKs are beside it", async () => {
    assert.ok(cloud.archive);
    writeFileSync(path.join(folder, "pack.tgz"), cloud.archive);
    await execa("tar", ["-xzf", "pack.tgz"], { cwd: folder });
    const pack = path.join(folder, "package");
    assert.deepEqual(readdirSync(pack).sort(), ["PulumiPolicy.yaml", "dist", "package.json"]);
    mkdirSync(path.join(pack, "node_modules"));
    symlinkSync(path.join(ROOT, "node_modules/@pulumi"), path.join(pack, "node_modules/@pulumi"));
    const result = await project.pulumi(["preview", "--policy-pack", pack]);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
  });

  describe("required by a policy group, against a stand-in of the service,", () => {
    const required: RequiredPolicy = { name: "motherduck-tokens", versionTag: manifest.version };
    const previewOnCloud = (settings: Partial<RequiredPolicy> = {}, environment: EscEnvironment = {}) => {
      cloud.requiredPolicies = [{ ...required, ...settings }];
      cloud.environments = { "policies/motherduck-tokens": environment, ...stackEnvironment };
      return project.pulumi(["preview", "--stack", "acme/dev"], { env: onCloud() });
    };
    let stackEnvironment: Readonly<Record<string, EscEnvironment>> = {};
    const settings = (limits: string) => `rules: ${limits}
waivers:
  - id: WVR-1
    rule: tokens-must-expire
    user: svc_bi
    reason: Vendor cannot rotate before Q1
    owner: data-platform@example.com
    expires: ${daysFromNow(30).slice(0, 10)}
`;
    const expected = "{ inventory-covered: { users: [ada, grace] } }";

    it("is installed ahead of a preview by `pulumi policy install`, and is not downloaded again", async () => {
      const downloads = () => cloud.requests.filter((request) => request.startsWith("GET /archive")).length;
      const before = downloads();
      cloud.requiredPolicies = [required];
      assertOk(await project.pulumi(["policy", "install", "--stack", "acme/dev"], { env: onCloud() }));
      assert.equal(downloads(), before + 1);
      assertFails(await previewOnCloud());
      assert.equal(downloads(), before + 1);
    });

    it("blocks without --policy-pack", async () => {
      const result = await previewOnCloud();
      assertFails(result);
      assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
    });

    it("takes CrossGuard's configuration from the group", async () => {
      const result = await previewOnCloud({
        config: { "tokens-must-expire": { enforcementLevel: "advisory" }, "inventory-covered": { users: ["grace"] } },
      });
      assertFails(result, "grace");
      assert.deepEqual(violationLines(result), [
        "advisory tokens-must-expire svc_bi",
        "mandatory inventory-covered program-dev",
      ]);
    });

    for (const [title, environment] of [
      ["a variable with the text", { environmentVariables: { MOTHERDUCK_TOKENS_CONFIG_TEXT: settings(expected) } }],
      ["a file", { files: { MOTHERDUCK_TOKENS_CONFIG: settings(expected) } }],
    ] as const) {
      it(`takes waivers, owners and expected users from an environment of ESC: ${title}`, async () => {
        const result = await previewOnCloud({ environments: ["policies/motherduck-tokens"] }, environment);
        assertFails(result, "WVR-1", "grace");
        assert.deepEqual(violationLines(result), [
          "advisory tokens-must-expire svc_bi",
          "mandatory inventory-covered program-dev",
        ]);
      });
    }

    it("follows the group's environment where the stack brings settings of its own", async () => {
      const own = { environmentVariables: { MOTHERDUCK_TOKENS_CONFIG_TEXT: "preset: audit" } };
      stackEnvironment = { "stacks/own": own };
      project.write({ "Pulumi.dev.yaml": "environment: [stacks/own]\nconfig: {}\n" });
      const group = { environmentVariables: { MOTHERDUCK_TOKENS_CONFIG_TEXT: "preset: recommended" } };
      const judged = await previewOnCloud({ environments: ["policies/motherduck-tokens"] }, group);
      assertFails(judged);
      assert.deepEqual(violationLines(judged), ["mandatory tokens-must-expire svc_bi"]);
      // Where the group has no settings, nobody is there whose word wins: docs/ci/pulumi-cloud.md says so.
      assert.deepEqual(violationLines(await previewOnCloud()), ["advisory tokens-must-expire svc_bi"]);
      project.write({ "Pulumi.dev.yaml": "config: {}\n" });
      stackEnvironment = {};
    });

    it("does not start with a mistake in the environment's settings, and names the line", async () => {
      const environmentVariables = { MOTHERDUCK_TOKENS_CONFIG_TEXT: settings("\n  max-token-age: { maxDay: 5 }") };
      const result = await previewOnCloud({ environments: ["policies/motherduck-tokens"] }, { environmentVariables });
      assertFails(result, "MOTHERDUCK_TOKENS_CONFIG_TEXT:2", "maxDay");
    });
  });

  it("is no way on a self-managed backend, which says so", async () => {
    const { code, output } = await project.run("pulumi", ["policy", "enable", "acme/motherduck-tokens", "latest"]);
    assert.notEqual(code, 0);
    // As older and newer versions of the CLI say it.
    assert.match(output, /does not support resource policy|requires the Pulumi Cloud backend/);
  });
});
