/** What a ledger costs: `npm run bench:history [users] [nights]`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ledger } from "../history/ledger";
import { simulateYear } from "./history-year";

const [users = 1000, nights = 365] = process.argv.slice(2).map(Number);

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-bench-"));
  try {
    const place = path.join(folder, "ledger.duckdb");
    const { appends, bytes } = await simulateYear(place, {
      users,
      nights,
      tokensPerUser: 5,
      churn: 0.01,
      failing: 0.3,
    });
    const sorted = appends.slice(1).sort((a, b) => a - b);
    const at = (share: number) => `${Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? NaN)} ms`;
    console.log(
      `${users} users with 5 tokens, ${nights} runs, 1 % of tokens replaced a night, 30 % of runs with failing users`,
    );
    console.log(
      `append: first ${Math.round(appends[0] ?? NaN)} ms, median ${at(0.5)}, 95 % ${at(0.95)}, last ${Math.round(appends.at(-1) ?? NaN)} ms`,
    );
    console.log(`file: ${(bytes / 2 ** 20).toFixed(1)} MiB`);
    const ledger = await Ledger.open(place, { env: {} });
    await ledger.read(async () => {
      for (const view of ["finding_trend", "token_trend", "events", "open_findings", "current_tokens"]) {
        const begin = performance.now();
        const [row] = await ledger.database.rows(
          `SELECT count(*)::INTEGER AS rows FROM (FROM token_ledger.${view} ORDER BY ALL)`,
        );
        console.log(`${view}: ${Math.round(performance.now() - begin)} ms, ${row?.rows} rows`);
      }
    });
    ledger.close();
    console.log(`memory, at most: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
