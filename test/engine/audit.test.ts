import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { PACK, ROOT, type RunResult, type Sandbox } from "../../tools/sandbox";
import { breakEveryRule } from "./every-rule";
import { assertOk, Lab, violationsIn } from "./support";

/** What the audit reports as JSON, as far as it matters here. */
interface Audit {
  readonly users: { findings: Finding[] }[];
  readonly findings: Finding[];
  readonly failures: { subject: string; message: string }[];
}
interface Finding {
  readonly rule: string;
  readonly enforcementLevel: string;
  readonly message: string;
  readonly urn?: string;
  readonly waiver?: { id: string };
}

/** Makes the engine print all its events. */
const STREAMING = { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };

describe("the audit and the engine", () => {
  let lab: Lab;
  let stack: Sandbox;
  let configFile: string;
  let stream: string;

  /** Runs the installed command in the project; a code other than 0 is a result. */
  async function audit(args: string[], input?: string): Promise<RunResult & { json: Audit }> {
    const main = path.join(ROOT, "dist/cli/main.js");
    const { exitCode, stdout, stderr, all } = await execa(process.execPath, [main, "audit", ...args], {
      cwd: stack.project,
      env: lab.api.env,
      reject: false,
      all: true,
      ...(input === undefined ? { stdin: "ignore" } : { input }),
      maxBuffer: 1e9,
    });
    const json = (args.includes("json") ? JSON.parse(stdout) : {}) as Audit;
    return { code: exitCode ?? -1, stdout, stderr, output: all, json };
  }

  before(async () => {
    lab = await Lab.start();
    ({ stack, configFile } = await breakEveryRule(lab));
    const env = { ...STREAMING, MOTHERDUCK_TOKENS_CONFIG: configFile };
    ({ stdout: stream } = await stack.pulumi(["preview", "--json", "--policy-pack", PACK], { env }));
    stack.write({ "events.jsonl": stream });
  });
  after(() => lab.stop());

  it("reach the same findings on the same events: each rule, level, resource and message", async () => {
    const { code, json } = await audit(["--events", "events.jsonl", "--config", configFile, "--report", "json"]);
    const found = findingsOf(json).map(({ rule, enforcementLevel, message, urn, waiver }) =>
      waiver
        ? `advisory ${rule} ${nameOf(urn)}: ${message} [waived by ${waiver.id}]`
        : `${enforcementLevel} ${rule} ${nameOf(urn)}: ${message}`,
    );
    assert.deepEqual(found.sort(), policyEventsOf(stream));
    assert.equal(new Set(findingsOf(json).map(({ rule }) => rule)).size, 15);
    assert.deepEqual([code, json.failures], [1, []]);
  });

  it("reach the same findings on the same state", async () => {
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
    const env = { MOTHERDUCK_TOKENS_CONFIG: configFile };
    const analyzed = await stack.pulumi(["policy", "analyze", "--policy-pack", PACK], { env });
    const { stdout: state } = await stack.pulumi(["stack", "export"]);
    const { code, json } = await audit(["--state", "-", "--config", configFile, "--report", "json"], state);
    const found = findingsOf(json).map(
      ({ rule, enforcementLevel, urn, waiver }) => `${waiver ? "advisory" : enforcementLevel} ${rule} ${nameOf(urn)}`,
    );
    const reported = violationsIn(analyzed).map(
      ({ level, policy, resource }) => `${level} ${policy} ${resource === "program-dev" ? "the stack" : resource}`,
    );
    assert.ok(reported.length > 15, analyzed.output);
    assert.deepEqual(found.sort(), reported.sort());
    assert.deepEqual([code, json.failures], [1, []]);
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
  });
});

function findingsOf({ users, findings }: Audit): Finding[] {
  return [...users.flatMap((user) => user.findings), ...findings];
}

function nameOf(urn = "the stack"): string {
  return urn.split("::").at(-1) ?? urn;
}

/** What the engine's events say of violations: mostly the policy's description is a line of its own before the message. */
function policyEventsOf(stream: string): string[] {
  interface PolicyEvent {
    policyName: string;
    enforcementLevel: string;
    message: string;
    resourceUrn: string;
  }
  return stream
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { policyEvent?: PolicyEvent }).policyEvent)
    .filter((event) => event !== undefined)
    .map(({ policyName, enforcementLevel, message, resourceUrn }) => {
      const resource = resourceUrn.includes("pulumi:pulumi:Stack") ? "the stack" : nameOf(resourceUrn);
      const text = message.trim().split("\n").at(-1) ?? "";
      return `${enforcementLevel} ${policyName} ${resource}: ${text.replace(/\[waived by (\S+) until .*\]$/, "[waived by $1]")}`;
    })
    .sort();
}
