import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { rules } from "../../policies/rules";
import { PACK, ROOT, type RunResult, type Sandbox } from "../../tools/sandbox";
import { assertAgreeOnEvents, assertAgreeOnState, type Audit, STREAMING } from "./audit-agreement";
import { breakEveryRule } from "./every-rule";
import { assertFails, assertOk, Lab } from "./support";

describe("the audit and the engine", () => {
  let lab: Lab;
  let stack: Sandbox;
  let configFile: string;

  before(async () => {
    lab = await Lab.start();
    ({ stack, configFile } = await breakEveryRule(lab));
  });
  after(() => lab.stop());

  it("reach the same findings on the same events: each rule, level, resource and message", async () => {
    const judging = rules.filter(({ enforcementLevel }) => enforcementLevel !== "disabled");
    assert.equal(
      (await assertAgreeOnEvents(stack, configFile)).size,
      judging.length - 1,
      "all but the one not compared",
    );
  });

  it("reach the same findings on the same state", async () => {
    assert.ok((await assertAgreeOnState(stack, configFile)).size > 10);
  });

  it("do not agree on a provider's text, which the engine hides from policies: the audit finds a foreign one", async () => {
    assertOk(await stack.shell("pulumi stack export > state.json"));
    const { output } = await stack.shell("motherduck-tokens audit --state state.json");
    assert.match(output, /svc-stale[^]*evidence-origin[^]*a provider that is not part of this package/);
  });
});

describe("evidence that is not whole", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(`new md.UserTokens("bi", { username: pulumi.secret("svc_bi") });`);
    assertOk(await stack.shell("pulumi preview --json > plain.json"));
    assertOk(await stack.pulumi(["preview", "--json"], { env: STREAMING }).then(keepAs("events.jsonl")));
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
    stack.write({ "index.js": "" });
    assertOk(await stack.pulumi(["preview", "--json"], { env: STREAMING }).then(keepAs("none.jsonl")));
  });
  after(() => lab.stop());

  const keepAs = (file: string) => (result: RunResult) => {
    stack.write({ [file]: result.stdout });
    return result;
  };

  for (const { title, evidence, reason } of [
    { title: "plain --json", evidence: "--events plain.json", reason: /PULUMI_ENABLE_STREAMING_JSON_PREVIEW/ },
    { title: "a stream without its end", evidence: "--events <(head -n -1 events.jsonl)", reason: /cut off|end/ },
    {
      title: "the same stream twice",
      evidence: "--events <(cat events.jsonl; echo; cat events.jsonl)",
      reason: /a second run begins/,
    },
    { title: "a stream without tokens", evidence: "--events none.jsonl", reason: /there is no evidence/ },
    { title: "a stream whose tokens are secrets", evidence: "--events events.jsonl", reason: /secret/ },
    { title: "a state whose tokens are secrets", evidence: "--state <(pulumi stack export)", reason: /--show-secrets/ },
    { title: "a state that was cut off", evidence: "--state <(pulumi stack export | head -c 900)", reason: /cut off/ },
  ]) {
    it(`is refused with 2, and no report is clean: ${title}`, async () => {
      const { code, stdout } = await stack.shell(`motherduck-tokens audit ${evidence} --report json`);
      const { failures, summary } = JSON.parse(stdout) as Audit & { summary: { failures: number; exitCode: number } };
      assert.match(failures.map(({ message }) => message).join("\n"), reason);
      assert.deepEqual([code, summary.exitCode, summary.failures > 0], [2, 2, true]);
    });
  }

  it("is not clean where a policy stopped an update before its last resource", async () => {
    const update = await lab.program(`
      const ada = new md.UserTokens("ada", { username: "ada" });
      const bi = new md.UserTokens("bi", { username: "svc_bi" }, { dependsOn: ada });
      new md.UserTokens("etl", { username: "svc_etl" }, { dependsOn: bi });`);
    const up = `pulumi up --yes --skip-preview --event-log events.jsonl --policy-pack ${PACK}`;
    assertFails(await update.shell(`PULUMI_DEBUG_COMMANDS=true ${up}`), "tokens-must-expire");
    const { code, output } = await update.shell("motherduck-tokens audit --events events.jsonl");
    assert.match(output, /Incomplete: 1 failure/);
    assert.match(output, /it was blocked by a policy, so evidence may be missing/);
    assert.match(output, /Judged 1 user with 2 tokens/);
    assert.equal(code, 2, output);
  });
});

describe("an audit's reports and baselines", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(`new md.UserTokens("grace", { username: "grace" });`);
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
    assertOk(await stack.shell("pulumi stack export > state.json && ln -s state.json link && ln -s new dangling"));
  });
  after(() => lab.stop());

  const settings = { rules: { "max-read-write-tokens": { max: 2 } } };

  it("do not write two reports to one file, nor over the evidence, whatever links lead there", async () => {
    const state = readFileSync(path.join(stack.project, "state.json"), "utf8");
    for (const reports of ["--report json=link", "--report json=dangling --report sarif=new"]) {
      const { code, output } = await stack.shell(`motherduck-tokens audit --state state.json ${reports}`);
      assert.match(output, /are one file, which would be (read and overwritten|written twice)/);
      assert.equal(code, 2, output);
    }
    assert.equal(readFileSync(path.join(stack.project, "state.json"), "utf8"), state);
    assert.ok(!existsSync(path.join(stack.project, "new")));
  });

  it("do not let a baseline know more than was accepted", async () => {
    stack.write({ "settings.json": JSON.stringify(settings) });
    const audit = (options: string) =>
      stack.shell(`motherduck-tokens audit --state state.json --config settings.json ${options}`);
    assert.equal((await audit("--write-baseline known.json")).code, 1);
    assertOk(await audit("--baseline known.json --fail-on-new"));
    const [token] = lab.api.users.grace ?? [];
    lab.api.users.grace?.push({
      ...(token ?? assert.fail()),
      id: "5b1ad5f5-0a5e-4d39-9cbb-3f3fd2b3a001",
      name: "more",
    });
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
    assertOk(await stack.shell("pulumi stack export > state.json"));
    assertFails(await audit("--baseline known.json --fail-on-new"), "4 active read_write tokens exceed the limit of 2");
  });

  it("name the rule that could not judge, and call nothing clean", async () => {
    const audit = await lab.program(`new md.UserTokens("ada", { username: "ada" });`);
    assertOk(await audit.pulumi(["up", "--yes", "--skip-preview"]));
    const { code, output } = await audit.shell("pulumi stack export | motherduck-tokens audit --state -");
    assert.match(output, /Passed: no findings\./);
    assert.match(output, /Not judged: .*deprovisioned-user-has-tokens for 1 user \(the evidence does not tell/);
    assert.equal(code, 0, output);
  });
});

describe("the page about the audit", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.example("guarded-stack", { config: { "guarded-stack:usernames": ["svc_bi"] } });
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
  });
  after(() => lab.stop());

  for (const { file = "docs/audit.md", title, codes } of [
    { title: "evidence", codes: [1, 1, 1, 0, 1] },
    { title: "reports", codes: [1] },
    { title: "baseline", codes: [0, 0] },
    { file: "README.md", title: "audit", codes: [0, 1] },
    { file: "docs/history.md", title: "accept", codes: [0, 0, 0] },
  ]) {
    it(`shows commands that work: ${title}`, async () => {
      const page = readFileSync(path.join(ROOT, file), "utf8");
      const [, block = ""] =
        new RegExp(`<!-- run by the tests: ${title} -->\n\n\`\`\`sh\n(.*?)\`\`\``, "s").exec(page) ?? [];
      const commands = block.replace(/\\\n/g, "").trim().split("\n");
      const ended = [];
      for (const command of commands) ended.push((await stack.shell(command)).code);
      assert.deepEqual(ended, codes);
    });
  }

  it("shows one command that writes all reports", () => {
    for (const name of ["json", "sarif", "xml", "codequality.json", "log", "md", "csv", "html"]) {
      assert.ok(readFileSync(path.join(stack.project, `audit.${name}`), "utf8").includes("svc_bi"), name);
    }
    assert.match(readFileSync(path.join(stack.project, "audit.prom"), "utf8"), /^motherduck_audit_complete 1$/m);
    assert.match(readFileSync(path.join(stack.project, "audit.ics"), "utf8"), /^SUMMARY:\w+ .*: token /m);
  });
});
