import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../tools/sandbox";

/** A step of a GitHub workflow or of a composite action. */
export interface GitHubStep {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Record<string, unknown>;
  readonly env?: Record<string, unknown>;
  readonly run?: string;
  readonly shell?: string;
}
export interface GitHubJob {
  readonly if?: string;
  readonly permissions?: Record<string, string>;
  readonly strategy?: { readonly matrix: Record<string, unknown[]> };
  readonly steps: readonly GitHubStep[];
}
export interface GitHubWorkflow {
  readonly on: Record<string, unknown>;
  readonly permissions: Record<string, string>;
  readonly defaults?: { readonly run: { readonly shell?: string } };
  readonly env?: Record<string, unknown>;
  readonly jobs: Record<string, GitHubJob>;
}
export interface GitHubAction {
  readonly inputs: Record<string, { readonly default: string }>;
  readonly outputs: Record<string, { readonly value: string }>;
  readonly runs: { readonly steps: readonly GitHubStep[] };
}

interface GitLabJob {
  readonly before_script?: readonly string[];
  readonly script: readonly string[];
  readonly variables?: Record<string, string>;
  readonly artifacts?: { readonly when: string; readonly paths: string[]; readonly reports: Record<string, string> };
}
interface AzureStep {
  readonly bash?: string;
  readonly env?: Record<string, string>;
}

/** A script of a pipeline, with what it is given: `$(NAME)` in Azure's environment is a variable of the pipeline. */
export interface Script {
  readonly name: string;
  readonly text: string;
  readonly env: Record<string, string>;
}

export const EXAMPLES = {
  github: "examples/ci/github-actions.yml",
  gitlab: "examples/ci/gitlab-ci.yml",
  azure: "examples/ci/azure-pipelines.yml",
  jenkins: "examples/ci/Jenkinsfile",
} as const;
/** What runs an audit every night. */
export const NIGHTLY = {
  github: "examples/nightly/github-actions.yml",
  gitlab: "examples/nightly/gitlab-ci.yml",
  kubernetes: "examples/nightly/kubernetes.yml",
  cron: "examples/nightly/motherduck-tokens.cron",
  script: "examples/nightly/nightly.sh",
  image: "examples/nightly/Dockerfile",
} as const;
export const ACTION = "action.yml";
export const WORKFLOWS = [".github/workflows/test.yml", ".github/workflows/release.yml"] as const;

export const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
export const readWorkflow = (file: string) => parse(read(file)) as GitHubWorkflow;
export const readAction = () => parse(read(ACTION)) as GitHubAction;

/** A job of a GitLab pipeline: GitLab runs all its commands in one shell. */
export function gitlabJob(
  name: string,
  file: string = EXAMPLES.gitlab,
): Script & { readonly artifacts: GitLabJob["artifacts"] } {
  const pipeline = parse(read(file), { merge: true }) as {
    variables?: Record<string, string>;
    default?: { before_script: string[] };
  } & Record<string, GitLabJob>;
  const job = pipeline[name] as GitLabJob;
  const text = [...(job.before_script ?? pipeline.default?.before_script ?? []), ...job.script].join("\n");
  return { name, text, env: { ...pipeline.variables, ...job.variables }, artifacts: job.artifacts };
}

/** The scripts of a job of the Azure pipeline. */
export function azureScripts(job: string): Script[] {
  const pipeline = parse(read(EXAMPLES.azure)) as {
    variables: Record<string, string>;
    jobs: { job: string; steps: AzureStep[] }[];
  };
  const steps = pipeline.jobs.find((candidate) => candidate.job === job)?.steps ?? [];
  return steps.flatMap(({ bash, env }, index) =>
    bash === undefined ? [] : [{ name: `${job} ${index}`, text: bash, env: { ...pipeline.variables, ...env } }],
  );
}

/** The scripts of the Jenkinsfile by stage, as Groovy hands them to the shell. */
export function jenkinsScripts(): Script[] {
  const text = read(EXAMPLES.jenkins);
  const environment = /environment \{(.*?)\n {2}\}/s.exec(text)?.[1] ?? "";
  const env = Object.fromEntries(
    [...environment.matchAll(/(\w+) = '([^']*)'/g)].map(([, name = "", value = ""]) => [name, value]),
  );
  return [...text.matchAll(/stage\('(\w+)'\).*?sh '''(.*?)'''/gs)].map(([, name = "", script = ""]) => ({
    name,
    // A backslash at a line's end goes on with the next line in Groovy, too.
    text: script.replaceAll("\\\n", ""),
    env,
  }));
}

/** All scripts that are to be run by bash, for checks of their text. */
export function allScripts(): Script[] {
  const ofSteps = (file: string, steps: readonly GitHubStep[]) =>
    steps.flatMap(({ run, name, id }, index) =>
      run === undefined ? [] : [{ name: `${file}: ${name ?? id ?? index}`, text: run, env: {} }],
    );
  return [
    ...[EXAMPLES.github, NIGHTLY.github, ...WORKFLOWS].flatMap((file) =>
      Object.values(readWorkflow(file).jobs).flatMap(({ steps }) => ofSteps(file, steps)),
    ),
    ...ofSteps(ACTION, readAction().runs.steps),
    { name: NIGHTLY.script, text: read(NIGHTLY.script), env: {} },
    { ...gitlabJob("nightly", NIGHTLY.gitlab), name: NIGHTLY.gitlab },
    ...["gate", "deploy", "audit"]
      .map((name) => gitlabJob(name))
      .map((script) => ({ ...script, name: `GitLab: ${script.name}` })),
    ...["gate", "deploy", "audit"]
      .flatMap(azureScripts)
      .map((script) => ({ ...script, name: `Azure: ${script.name}` })),
    ...jenkinsScripts().map((script) => ({ ...script, name: `Jenkins: ${script.name}` })),
  ];
}
