// `npm run bench:history [audits] [year] [large]`: what a ledger costs above the same audit without one, what a year of
// nightly audits takes on disk and to ask, and how much memory the largest organization needs. Default: all of them.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { Ledger } from "../history/ledger";
import { wireToken } from "../tools/stand-in/organization";
import { StandIn } from "../tools/stand-in/stand-in";
import { simulateYear } from "./history-year";

const MAIN = path.join(__dirname, "../dist/cli/main.js");
const USAGE = path.join(__dirname, "report-usage.js");
const TOKENS_PER_USER = 5;
const PAIRS = 9;

interface Run {
  readonly seconds: number;
  /** All threads together: on a busy machine, it tells more than the seconds. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** One audit of everybody, by the command itself. */
async function audit(api: StandIn, folder: string, ...args: readonly string[]): Promise<Run> {
  const usageFile = path.join(folder, "usage.json");
  const started = performance.now();
  const child = spawn(process.execPath, ["-r", USAGE, MAIN, "audit", "--all", "--fail-on", "none", ...args], {
    env: { ...process.env, ...api.env, USAGE_FILE: usageFile },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`the audit ended with ${String(code)}`);
  api.requests.length = 0;
  const usage = JSON.parse(readFileSync(usageFile, "utf8")) as Omit<Run, "seconds">;
  return { seconds: (performance.now() - started) / 1000, ...usage };
}

async function organization(users: number): Promise<StandIn> {
  const api = await StandIn.start();
  const lines = Array.from({ length: TOKENS_PER_USER }, (_, index) => ({
    ...{ name: `token-${index}`, type: index === 0 ? "read_write" : "read_scaling" },
    ...{ created: -10 - index, expires: 20 + index },
  }));
  const names = Array.from({ length: users }, (_, index) => `user${String(index).padStart(6, "0")}`);
  api.users = Object.fromEntries(names.map((name) => [name, lines.map((line) => wireToken(name, line))]));
  return api;
}

/** Audits with and without a ledger take turns: what else the machine does hits them alike. */
async function audits(folder: string): Promise<void> {
  const api = await organization(1000);
  const place = path.join(folder, "audits.duckdb");
  const [bare, kept]: [Run[], Run[]] = [[], []];
  const first = await audit(api, folder, "--history", place);
  for (let i = 0; i < PAIRS; i++) {
    bare.push(await audit(api, folder));
    kept.push(await audit(api, folder, "--history", place));
  }
  print(`audit of 1,000 users with 5 tokens, without a ledger, median of ${PAIRS}`, describe(middle(bare)));
  print("  above that: it makes a ledger, once", difference(middle(bare), first));
  print(`  above that: it appends to one, median of ${PAIRS}`, difference(middle(bare), middle(kept)));
  await api.stop();
}

/** Each token is replaced every 100 days, and in 30 % of the nights a tenth of the users cannot be read. */
async function year(folder: string): Promise<void> {
  const place = path.join(folder, "year.duckdb");
  const size = { users: 1000, nights: 365, tokensPerUser: TOKENS_PER_USER };
  const { appends, bytes } = await simulateYear(place, { ...size, churn: 0.01, failing: 0.3 });
  print("365 runs of 1,000 users with 5 tokens, on disk", `${(bytes / 2 ** 20).toFixed(1)} MiB`);
  print("  append, median of the first and of the last 30", `${ms(appends.slice(1, 31))}, ${ms(appends.slice(-30))}`);
  for (const view of ["finding_trend", "token_trend", "events", "open_findings", "current_tokens", "time_to_fix"]) {
    const ledger = await Ledger.open(place, { env: {} });
    const begin = performance.now();
    const rows = await ledger.read(() => ledger.database.rows(`FROM token_ledger.${view}`));
    print(`  all of ${view}, opened anew`, `${ms([performance.now() - begin])}, ${rows.length} rows`);
    ledger.close();
  }
}

async function large(folder: string): Promise<void> {
  const api = await organization(100_000);
  const place = path.join(folder, "large.duckdb");
  const bare = await audit(api, folder);
  print("audit of 100,000 users with 5 tokens, without a ledger", describe(bare));
  for (const title of ["  above that: it makes a ledger", "  above that: it appends to it"]) {
    print(title, difference(bare, await audit(api, folder, "--history", place)));
  }
  print("  on disk", `${Math.round(statSync(place).size / 2 ** 20)} MiB`);
  await api.stop();
}

function describe({ seconds, cpuSeconds, peakMiB }: Run): string {
  return `${seconds.toFixed(2)} s, CPU ${cpuSeconds.toFixed(2)} s, at most ${Math.round(peakMiB)} MiB`;
}

function difference(from: Run, to: Run): string {
  const more = (key: keyof Run, digits: number) =>
    `${to[key] < from[key] ? "" : "+"}${(to[key] - from[key]).toFixed(digits)}`;
  return `${more("seconds", 2)} s, CPU ${more("cpuSeconds", 2)} s, ${more("peakMiB", 0)} MiB`;
}

function middle(runs: readonly Run[]): Run {
  const of = (key: keyof Run) => median(runs.map((run) => run[key]));
  return { seconds: of("seconds"), cpuSeconds: of("cpuSeconds"), peakMiB: of("peakMiB") };
}

const ms = (times: readonly number[]) => `${Math.round(median(times))} ms`;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

function print(what: string, value: string): void {
  console.log(`${what.padEnd(72)}${value}`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-bench-"));
  const parts = { audits, year, large };
  const chosen = process.argv.slice(2);
  console.log(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`);
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (chosen.length === 0 || chosen.includes(name)) await part(folder);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
