import assert from "node:assert/strict";
import path from "node:path";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { PACK, ROOT, type RunResult, Sandbox, type SandboxOptions } from "../../tools/sandbox";
import { StandIn } from "../../tools/stand-in/stand-in";

/** A stand-in of the API, and sandboxes that talk to it. Everything is gone after `stop()`. */
export class Lab {
  readonly #sandboxes: Sandbox[] = [];
  private constructor(readonly api: StandIn) {}

  static async start(): Promise<Lab> {
    return new Lab(await StandIn.start());
  }

  /** A sandbox with one of the examples. */
  example(name: string, options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
    return this.sandbox({ copyOf: path.join(ROOT, "examples", name), ...options });
  }

  /** A sandbox with a program given as JavaScript; `pulumi` and `md` (this package) are there. */
  program(source: string, options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
    return this.sandbox({ ...options, files: { ...projectFiles(source), ...options.files } });
  }

  async sandbox(options: Partial<SandboxOptions>): Promise<Sandbox> {
    const cli = await findPulumi((line) => console.log(line));
    const env = { ...this.api.env, PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...options.env };
    const sandbox = await Sandbox.create({ cli, ...options, env });
    this.#sandboxes.push(sandbox);
    return sandbox;
  }

  async stop(): Promise<void> {
    for (const sandbox of this.#sandboxes) sandbox.remove();
    await this.api.stop();
  }
}

/** The files of a project whose program is this. */
export function projectFiles(source: string): Record<string, string> {
  return {
    "Pulumi.yaml": "name: program\nruntime: nodejs\n",
    "package.json": `{ "name": "program", "version": "1.0.0", "main": "index.js" }`,
    "index.js": `const pulumi = require("@pulumi/pulumi");\nconst md = require("pulumi-motherduck-tokens");\n${source}\n`,
  };
}

/** The files of a policy pack in the folder `name`, with one policy given as JavaScript; it is mandatory. */
export function packFiles(name: string, policy: string): Record<string, string> {
  return {
    [`${name}/PulumiPolicy.yaml`]: `name: ${name}\nruntime: nodejs\nversion: 1.0.0\n`,
    [`${name}/package.json`]: JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
    [`${name}/index.js`]:
      `const { PolicyPack } = require("@pulumi/policy");\n` +
      `new PolicyPack("${name}", { enforcementLevel: "mandatory", policies: [${policy}] });\n`,
  };
}

/** `pulumi preview` with the ready pack. */
export function preview(sandbox: Sandbox, ...args: string[]): Promise<RunResult> {
  return sandbox.pulumi(["preview", "--policy-pack", PACK, ...args]);
}

/** `pulumi up` with the ready pack. */
export function up(sandbox: Sandbox, ...args: string[]): Promise<RunResult> {
  return sandbox.pulumi(["up", "--yes", "--policy-pack", PACK, ...args]);
}

/** One line of the engine's report on policies. */
export interface ReportedViolation {
  readonly level: string;
  readonly policy: string;
  readonly resource: string;
}

/** The violations that a run printed, in its order. */
export function violationsIn({ output }: RunResult): ReportedViolation[] {
  const line = /- \[(\w+)\]\s+(?:\[severity: \w+\]\s+)?(\S+)\s+\((?:[^()]*: )?([^()]+)\)/g;
  return [...output.matchAll(line)].map(([, level = "", policy = "", resource = ""]) => ({ level, policy, resource }));
}

/** `level policy resource` of each violation, sorted. */
export function violationLines(result: RunResult): string[] {
  return violationsIn(result)
    .map(({ level, policy, resource }) => `${level} ${policy} ${resource}`)
    .sort();
}

export function assertOk(result: RunResult): void {
  assert.equal(result.code, 0, result.output);
}

/** The exit code of a failure differs between versions of the CLI; what it says does not. */
export function assertFails(result: RunResult, ...says: (string | RegExp)[]): void {
  assert.notEqual(result.code, 0, result.output);
  for (const text of says) assert.match(result.output, typeof text === "string" ? new RegExp(escape(text)) : text);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A resource of an exported state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** The state of the stack, and the resources of this project in it. */
export async function stateOf(
  sandbox: Sandbox,
): Promise<{ text: string; userTokens: StateResource[]; organizationTokens: StateResource[] }> {
  const { stdout } = await sandbox.pulumi(["stack", "export"]);
  const { deployment } = JSON.parse(stdout) as { deployment: { resources?: StateResource[] } };
  const ofType = (name: string) => (deployment.resources ?? []).filter(({ type }) => type.endsWith(`:${name}`));
  return { text: stdout, userTokens: ofType("UserTokens"), organizationTokens: ofType("OrganizationTokens") };
}

/** Changes the stack's state by hand. */
export async function editState(sandbox: Sandbox, edit: (resources: StateResource[]) => void): Promise<void> {
  const { stdout } = await sandbox.pulumi(["stack", "export"]);
  const state = JSON.parse(stdout) as { deployment: { resources: StateResource[] } };
  edit(state.deployment.resources);
  sandbox.write({ "state.json": JSON.stringify(state) });
  assertOk(await sandbox.pulumi(["stack", "import", "--file", "state.json"]));
}
