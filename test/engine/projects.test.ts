import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { version } from "../../package.json";
import { PACK, ROOT, type Sandbox } from "../../tools/sandbox";
import type { StandIn } from "../../tools/stand-in/stand-in";
import { assertAgreeOnState } from "./audit-agreement";
import { assertFails, assertOk, Lab, preview, projectFiles, stateOf, up, violationLines } from "./support";

const CLASSES = [
  { title: "UserTokens", source: `new UserTokens("ada", { username: "ada" });` },
  { title: "OrganizationTokens", source: `new OrganizationTokens("everybody");` },
];

describe("a project", () => {
  let lab: Lab;

  before(async () => {
    lab = await Lab.start();
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  describe("where the package is a dependency of a dependency", () => {
    for (const { title, source } of CLASSES) {
      it(`is told in one line what to install, before anything is sent: ${title}`, async () => {
        const sandbox = await lab.sandbox({
          nodeModules: false,
          files: {
            "Pulumi.yaml": "name: program\nruntime: nodejs\nmain: infra\n",
            "infra/package.json": `{ "name": "program", "version": "1.0.0", "main": "index.js" }`,
            "infra/index.js": `const { ${title} } = require("library"); ${source}`,
            "infra/node_modules/library/index.js": `module.exports = require("pulumi-motherduck-tokens");`,
          },
        });
        const infra = path.join(sandbox.project, "infra");
        const nested = path.join(infra, "node_modules/library/node_modules");
        mkdirSync(nested);
        symlinkSync(ROOT, path.join(nested, "pulumi-motherduck-tokens"));
        symlinkSync(path.join(ROOT, "node_modules/@pulumi"), path.join(infra, "node_modules/@pulumi"));
        const result = await sandbox.pulumi(["preview"]);
        assertFails(
          result,
          `error: pulumi-motherduck-tokens is not a dependency of the program itself, so Pulumi cannot find its provider ` +
            `from ${infra}. Add "pulumi-motherduck-tokens": "${version}" to the dependencies in ` +
            `${path.join(infra, "package.json")} and install them (docs/workspaces.md).`,
        );
        assert.doesNotMatch(result.output, /^\s+at |Cannot find module/m);
        assert.deepEqual(lab.api.requests, []);
      });
    }
  });

  it("may change its working directory", async () => {
    const sandbox = await lab.program(`process.chdir("/"); new md.UserTokens("svc_bi", { username: "svc_bi" });`);
    const result = await preview(sandbox);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
  });

  it("may be an ES module with top-level await", async () => {
    const sandbox = await lab.sandbox({
      files: {
        "Pulumi.yaml": "name: program\nruntime: nodejs\n",
        "package.json": `{ "name": "program", "version": "1.0.0", "type": "module", "main": "index.js" }`,
        "index.js": `import { getUserTokens, UserTokens } from "pulumi-motherduck-tokens";
          const { username } = await getUserTokens({ username: "svc_bi" });
          new UserTokens("svc_bi", { username });`,
      },
    });
    const result = await preview(sandbox);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
  });

  it("may test its program with mocks, from any folder", async () => {
    const sandbox = await lab.program("", {
      files: {
        "mocks.js": `const { runtime } = require("@pulumi/pulumi");
          runtime.setMocks({
            newResource: ({ name, inputs }) => ({ id: name, state: { ...inputs, tokens: [{ name: "mocked" }] } }),
            call: () => ({}),
          });
          process.chdir("/");
          const { UserTokens } = require("pulumi-motherduck-tokens");
          new UserTokens("ada", { username: "ada" }).tokens.apply(([token]) => console.log(token.name));`,
      },
    });
    const { output, code } = await sandbox.run("node", ["mocks.js"]);
    assert.deepEqual({ output, code }, { output: "mocked", code: 0 });
  });

  it("may be an inline program of the Automation API, with policy packs", async () => {
    const sandbox = await lab.program("", {
      files: {
        "automation.js": `const { LocalWorkspace } = require("@pulumi/pulumi/automation");
          const { UserTokens } = require("pulumi-motherduck-tokens");
          const program = async () => { new UserTokens("svc_bi", { username: "svc_bi" }); };
          LocalWorkspace.createOrSelectStack({ stackName: "inline", projectName: "inline", program })
            .then((stack) => stack.preview({ policyPacks: [process.env.PACK], onOutput: console.log }))
            .then(() => console.log("passed"), () => console.log("blocked"));`,
      },
    });
    const result = await sandbox.run("node", ["automation.js"], { env: { PACK } });
    assertOk(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
    assert.match(result.output, /^blocked$/m);
    assert.doesNotMatch(result.output, /^passed$/m);
  });
});

describe("a stack", () => {
  let lab: Lab;
  let untidy: StandIn["users"];

  before(async () => {
    lab = await Lab.start();
    untidy = lab.api.users;
  });
  after(() => lab.stop());

  it("can be renamed, and so can its resources in state, without a change", async () => {
    const sandbox = await lab.program(`new md.UserTokens(process.env.AS ?? "ada", { username: "ada" });`);
    assertOk(await sandbox.pulumi(["up", "--yes"]));
    assertOk(await sandbox.pulumi(["stack", "rename", "renamed"]));
    assertOk(await preview(sandbox, "--stack", "renamed", "--expect-no-changes"));
    const { stdout } = await sandbox.pulumi(["stack", "export", "--stack", "renamed"]);
    const [urn = ""] = /urn:[^"]*UserTokens::ada/.exec(stdout) ?? [];
    assertOk(await sandbox.pulumi(["state", "rename", "--yes", "--stack", "renamed", urn, "lovelace"]));
    const env = { AS: "lovelace" };
    assertOk(await sandbox.pulumi(["preview", "--stack", "renamed", "--expect-no-changes"], { env }));
  });

  describe("with `--continue-on-error`", () => {
    it("keeps what was read beside a resource that could not be made", async () => {
      const sandbox = await lab.program(`
        const broken = { async create() { throw new Error("not today"); } };
        new (class extends pulumi.dynamic.Resource {})(broken, "broken", {});
        new md.UserTokens("ada", { username: "ada" });
      `);
      assertFails(await up(sandbox, "--skip-preview", "--continue-on-error"), "not today");
      assert.deepEqual(await usersInState(sandbox), ["ada"]);
    });

    it("ends at a user who could not be read, and keeps what was read before", async () => {
      // The engine continues after a failed step, not after a failed check.
      const sandbox = await lab.program(`
        const ada = new md.UserTokens("ada", { username: "ada" });
        const nobody = new md.UserTokens("nobody", { username: "nobody" }, { dependsOn: ada });
        new md.UserTokens("svc_bi", { username: "svc_bi" }, { dependsOn: nobody });
      `);
      assertFails(await up(sandbox, "--skip-preview", "--continue-on-error"), "404 NOT_FOUND");
      assert.deepEqual(await usersInState(sandbox), ["ada"]);
    });

    it("fails at a violation", async () => {
      const sandbox = await lab.program(`new md.UserTokens("svc_bi", { username: "svc_bi" });`);
      const result = await up(sandbox, "--skip-preview", "--continue-on-error");
      assertFails(result);
      assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
    });
  });

  it("is judged by what is true now with `ignoreChanges` of everything", async () => {
    const sandbox = await lab.program(
      `new md.UserTokens("svc_bi", { username: "svc_bi" }, { ignoreChanges: ["*", "tokens", "username"] });`,
    );
    lab.api.cleanUp();
    assertOk(await sandbox.pulumi(["up", "--yes"]));
    lab.api.users = untidy;
    const result = await preview(sandbox);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["advisory evidence-fresh svc_bi", "mandatory tokens-must-expire svc_bi"]);
  });

  describe("with `ignoreChanges` on the username, which keeps the user of the first run,", () => {
    const program = (username: string) =>
      `new md.UserTokens("bi", { username: "${username}" }, { ignoreChanges: ["username"] });`;
    let sandbox: Sandbox;
    let configFile: string;

    before(async () => {
      lab.api.reset();
      sandbox = await lab.program(program("ada"), {
        files: { "settings.yaml": "rules: { evidence-fresh: { onIgnoreChanges: mandatory } }\n" },
      });
      configFile = path.join(sandbox.project, "settings.yaml");
      assertOk(await up(sandbox));
      sandbox.write(projectFiles(program("svc_bi")));
    });

    it("is reported, as nobody judges the new one", async () => {
      const result = await preview(sandbox);
      assertOk(result);
      assert.deepEqual(violationLines(result), ["advisory evidence-fresh bi"]);
      assert.match(result.output, /ignoreChanges has "username", so the users of an earlier run may be judged/);
    });

    it("is blocked where the settings say so, by the pack and by the audit of the state", async () => {
      const result = await sandbox.pulumi(["up", "--yes", "--policy-pack", PACK], {
        env: { MOTHERDUCK_TOKENS_CONFIG: configFile },
      });
      assertFails(result);
      assert.deepEqual(violationLines(result), ["mandatory evidence-fresh bi"]);
      assert.deepEqual([...(await assertAgreeOnState(sandbox, configFile))], ["evidence-fresh"]);
    });
  });
});

async function usersInState(sandbox: Sandbox): Promise<unknown[]> {
  return (await stateOf(sandbox)).userTokens.map(({ id }) => id);
}
