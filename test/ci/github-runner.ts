import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { RunResult, Sandbox } from "../../tools/sandbox";
import { evaluate, type Expressions, fillIn } from "./expressions";
import type { GitHubStep } from "./pipelines";

/** How a step ended. */
export interface StepResult {
  readonly step: GitHubStep;
  readonly outcome: "success" | "failure" | "skipped";
  readonly output: string;
  /** What `with` came to, for a step that uses an action. */
  readonly with: Record<string, string>;
}

/** What a job ran into. */
export interface JobResult {
  readonly result: "success" | "failure";
  readonly steps: readonly StepResult[];
  readonly summary: string;
  /** Of a composite action. */
  readonly outputs: <Name extends string>(values: Record<Name, { readonly value: string }>) => Record<Name, string>;
  /** The step with this id or name. */
  readonly step: (name: string) => StepResult;
}

/** The shells of GitHub on Linux, as its documentation writes them. */
const SHELLS: Record<string, string[]> = {
  default: ["-e"],
  bash: ["--noprofile", "--norc", "-eo", "pipefail"],
};

export interface JobOptions {
  readonly steps: readonly GitHubStep[];
  /** The shell of steps that name none. */
  readonly shell?: string | undefined;
  /** `github`, `secrets`, `inputs`, `env`. */
  readonly context: Expressions;
  readonly env?: Record<string, string>;
}

/**
 * Runs the steps of a job as GitHub does: scripts for real, in the sandbox, with their conditions, environment, outputs and
 * summary. Actions that others wrote do nothing; `uses` is called with what they are given.
 */
export async function runSteps(
  sandbox: Pick<Sandbox, "project" | "run">,
  { steps, shell = "default", context, env = {} }: JobOptions,
  uses: (step: GitHubStep, given: Record<string, string>) => void = () => undefined,
): Promise<JobResult> {
  const results: StepResult[] = [];
  const ended: Record<string, { outcome: string; outputs: Record<string, string> }> = {};
  let failed = false;
  let summary = "";
  const folder = path.join(sandbox.project, "..", "runner");
  const files = { GITHUB_OUTPUT: path.join(folder, "output"), GITHUB_STEP_SUMMARY: path.join(folder, "summary.md") };
  const temp = path.join(folder, "temp");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(temp, { recursive: true });
  const names = () => ({
    ...context,
    steps: ended,
    success: () => !failed,
    failure: () => failed,
    always: () => true,
    cancelled: () => false,
  });

  for (const step of steps) {
    const condition = (step.if ?? "success()").replace(/^\$\{\{(.*)\}\}$/s, "$1");
    const runs: boolean =
      Boolean(evaluate(condition, names())) && (!failed || /\b(always|failure|cancelled)\(/.test(condition));
    const fill = (values: Record<string, unknown> = {}) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fillIn(value, names())]));
    const given = fill(step.with);
    let run: RunResult | undefined;
    if (runs && step.run !== undefined) {
      Object.values(files).forEach((file) => writeFileSync(file, ""));
      writeFileSync(path.join(folder, "step.sh"), fillIn(step.run, names()));
      run = await sandbox.run("bash", [...(SHELLS[step.shell ?? shell] ?? []), path.join(folder, "step.sh")], {
        env: { RUNNER_TEMP: temp, ...files, ...env, ...fill(step.env) },
      });
      summary += readFileSync(files.GITHUB_STEP_SUMMARY, "utf8");
    } else if (runs) {
      uses(step, given);
    }
    const outcome: StepResult["outcome"] = !runs ? "skipped" : (run?.code ?? 0) === 0 ? "success" : "failure";
    failed ||= outcome === "failure";
    if (step.id !== undefined) ended[step.id] = { outcome, outputs: run ? readOutputs(files.GITHUB_OUTPUT) : {} };
    results.push({ step, outcome, output: run?.output ?? "", with: given });
  }
  return {
    result: failed ? "failure" : "success",
    steps: results,
    summary,
    outputs: (values) => {
      const entries = Object.entries<{ readonly value: string }>(values);
      return Object.fromEntries(entries.map(([key, { value }]) => [key, fillIn(value, names())])) as never;
    },
    step(name) {
      const found = results.find(({ step }) => step.id === name || step.name === name);
      if (!found) throw new Error(`there is no step ${name}`);
      return found;
    },
  };
}

function readOutputs(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
}
