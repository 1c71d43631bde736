import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { rules } from "../../policies/rules";
import { PACK, ROOT, type RunResult, type Sandbox } from "../../tools/sandbox";
import { stringify } from "yaml";
import { wireToken } from "../../tools/stand-in/organization";
import { daysFromNow } from "./rule-example";
import { agreedOnEvents, assertAgreeOnEvents, assertAgreeOnState, type Audit, STREAMING } from "./audit-agreement";
import { breakEveryRule, judges } from "./every-rule";
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
    assert.equal(
      (await assertAgreeOnEvents(stack, configFile)).size,
      rules.filter(judges).length - 1,
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

describe("the audit and the engine, with groups and owners,", () => {
  let lab: Lab;
  let stack: Sandbox;
  const configFile = () => path.join(stack.project, "motherduck-tokens.yaml");
  const SETTINGS_WITH_GROUPS = {
    rules: {
      "max-token-age": { enforcementLevel: "mandatory", maxDays: 60 },
      "max-tokens-per-user": { max: 1 },
      "max-token-lifetime": "disabled",
    },
    groups: [
      { name: "people", accounts: "humans", rules: { "max-token-age": "advisory", "max-tokens-per-user": "disabled" } },
      { name: "robots", accounts: "serviceAccounts", rules: { "max-token-age": { maxDays: 20 } } },
      { name: "guarded", users: ["svc_e*"], rules: { "token-owner-required": "mandatory" } },
    ],
    owners: {
      users: { svc_bi: "#analytics" },
      tokens: [{ user: "svc_etl", token: "nightly", owner: "night-shift@example.com" }],
      descriptionPattern: "owner: (\\S+)",
    },
    waivers: [
      {
        ...{ id: "WVR-9", rule: "max-token-age", user: "grace", owner: "it@example.com", expires: daysFromNow(30) },
        reason: "Leaves at the end of the month",
      },
    ].map((waiver) => ({ ...waiver, expires: waiver.expires.slice(0, 10) })),
  };

  before(async () => {
    lab = await Lab.start();
    let age = 40;
    const old = (name: string, more = {}) => ({
      ...wireToken("u", { name, type: "read_scaling", created: -age++, expires: 20 }),
      ...{ id: name },
      ...more,
    });
    lab.api.users = {
      ada: [old("ada-1"), old("ada-2", { created_ts: daysFromNow(-70) })],
      grace: [old("grace-1", { created_ts: daysFromNow(-80) })],
      svc_bi: [old("bi-1"), old("bi-2")],
      svc_etl: [old("nightly"), old("described", { description: "loads; owner: #data-eng" }), old("forgotten")],
    };
    lab.api.members = {
      ada: { serviceAccount: false, email: "ada@example.com" },
      grace: { serviceAccount: false },
      svc_bi: { serviceAccount: true },
      svc_etl: { serviceAccount: true },
    };
    stack = await lab.program(
      `new md.OrganizationTokens("everybody");
       // Its evidence never tells whether somebody is a service account.
       new md.UserTokens("alone", { username: "svc_bi" });`,
      { files: { "motherduck-tokens.yaml": stringify(SETTINGS_WITH_GROUPS) } },
    );
  });
  after(() => lab.stop());

  it("reach the same levels, limits and owners on the same events", async () => {
    const found = await agreedOnEvents(stack, configFile());
    const short = found.map(([level, rule, text]) => {
      const [, resource = "", about = ""] = /^(\S+): (.*?): /.exec(text) ?? [];
      const owner = /\[owned by (.*?\))\]/.exec(text)?.[1] ?? "nobody";
      return `${level} ${rule}, ${resource} ${about.replace(/ \/ "(.*?)".*/, "/$1")}: ${owner}`;
    });
    assert.deepEqual(short.sort(), [
      "advisory max-token-age, everybody ada/ada-2: ada@example.com (email)",
      "advisory max-token-age, everybody grace/grace-1: nobody",
      "advisory max-tokens-per-user, alone svc_bi: #analytics (user setting)",
      "advisory max-tokens-per-user, everybody svc_bi: #analytics (user setting)",
      "advisory max-tokens-per-user, everybody svc_etl: nobody",
      // As a person, this user would be in time; as a service account, not.
      "mandatory max-token-age, alone svc_bi/bi-1: #analytics (user setting)",
      "mandatory max-token-age, alone svc_bi/bi-2: #analytics (user setting)",
      "mandatory max-token-age, everybody svc_bi/bi-1: #analytics (user setting)",
      "mandatory max-token-age, everybody svc_bi/bi-2: #analytics (user setting)",
      "mandatory max-token-age, everybody svc_etl/described: #data-eng (description)",
      "mandatory max-token-age, everybody svc_etl/forgotten: nobody",
      "mandatory max-token-age, everybody svc_etl/nightly: night-shift@example.com (token setting)",
      "mandatory token-owner-required, everybody svc_etl/forgotten: nobody",
    ]);
  });

  it("reach the same findings on the same state", async () => {
    assert.ok((await assertAgreeOnState(stack, configFile())).has("token-owner-required"));
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
    assert.match(output, /Not judged: .*deprovisioned-user-has-tokens for 1 user \(the evidence does not show/);
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
