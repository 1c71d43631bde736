// `npm run bench`: what previews cost, with floors of the same run beside them. `--quick` leaves the large ones out.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { stateOf } from "../test/engine/support";
import { findPulumi, type PulumiCli } from "../tools/pulumi-cli/find-pulumi";
import { PACK, ROOT, type RunResult, Sandbox } from "../tools/sandbox";
import { wireToken } from "../tools/stand-in/organization";
import { StandIn } from "../tools/stand-in/stand-in";
import { type TreeUsage, watchProcessTree } from "./process-tree";
import { describeRun, formatResults, formatState, type Results, type Row } from "./results";
import { EMPTY, filesOf, type Scenario, scenarios, TOKENS_PER_USER, USERS } from "./scenarios";

const RESULTS = path.join(__dirname, "results");

/** One run of one scenario. */
interface Measurement {
  readonly wallSeconds: number;
  readonly usage?: TreeUsage | undefined;
  readonly requests: number;
  readonly mostAtOnce: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      compare: { type: "string", default: path.join(RESULTS, "reference.json") },
      out: { type: "string", default: path.join(RESULTS, "last.json") },
    },
  });
  const isWanted = (scenario: Scenario) =>
    scenario.name === EMPTY ||
    ((!values.quick || isSmall(scenario)) && (values.only === undefined || scenario.name.includes(values.only)));
  const wanted = scenarios.filter(isWanted);
  const cli = await findPulumi(console.log);
  const api = await startApi();
  const rows: Row[] = [];
  try {
    const measured = await measureAll(wanted, values.quick ? 1 : 5, cli, api);
    for (const scenario of wanted) rows.push(await rowOf(scenario, measured.get(scenario) ?? [], cli, api));
    if (values.only === undefined) {
      for (const latencyMs of [0, 50]) rows.push(await plainReads(api, latencyMs));
    }
  } finally {
    await api.stop();
  }
  const results: Results = { ...describeMachine(cli), rows };
  mkdirSync(path.dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results, null, 2)}\n`);
  const before = existsSync(values.compare) ? (JSON.parse(readFileSync(values.compare, "utf8")) as Results) : undefined;
  console.log(
    `\n${describeRun(results)}\n\n${formatResults(results, before)}\n\n${formatState(results)}\n\n${values.out}`,
  );
}

async function startApi(): Promise<StandIn> {
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
  api.users = Object.fromEntries(Array.from({ length: USERS }, (_, index) => [`u${index}`, tokensOf(`u${index}`)]));
  api.members = {};
  return api;
}

/** Round by round, so that a machine that becomes slower is so for all scenarios. */
async function measureAll(
  wanted: readonly Scenario[],
  rounds: number,
  cli: PulumiCli,
  api: StandIn,
): Promise<Map<Scenario, Measurement[]>> {
  const measured = new Map<Scenario, Measurement[]>();
  const stacks = new Map<Scenario, Sandbox>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const scenario of wanted.filter((one) => round < one.rounds)) {
        let stack = stacks.get(scenario);
        if (!stack) {
          stack = await makeStack(scenario, cli, api);
          stacks.set(scenario, stack);
          // Once without measuring: its Pulumi home is new, so there is no compiled code in it.
          if (isSmall(scenario)) assertOk(await stack.pulumi(argumentsOf(scenario)), scenario);
        }
        const measurement = await measure(stack, scenario, api);
        console.log(`round ${round + 1}: ${measurement.wallSeconds.toFixed(1).padStart(5)} s  ${scenario.name}`);
        measured.set(scenario, [...(measured.get(scenario) ?? []), measurement]);
      }
    }
  } finally {
    for (const stack of stacks.values()) stack.remove();
  }
  return measured;
}

/** Whether starting is most of what it does. */
function isSmall({ rounds }: Scenario): boolean {
  return rounds > 2;
}

function makeStack(scenario: Scenario, cli: PulumiCli, api: StandIn): Promise<Sandbox> {
  const isChecked = scenario.language === "typescript, with type checks";
  const env = { ...api.env, PULUMI_NODEJS_TRANSPILE_ONLY: String(!isChecked) };
  return Sandbox.create({ cli, env, files: filesOf(scenario) });
}

async function measure(stack: Sandbox, scenario: Scenario, api: StandIn): Promise<Measurement> {
  api.reset();
  api.latencyMs = scenario.latencyMs;
  const started = performance.now();
  const { result, pid } = stack.start(argumentsOf(scenario));
  const tree = watchProcessTree(pid);
  assertOk(await result, scenario);
  const wallSeconds = (performance.now() - started) / 1000;
  return { wallSeconds, usage: tree.stop(), requests: api.requests.length, mostAtOnce: api.mostAtOnce };
}

function argumentsOf({ pack }: Scenario): string[] {
  const packs = { ours: ["--policy-pack", PACK], empty: ["--policy-pack", "empty"], none: [] };
  return ["preview", "--suppress-progress", "--suppress-outputs", ...packs[pack]];
}

function assertOk({ code, output }: RunResult, { name }: Scenario): void {
  if (code !== 0) throw new Error(`${name} failed:\n${output}`);
}

async function rowOf(scenario: Scenario, measured: readonly Measurement[], cli: PulumiCli, api: StandIn): Promise<Row> {
  const { name, floor, withState } = scenario;
  const usages = measured.flatMap(({ usage }) => usage ?? []);
  return {
    name,
    rounds: measured.length,
    wallSeconds: median(measured.map(({ wallSeconds }) => wallSeconds)),
    ...(usages.length > 0 && {
      cpuSeconds: median(usages.map(({ cpuSeconds }) => cpuSeconds)),
      peakMiB: median(usages.map(({ peakMiB }) => peakMiB)),
    }),
    requests: median(measured.map(({ requests }) => requests)),
    mostAtOnce: Math.max(...measured.map(({ mostAtOnce }) => mostAtOnce)),
    ...(withState && (await measureState(scenario, cli, api))),
    ...(floor !== undefined && { floor }),
  };
}

/** What the resources take in state, as JSON without white space: inputs, outputs, and what the engine notes of them. */
async function measureState(scenario: Scenario, cli: PulumiCli, api: StandIn) {
  const stack = await makeStack(scenario, cli, api);
  try {
    api.reset();
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview", "--suppress-progress"]), scenario);
    const { userTokens, organizationTokens } = await stateOf(stack);
    const resources = [...userTokens, ...organizationTokens];
    const users = scenario.name.includes("Organization") ? USERS : userTokens.length;
    return { stateBytes: JSON.stringify(resources).length, tokens: users * TOKENS_PER_USER };
  } finally {
    stack.remove();
  }
}

/** The floor of all reads: the same requests at the same concurrency, by a process that does nothing else. */
async function plainReads(api: StandIn, latencyMs: number): Promise<Row> {
  api.reset();
  api.latencyMs = latencyMs;
  const child = fork(path.join(__dirname, "plain-reads.ts"), [api.url, api.token, String(USERS)]);
  const [wallSeconds] = (await once(child, "message")) as [number];
  const { requests, mostAtOnce } = api;
  const name = `plain HTTP reads of ${USERS} users${latencyMs === 0 ? "" : `, API at ${latencyMs} ms`}`;
  return { name, rounds: 1, wallSeconds, requests: requests.length, mostAtOnce };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
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
