// `npm run bench`: what previews cost, with floors of the same run beside them.
//   --quick         one round, without the lines of 1000 resources
//   --only TEXT     only the line of this name, or else those whose names have this text, and what they are compared with;
//                   again for others
//   --compare FILE  an earlier run; default: the one in the repository
//   --out FILE      where the results go
//   --peer COMMAND  a command of yours that runs in turn with ours, such as another provider's plan of the same users
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { installNode } from "../tools/node-versions";
import { addPlugin, installPython } from "../tools/plugin-project";
import { findHost } from "../tools/pulumi-cli/find-host";
import { findPulumi, type PulumiCli } from "../tools/pulumi-cli/find-pulumi";
import { PACK, ROOT, type RunResult, Sandbox } from "../tools/sandbox";
import { stateOf } from "../tools/stack-state";
import { wireToken } from "../tools/stand-in/organization";
import { StandIn } from "../tools/stand-in/stand-in";
import { runPeer } from "./peer";
import { type TreeUsage, watchProcessTree } from "./process-tree";
import { describeRun, formatGoals, formatResults, formatState, median, type Results, type Row } from "./results";
import {
  filesOf,
  goals,
  isSmall,
  type Peer,
  peer,
  type PlainReads,
  type Preview,
  type Scenario,
  scenarios,
  TOKENS_PER_USER,
  USERS,
} from "./scenarios";

const RESULTS = path.join(__dirname, "results");

/** One run of one scenario. */
interface Measurement {
  readonly wallSeconds: number;
  readonly usage?: TreeUsage | undefined;
  readonly requests: number;
  readonly mostAtOnce: number;
}

/** What the scenarios run on. */
interface Bench {
  readonly cli: PulumiCli;
  readonly api: StandIn;
  /** Gives the API so many users and that latency, and forgets earlier requests. */
  readonly prepare: (users: number, latencyMs: number) => void;
  /** Where other versions of Node.js are installed, when they are needed. */
  readonly nodes: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      compare: { type: "string", default: path.join(RESULTS, "reference.json") },
      out: { type: "string", default: path.join(RESULTS, "last.json") },
      peer: { type: "string" },
    },
  });
  const wanted: Scenario[] = select(values.quick, values.only);
  if (values.peer !== undefined) wanted.push(peer(values.peer));
  const nodes = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-bench-"));
  const sizes = [...new Set([USERS, ...wanted.map((scenario) => ("users" in scenario ? scenario.users : USERS))])];
  const bench = { cli: await findPulumi(console.log), ...(await startApi(sizes)), nodes };
  const rows: Row[] = [];
  try {
    const measured = await measureAll(wanted, values.quick ? 1 : Infinity, bench);
    for (const scenario of wanted) rows.push(await rowOf(scenario, measured.get(scenario) ?? [], bench));
  } finally {
    await bench.api.stop();
    rmSync(nodes, { recursive: true });
  }
  const results: Results = { ...describeMachine(bench.cli), rows };
  // Read first: it may be the file that is written.
  const before = existsSync(values.compare) ? (JSON.parse(readFileSync(values.compare, "utf8")) as Results) : undefined;
  mkdirSync(path.dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
  const tables = [formatResults(results, before), formatState(results), formatGoals(results, goals)];
  console.log(["", describeRun(results), ...tables, values.out].join("\n\n"));
}

/** With what is wanted come its floors, and the first line. */
function select(quick: boolean, only: readonly string[] | undefined): Scenario[] {
  const allNames = new Set(scenarios.map(({ name }) => name));
  const isNamed = (name: string) =>
    only?.some((text) => (allNames.has(text) ? name === text : name.includes(text))) ?? true;
  const isWanted = ({ name }: Scenario) => !(quick && name.startsWith(`${USERS} `)) && isNamed(name);
  const names = new Set([scenarios[0]?.name]);
  for (const scenario of scenarios.filter(isWanted)) {
    names.add(scenario.name);
    if (scenario.kind === "preview") for (const floor of scenario.floor ?? []) names.add(floor);
  }
  return scenarios.filter(({ name }) => names.has(name));
}

async function startApi(sizes: readonly number[]): Promise<Pick<Bench, "api" | "prepare">> {
  const api = await StandIn.start();
  const tokensOf = (user: string) =>
    Array.from({ length: TOKENS_PER_USER }, (_, index) =>
      wireToken(user, {
        name: `token-${index}`,
        type: index === 0 ? "read_write" : "read_scaling",
        created: -index - 1,
        expires: 60,
      }),
    );
  const made = Array.from({ length: Math.max(...sizes) }, (_, index) => [`u${index}`, tokensOf(`u${index}`)] as const);
  const bySize = new Map(sizes.map((size) => [size, Object.fromEntries(made.slice(0, size))]));
  api.members = {};
  const prepare = (users: number, latencyMs: number) => {
    api.reset();
    api.users = bySize.get(users) ?? {};
    api.latencyMs = latencyMs;
  };
  return { api, prepare };
}

/** Round by round, so that a machine that becomes slower is so for all scenarios. */
async function measureAll(
  wanted: readonly Scenario[],
  rounds: number,
  bench: Bench,
): Promise<Map<Scenario, Measurement[]>> {
  const measured = new Map<Scenario, Measurement[]>(wanted.map((scenario) => [scenario, []]));
  const stacks = new Map<Scenario, Sandbox>();
  const most = Math.min(rounds, Math.max(...wanted.map((scenario) => scenario.rounds)));
  try {
    for (let round = 0; round < most; round++) {
      for (const scenario of wanted.filter((one) => round < one.rounds)) {
        const measurement = await measure(scenario, stacks, bench);
        console.log(`round ${round + 1}: ${measurement.wallSeconds.toFixed(1).padStart(5)} s  ${scenario.name}`);
        measured.get(scenario)?.push(measurement);
      }
    }
  } finally {
    for (const stack of stacks.values()) await stack.remove();
  }
  return measured;
}

async function measure(scenario: Scenario, stacks: Map<Scenario, Sandbox>, bench: Bench): Promise<Measurement> {
  if (scenario.kind === "reads") return measureReads(scenario, bench);
  if (scenario.kind === "peer") return measurePeer(scenario, bench);
  let stack = stacks.get(scenario);
  if (!stack) {
    stack = await makeStack(scenario, bench);
    stacks.set(scenario, stack);
    // Once without measuring: its Pulumi home is new, so there is no compiled code in it.
    if (isSmall(scenario)) assertOk(await stack.pulumi(argumentsOf(scenario)), scenario);
  }
  return measurePreview(stack, scenario, bench);
}

async function measureReads(
  { concurrency, users, latencyMs, usernames = [] }: PlainReads,
  { api, prepare }: Bench,
): Promise<Measurement> {
  prepare(users, latencyMs);
  const child = fork(path.join(__dirname, "plain-reads.js"), [api.url, api.token, String(concurrency), ...usernames], {
    // Without the loader of TypeScript that this process has.
    execArgv: [],
  });
  const [wallSeconds] = (await once(child, "message")) as [number];
  return { wallSeconds, requests: api.requests.length, mostAtOnce: api.mostAtOnce };
}

async function measurePeer({ command, latencyMs }: Peer, { api, prepare }: Bench): Promise<Measurement> {
  prepare(USERS, latencyMs);
  const { wallSeconds, usage } = await runPeer(command, api.env);
  return { wallSeconds, usage, requests: api.requests.length, mostAtOnce: api.mostAtOnce };
}

async function measurePreview(stack: Sandbox, scenario: Preview, { api, prepare }: Bench): Promise<Measurement> {
  prepare(scenario.users, scenario.latencyMs);
  const started = performance.now();
  const { result, pid } = stack.start(argumentsOf(scenario));
  const tree = watchProcessTree(pid);
  assertOk(await result, scenario);
  const wallSeconds = (performance.now() - started) / 1000;
  return { wallSeconds, usage: tree.stop(), requests: api.requests.length, mostAtOnce: api.mostAtOnce };
}

async function makeStack(scenario: Preview, { cli, api, nodes }: Bench): Promise<Sandbox> {
  const isChecked = scenario.language === "typescript, with type checks";
  const env = {
    ...api.env,
    PULUMI_NODEJS_TRANSPILE_ONLY: String(!isChecked),
    ...scenario.env,
    ...(scenario.settings && { MOTHERDUCK_TOKENS_CONFIG_TEXT: JSON.stringify(scenario.settings) }),
  };
  const { language } = scenario;
  const hosts = [
    ...(language === "yaml" || language === "python" ? [await findHost(language, cli, console.log)] : []),
    ...(scenario.node === undefined ? [] : [await findNode(scenario.node, nodes)]),
  ];
  const project = language === "python" ? { copyOf: path.join(ROOT, "examples/python") } : {};
  const stack = await Sandbox.create({
    ...project,
    ...{ cli, env, hosts, files: filesOf(scenario), config: scenario.config ?? {} },
  });
  if (language === "python") {
    await addPlugin(stack, path.join(ROOT, "plugin"));
    await installPython(stack);
  }
  return stack;
}

/** The folder with that version's `node`. */
async function findNode(major: string, folder: string): Promise<string> {
  const bin = path.join(folder, `node-${major}`, "node_modules/.bin");
  return existsSync(path.join(bin, "node")) ? bin : (await installNode(major, folder)).bin;
}

function argumentsOf({ pack }: Preview): string[] {
  const packs = { ours: ["--policy-pack", PACK], empty: ["--policy-pack", "empty"], none: [] };
  return ["preview", "--suppress-progress", "--suppress-outputs", ...packs[pack]];
}

function assertOk({ code, output }: RunResult, { name }: Scenario): void {
  if (code !== 0) throw new Error(`${name} failed:\n${output}`);
}

async function rowOf(scenario: Scenario, measured: readonly Measurement[], bench: Bench): Promise<Row> {
  const usages = measured.flatMap(({ usage }) => usage ?? []);
  const { floor, tokensInState } = scenario.kind === "preview" ? scenario : {};
  const peakMiB = median(usages.map((usage) => usage.peakMiB));
  return {
    name: scenario.name,
    wallSeconds: measured.map(({ wallSeconds }) => wallSeconds),
    cpuSeconds: usages.map(({ cpuSeconds }) => cpuSeconds),
    ...(peakMiB !== undefined && { peakMiB }),
    requests: Math.max(...measured.map(({ requests }) => requests)),
    mostAtOnce: Math.max(...measured.map(({ mostAtOnce }) => mostAtOnce)),
    ...(tokensInState !== undefined && {
      stateBytes: await measureState(scenario as Preview, bench),
      tokens: tokensInState,
    }),
    ...(floor && { floor }),
    ...(scenario.kind === "peer" && { isPeer: true as const }),
  };
}

/** What the resources take in state, as JSON without white space: inputs, outputs, and what the engine notes of them. */
async function measureState(scenario: Preview, bench: Bench): Promise<number> {
  const stack = await makeStack(scenario, bench);
  try {
    bench.prepare(scenario.users, 0);
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview", "--suppress-progress"]), scenario);
    const { userTokens, organizationTokens } = await stateOf(stack);
    return JSON.stringify([...userTokens, ...organizationTokens]).length;
  } finally {
    await stack.remove();
  }
}

function describeMachine(cli: PulumiCli): Omit<Results, "rows"> {
  const sdk = JSON.parse(readFileSync(path.join(ROOT, "node_modules/@pulumi/pulumi/package.json"), "utf8")) as {
    version: string;
  };
  return {
    date: new Date().toISOString(),
    machine: `${cpus().length} processors, ${process.platform} ${process.arch}`,
    node: process.versions.node,
    pulumi: cli.version,
    sdk: sdk.version.replace(/^v/, ""),
  };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
