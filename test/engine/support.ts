import assert from "node:assert/strict";
import path from "node:path";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { projectFiles } from "../../tools/project-files";
import { PACK, ROOT, type RunResult, Sandbox, type SandboxOptions } from "../../tools/sandbox";
import type { StateResource } from "../../tools/stack-state";
import { StandIn } from "../../tools/stand-in/stand-in";

export { packFiles, projectFiles } from "../../tools/project-files";
export { stateOf, type StateResource } from "../../tools/stack-state";

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
    for (const sandbox of this.#sandboxes) await sandbox.remove();
    await this.api.stop();
  }
}

/** The first version of the CLI that leaves inputs out of plans whose names begin with an underscore. */
export const PLANS_SINCE = "3.261.0";

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

/** Changes the stack's state by hand. */
export async function editState(sandbox: Sandbox, edit: (resources: StateResource[]) => void): Promise<void> {
  const { stdout } = await sandbox.pulumi(["stack", "export"]);
  const state = JSON.parse(stdout) as { deployment: { resources: StateResource[] } };
  edit(state.deployment.resources);
  sandbox.write({ "state.json": JSON.stringify(state) });
  assertOk(await sandbox.pulumi(["stack", "import", "--file", "state.json"]));
}
