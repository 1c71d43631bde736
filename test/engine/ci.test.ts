import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import type { RunResult, Sandbox } from "../../tools/sandbox";
import type { Organization } from "../../tools/stand-in/organization";
import { evaluate } from "../ci/expressions";
import { type JobResult, runSteps } from "../ci/github-runner";
import { commands, packedModules } from "../ci/packed-modules";
import {
  azureScripts,
  EXAMPLES,
  type GitHubStep,
  gitlabJob,
  jenkinsScripts,
  readAction,
  readWorkflow,
  type Script,
} from "../ci/pipelines";
import { assertFails, assertOk, Lab, projectFiles } from "./support";

/** What stands in for the registry and for Pulumi's installer: `npm ci`, the action's `npm install`, `curl … | sh`. */
const INSTALLERS = {
  npm: `case "$1" in
    ci) ;;
    install) mkdir -p "$3" && ln -sfn "$PWD/node_modules" "$3/node_modules" ;;
    *) exit 99 ;;
  esac`,
  curl: `[ "$*" = "-fsSL https://get.pulumi.com" ]`,
};
const PROGRAM = `for (const username of ["ada", "svc_bi", "grace"]) new md.UserTokens(username, { username });`;
const BLOCKED = "error: preview failed";
/** How a report of each kind begins. */
const BEGINNINGS: Record<string, RegExp> = {
  ".sarif": /^\{\s*"[^]*"version": ?"2\.1\.0"/,
  ".xml": /^<\?xml [^]*<testsuites>/,
  ".json": /^\[\s*\{/,
  ".html": /^<!doctype html>/i,
};
const POLICY_PACK = / *(\\\n *)?--policy-pack \S+/;

describe("the pipelines of examples/ci", () => {
  let lab: Lab;
  let project: Sandbox;
  let calls: string;
  let users: Organization;
  let secrets: Record<string, string>;
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-pipelines-"));
  const installers = commands(INSTALLERS);

  before(async () => {
    lab = await Lab.start();
    users = lab.api.users;
    calls = path.join(folder, "calls");
    secrets = { MOTHERDUCK_ADMIN_TOKEN: lab.api.token, PULUMI_ACCESS_TOKEN: "pul-not-needed-here" };
    const { binFolder } = await findPulumi(console.log);
    project = await lab.sandbox({
      nodeModules: await packedModules(folder),
      files: { ...projectFiles(PROGRAM), "Pulumi.prod.yaml": "config: {}\n" },
      env: {
        // A vendor gives secrets to the steps that name them, and so does each test.
        MOTHERDUCK_ADMIN_TOKEN: "",
        CALLS: calls,
        HOME: path.join(folder, "home"),
        PATH: [installers.folder, binFolder, process.env.PATH].join(path.delimiter),
      },
    });
    assertOk(await project.pulumi(["stack", "init", "prod"]));
  });
  beforeEach(() => {
    lab.api.reset();
    lab.api.users = users;
    writeFileSync(calls, "");
    for (const left of ["reports", "events.jsonl"])
      rmSync(path.join(project.project, left), { recursive: true, force: true });
  });
  after(async () => {
    await lab.stop();
    installers.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const report = (name: string) => path.join(project.project, "reports", name);
  /** The reports are there, of their kind, and name the user whose token never expires; the page has tests of its own. */
  const assertReports = (...names: string[]) => {
    for (const name of names) {
      const text = readFileSync(report(name), "utf8");
      const beginning = BEGINNINGS[path.extname(name)];
      assert.match(text, beginning ?? /\S/, name);
      assert.ok(!beginning || text.includes("svc_bi"), name);
    }
  };

  /** Runs a job of the GitHub workflow. */
  async function github(
    name: string,
    { event = "push", given = secrets, edit = (step: GitHubStep) => step, shell = "" } = {},
  ) {
    const { jobs, defaults, env } = readWorkflow(EXAMPLES.github);
    const job = jobs[name];
    assert.ok(job);
    const context = { github: { event_name: event }, secrets: given };
    assert.ok(evaluate(job.if ?? "true", context), `${name} runs on ${event}`);
    const uploads: string[] = [];
    const result = await runSteps(
      project,
      { steps: job.steps.map(edit), shell: shell || defaults?.run.shell, context, env: env as Record<string, string> },
      (step, { sarif_file: sarif, path: files }) => {
        const uploaded = sarif ?? files;
        if (uploaded === undefined) return;
        assert.ok(existsSync(path.join(project.project, uploaded)), uploaded);
        uploads.push(`${step.uses?.split("@")[0]}: ${uploaded}`);
      },
    );
    return { ...result, uploads };
  }

  /** Runs a script as a vendor does. */
  async function run({ text, env }: Script, shell: readonly string[], given: Record<string, string> = secrets) {
    const file = path.join(folder, "script.sh");
    writeFileSync(file, text, { mode: 0o755 });
    // `$(NAME)` is a variable of Azure's pipeline; one that does not exist stays as it is.
    const filled = Object.entries(env).map(([key, value]) => [
      key,
      value.replace(/^\$\((\w+)\)$/, (all, name: string) => given[name] ?? all),
    ]);
    return project.run(shell[0] ?? file, [...shell.slice(1), file], {
      env: Object.fromEntries(filled) as Record<string, string>,
    });
  }

  /** GitLab runs all commands of a job in one shell, which has the secrets as variables. */
  const gitlab = (name: string, edit = (text: string) => text, given: Record<string, string> = secrets) => {
    const job = gitlabJob(name);
    return run({ ...job, text: edit(job.text), env: { ...job.env, ...given } }, ["bash", "-eo", "pipefail"]);
  };

  /** Azure starts a shell without options for each step; the next one comes where it succeeds. */
  const azure = async (
    name: string,
    edit = (text: string) => text,
    given: Record<string, string> = secrets,
    env = {},
  ) => {
    let result: RunResult | undefined;
    for (const script of azureScripts(name)) {
      const edited = { ...script, text: edit(script.text), env: { ...script.env, ...env } };
      result = await run(edited, ["bash", "--noprofile", "--norc"], given);
      if (result.code !== 0) break;
    }
    assert.ok(result);
    return result;
  };

  /** Jenkins runs a script by its first line; `withCredentials` gives it the secrets. */
  const jenkins = async (name: string, edit = (text: string) => text, given: Record<string, string> = secrets) => {
    const script = jenkinsScripts().find((candidate) => candidate.name === name);
    assert.ok(script);
    return run(
      { ...script, text: edit(script.text), env: { ...script.env, ...given, HOME: path.join(folder, "home") } },
      [],
    );
  };

  describe("on GitHub", () => {
    it("blocks a push whose users break the rules, and uploads what it found", async () => {
      const { result, step, uploads, summary } = await github("gate");
      assert.equal(result, "failure");
      assert.equal(step("preview").outcome, "failure");
      assert.match(step("preview").output, /tokens-must-expire .*svc_bi/);
      assert.match(step("preview").output, /max-read-write-tokens .*grace/);
      assert.equal(step("report").outcome, "failure");
      assert.deepEqual(uploads, [
        "github/codeql-action/upload-sarif: reports/tokens.sarif",
        "actions/upload-artifact: reports/",
      ]);
      assertReports("tokens.sarif", "tokens.xml", "tokens.html");
      assert.match(
        step("report").output,
        /^::error .*title=tokens-must-expire .*::\[http:\/\/127\.0\.0\.1:\d+\] svc_bi/m,
      );
      assert.match(summary, /^## .*MotherDuck tokens/);
    });

    it("deploys when the users keep them", async () => {
      lab.api.cleanUp();
      const gate = await github("gate");
      assert.equal(gate.result, "success", gate.step("preview").output + gate.step("report").output);
      assert.match(gate.step("preview").output, /✅ motherduck-tokens/);
      const { result, step } = await github("deploy");
      assert.equal(result, "success", step("Deploy").output);
      assert.match(step("Deploy").output, /✅ motherduck-tokens/);
    });

    it("audits everybody at night", async () => {
      const { result, step, uploads } = await github("audit", { event: "schedule" });
      assert.equal(result, "failure");
      assert.match(step("report").output, /svc_bi/);
      assert.equal(uploads.length, 2);
      assertReports("tokens.sarif", "tokens.xml", "tokens.html");
    });
  });

  describe("on GitLab", () => {
    it("blocks what breaks the rules, and leaves the reports that the job names", async () => {
      assertFails(await gitlab("gate"), BLOCKED, "tokens-must-expire", "max-read-write-tokens");
      const { artifacts } = gitlabJob("gate");
      assert.ok(artifacts);
      for (const file of [...artifacts.paths, ...Object.values(artifacts.reports)]) {
        assert.ok(existsSync(path.join(project.project, file)), file);
      }
    });

    it("audits everybody in a scheduled pipeline", async () => {
      assertFails(await gitlab("audit"), "svc_bi");
      assertReports("tokens.codequality.json", "tokens.xml", "tokens.html");
    });
  });

  describe("on Jenkins", () => {
    it("blocks what breaks the rules, and leaves reports", async () => {
      assertOk(await jenkins("Install"));
      assertFails(await jenkins("Gate"), BLOCKED, "tokens-must-expire", "max-read-write-tokens");
      assertReports("tokens.sarif", "tokens.xml", "tokens.html");
    });

    it("audits everybody at night", async () => {
      assertOk(await jenkins("Install"));
      assertFails(await jenkins("Audit"), "svc_bi");
      assertReports("tokens.sarif", "tokens.xml", "tokens.html");
    });
  });

  describe("on Azure DevOps", () => {
    it("blocks what breaks the rules, and leaves reports", async () => {
      assertFails(await azure("gate"), BLOCKED, "tokens-must-expire", "max-read-write-tokens");
      assertReports("tokens.sarif", "tokens.xml", "tokens.html");
    });

    it("audits everybody at night", async () => {
      assertFails(await azure("audit"), "svc_bi");
      assertReports("tokens.sarif", "tokens.xml", "tokens.html");
    });
  });

  it("deploy by the command that ran on GitHub", async () => {
    const deaf = commands({ pulumi: "" });
    const env = { ...secrets, PATH: [deaf.folder, installers.folder, process.env.PATH].join(path.delimiter) };
    try {
      const edit = (step: GitHubStep) => ({ ...step, env: { ...step.env, PATH: env.PATH } });
      assert.equal((await github("deploy", { edit })).result, "success");
      assertOk(await gitlab("deploy", undefined, env));
      assertOk(await jenkins("Deploy", undefined, env));
      assertOk(await azure("deploy", undefined, secrets, { PATH: env.PATH }));
    } finally {
      deaf.remove();
    }
    const command =
      "pulumi up --stack prod --yes --non-interactive --policy-pack node_modules/pulumi-motherduck-tokens/policies";
    assert.deepEqual(
      readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line.startsWith("pulumi")),
      Array(4).fill(command),
    );
  });

  describe("fail", () => {
    const pipe = (text: string) => text.replace(/(--policy-pack \S+policies)/, "$1 | tee preview.log");

    it("where a pipe hides the exit code of the preview", async () => {
      // The audit would notice as well: here it finds nothing.
      const failing = commands({ pulumi: "exit 255", npx: "exit 0" });
      const deaf = { ...secrets, PATH: [failing.folder, installers.folder, process.env.PATH].join(path.delimiter) };
      try {
        const edit = (step: GitHubStep) =>
          step.id === "preview" ? { ...step, run: pipe(step.run ?? ""), env: { PATH: deaf.PATH } } : step;
        assert.equal((await github("gate", { edit })).step("preview").outcome, "failure");
        assert.equal((await github("gate", { edit, shell: "default" })).step("preview").outcome, "success");
        assert.notEqual((await gitlab("gate", pipe, deaf)).code, 0);
        assert.notEqual((await jenkins("Gate", pipe, deaf)).code, 0);
        assert.notEqual((await azure("gate", pipe, secrets, { PATH: deaf.PATH })).code, 0);
        assert.equal(readFileSync(calls, "utf8").match(/^pulumi preview/gm)?.length, 5);
      } finally {
        failing.remove();
      }
    });

    it("where a fork has no secret, before anything is installed or sent", async () => {
      const first = (await github("gate", { event: "pull_request", given: {} })).steps;
      assert.deepEqual([...new Set(first.slice(1).map(({ outcome }) => outcome))], ["skipped"]);
      assert.match(first[0]?.output ?? "", /^::error title=MotherDuck tokens were not judged::.*forks/);
      for (const runJob of [gitlab, azure]) {
        assertFails(await runJob("gate", undefined, {}), "MotherDuck tokens were not judged");
      }
      assertFails(
        await jenkins("Gate", undefined, { MOTHERDUCK_ADMIN_TOKEN: "" }),
        "MotherDuck tokens were not judged",
      );
      assert.equal(readFileSync(calls, "utf8"), "");
      assert.deepEqual(lab.api.requests, []);
    });

    it("where the nightly audit has no secret", async () => {
      const { result, step } = await github("audit", { event: "schedule", given: {} });
      assert.equal(result, "failure");
      assert.match(step("report").output, /MOTHERDUCK_ADMIN_TOKEN/);
    });

    it("where --policy-pack was left out, because the audit judges what the preview read", async () => {
      const { result, step } = await github("gate", {
        edit: (candidate) => ({ ...candidate, ...(candidate.run && { run: candidate.run.replace(POLICY_PACK, "") }) }),
      });
      assert.equal(step("preview").outcome, "success", step("preview").output);
      assert.doesNotMatch(step("preview").output, /Policies:/);
      assert.equal(step("report").outcome, "failure");
      assert.equal(result, "failure");
    });
  });

  describe("with the action", () => {
    /** Runs the action with these inputs, as a workflow would. */
    async function action(inputs: Record<string, string>, env: Record<string, string> = {}) {
      const { inputs: known, outputs, runs } = readAction();
      const defaults = Object.fromEntries(Object.entries(known).map(([key, { default: value }]) => [key, value]));
      const result: JobResult = await runSteps(project, {
        steps: runs.steps,
        context: { inputs: { ...defaults, version: "installed", ...inputs } },
        env: { GITHUB_ACTION_PATH: path.resolve(__dirname, "../.."), ...env },
      });
      return { ...result, outputs: result.outputs(outputs), log: result.steps.map(({ output }) => output).join("") };
    }

    it("audits users, and tells where the reports are", async () => {
      const { result, outputs, summary, log } = await action({
        users: " svc_*\n\nada\n",
        "api-token": secrets.MOTHERDUCK_ADMIN_TOKEN ?? "",
        reports: "sarif json\nhtml junit",
        folder: "reports/of the action",
      });
      assert.equal(result, "failure", log);
      assert.deepEqual(outputs, {
        "exit-code": "1",
        folder: "./reports/of the action",
        sarif: "./reports/of the action/tokens.sarif",
        json: "./reports/of the action/tokens.json",
        junit: "./reports/of the action/tokens.xml",
        html: "./reports/of the action/tokens.html",
      });
      for (const name of ["sarif", "json", "junit", "html"] as const) {
        assert.ok(existsSync(path.join(project.project, outputs[name] ?? "")), name);
      }
      assert.match(summary, /svc_bi/);
      assert.equal(lab.api.readsOf("grace"), 0);
    });

    it("passes when there is nothing to find, with the token of the environment and the action's own version", async () => {
      lab.api.cleanUp();
      const { result, outputs, log } = await action(
        { all: "true", accounts: "humans", version: "", reports: "" },
        { MOTHERDUCK_ADMIN_TOKEN: secrets.MOTHERDUCK_ADMIN_TOKEN ?? "" },
      );
      assert.equal(result, "success", log);
      assert.equal(outputs["exit-code"], "0");
      assert.equal(outputs.sarif, "");
      assert.match(readFileSync(calls, "utf8"), /^npm install .* pulumi-motherduck-tokens@\d+\.\d+\.\d+\S*$/m);
    });

    it("runs no input as code", async () => {
      const mark = path.join(folder, "pwned");
      const code = `$(touch ${mark})\`touch ${mark}\`"; touch ${mark}; '`;
      for (const name of [
        "users",
        "state",
        "events",
        "config",
        "baseline",
        "location",
        "accounts",
        "reports",
        "folder",
        "version",
      ]) {
        const { result } = await action({ users: "ada", ...(name === "accounts" && { all: "true" }), [name]: code });
        assert.equal(result, "failure", name);
        assert.ok(!existsSync(mark), name);
      }
    });

    it("fails, and says so, without a token, without evidence to look for, and with an input that is none", async () => {
      for (const [inputs, says] of [
        [{ users: "ada" }, /MOTHERDUCK_ADMIN_TOKEN/],
        [{}, /say what to audit/],
        [{ all: "yes" }, /The input all is true or false/],
        [{ all: "true", reports: "pdf" }, /The input reports has something else/],
        [{ all: "true", version: "1.0; true" }, /The input version is no version/],
        [{ all: "true", folder: "a\nsarif=b" }, /one line each/],
      ] as const) {
        const { result, log } = await action(inputs);
        assert.equal(result, "failure", log);
        assert.match(log, says);
      }
    });
  });
});
