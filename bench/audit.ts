// `npm run bench:audit`: what the command costs above its floors, measured in the same run: Node's own start, and reads of
// the same users over the same number of connections, by Node alone and by the HTTP library that the audit uses.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { wireToken } from "../tools/stand-in/organization";
import { StandIn } from "../tools/stand-in/stand-in";

const MAIN = path.join(__dirname, "../dist/cli/main.js");
const FLOOR = path.join(__dirname, "plain-reads.js");
const AXIOS_FLOOR = path.join(__dirname, "axios-reads.js");
const USAGE = path.join(__dirname, "report-usage.js");
const TOKENS_PER_USER = 5;
/** The command's default. */
const CONCURRENCY = "32";

interface Run {
  readonly seconds: number;
  readonly peakMiB: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-audit-"));
  const api = await StandIn.start();

  async function run(args: readonly string[]): Promise<Run> {
    const usageFile = path.join(folder, "usage.json");
    const started = performance.now();
    const child = spawn(process.execPath, ["-r", USAGE, ...args], {
      env: { ...process.env, ...api.env, USAGE_FILE: usageFile },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    const seconds = (performance.now() - started) / 1000;
    if (code !== 0 && code !== 1) throw new Error(`${args.join(" ")} ended with ${String(code)}`);
    return { seconds, peakMiB: (JSON.parse(readFileSync(usageFile, "utf8")) as Run).peakMiB };
  }

  /** The best of some runs of each command, which take turns: what else the machine does hits them alike. */
  async function compare(repeat: number, commands: Record<string, readonly string[]>): Promise<void> {
    const best: Record<string, Run> = {};
    for (let i = 0; i < repeat; i++) {
      for (const [name, args] of Object.entries(commands)) {
        const result = await run(args);
        if (!best[name] || result.seconds < best[name].seconds) best[name] = result;
      }
    }
    const [floor] = Object.values(best);
    for (const [name, { seconds, peakMiB }] of Object.entries(best)) {
      const above = seconds - (floor?.seconds ?? 0);
      const columns = [
        name.padEnd(44),
        `${seconds.toFixed(2)} s`.padStart(9),
        `${above >= 0 ? "+" : ""}${above.toFixed(2)} s`.padStart(9),
        `${(seconds / (floor?.seconds ?? 1)).toFixed(2)} x`.padStart(8),
        `${Math.round(peakMiB)} MiB`.padStart(8),
      ];
      console.log(columns.join("  "));
    }
  }

  const audit = (...args: string[]) => [MAIN, "audit", "--fail-on", "none", "--concurrency", CONCURRENCY, ...args];
  const file = (name: string) => path.join(folder, name);
  const setUsers = (count: number) => {
    const lines = Array.from({ length: TOKENS_PER_USER }, (_, index) => ({
      name: `token-${index}`,
      type: index === 0 ? "read_write" : "read_scaling",
      created: -10 - index,
      // One user in a hundred has a token that never expires.
      expires: 20 + index,
    }));
    api.users = Object.fromEntries(
      Array.from({ length: count }, (_, index) => {
        const name = `user${String(index).padStart(6, "0")}`;
        const tokens = lines.map((line) => wireToken(name, line));
        if (index % 100 === 0) delete tokens[0]?.expire_at;
        return [name, tokens];
      }),
    );
  };

  console.log("\nOne user, 50 ms latency");
  setUsers(1);
  api.latencyMs = 50;
  await compare(7, {
    "node -e ''": ["-e", ""],
    "one plain read": [FLOOR, api.url, api.token, "1", "user000000"],
    "audit --user": audit("--user", "user000000"),
  });

  console.log(`\n1,000 users of ${TOKENS_PER_USER} tokens, 50 ms latency, ${CONCURRENCY} at the same time`);
  setUsers(1000);
  await compare(3, {
    "plain reads": [FLOOR, api.url, api.token, CONCURRENCY],
    "audit --all": audit("--all"),
    "audit --all, json": audit("--all", "--report", "json"),
  });
  api.latencyMs = 0;

  for (const users of [1_000, 10_000, 100_000]) {
    console.log(`\n${users.toLocaleString("en")} users of ${TOKENS_PER_USER} tokens, no latency`);
    setUsers(users);
    api.requests.length = 0;
    await compare(users > 10_000 ? 1 : 3, {
      "plain reads by axios": [AXIOS_FLOOR, api.url, api.token, CONCURRENCY],
      "plain reads by Node.js": [FLOOR, api.url, api.token, CONCURRENCY],
      "audit --all": audit("--all"),
      "audit --all, --max-old-space-size=64": ["--max-old-space-size=64", ...audit("--all")],
      "audit --all, json and csv": audit(
        "--all",
        "--report",
        `json=${file("a.json")}`,
        "--report",
        `csv=${file("a.csv")}`,
      ),
      "audit --all, all others": audit(
        "--all",
        ...["sarif", "junit", "gitlab", "github", "markdown", "html"].flatMap((name) => [
          "--report",
          `${name}=${file(name)}`,
        ]),
      ),
    });
    api.requests.length = 0;
  }
  await api.stop();
  rmSync(folder, { recursive: true });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
