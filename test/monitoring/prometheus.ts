import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { type RunningServer, startServer } from "./server";
import { findTool } from "./tools";

/** A number of a query, with its labels. */
export interface QueryResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes targets on loopback every second. */
export class Prometheus {
  readonly #server: RunningServer;
  readonly #folder: string;
  /** When all targets had been scraped well. */
  #at: string | undefined;

  private constructor(server: RunningServer, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  /** @param targets paths by job, on which they are scraped: URLs. @param rules files with rules. */
  static async start(targets: Readonly<Record<string, string>>, rules: readonly string[] = []): Promise<Prometheus> {
    const program = findTool("prometheus");
    const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-prometheus-"));
    const config = path.join(folder, "prometheus.yml");
    const jobs = Object.entries(targets).map(([job, url]) => {
      const { host, pathname } = new URL(url);
      return { job_name: job, metrics_path: pathname, static_configs: [{ targets: [host] }] };
    });
    writeFileSync(
      config,
      stringify({
        global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
        rule_files: rules,
        scrape_configs: jobs,
      }),
    );
    const flags = [`--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, "data")}`, "--log.level=warn"];
    return new Prometheus(await startServer(program, flags, "/-/ready"), folder);
  }

  /**
   * The results of a query when all targets had been {@link scraped}: a later scrape may fail on a busy machine, and would
   * take its target out of what is found.
   *
   * @throws Error for one that is wrong.
   */
  query(query: string): Promise<readonly QueryResult[]> {
    return this.#query(query, this.#at);
  }

  async #query(query: string, time?: string): Promise<readonly QueryResult[]> {
    const parameters = new URLSearchParams({ query, ...(time !== undefined && { time }) });
    const result = (await this.#get(`query?${parameters.toString()}`)) as {
      resultType: string;
      result: readonly { metric: Record<string, string>; value: [number, string] }[];
    };
    if (result.resultType !== "vector") throw new Error(`${query}: it is a ${result.resultType}`);
    return result.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Waits until each target was scraped anew, and well. @throws Error with what stays wrong with a target. */
  async scraped(): Promise<void> {
    const begin = Date.now();
    for (;;) {
      const { activeTargets } = (await this.#get("targets")) as {
        activeTargets: readonly { scrapePool: string; lastScrape: string; lastError: string }[];
      };
      const failed = activeTargets.filter(({ lastError }) => lastError !== "");
      const times = activeTargets.map(({ lastScrape }) => Date.parse(lastScrape));
      if (failed.length === 0 && times.length > 0 && times.every((time) => time > begin)) {
        // Prometheus may move a scrape's time by some milliseconds.
        this.#at = new Date(Math.max(...times) + 10).toISOString();
        return;
      }
      if (Date.now() - begin > 30_000) {
        const wrong = failed.map((one) => `${one.scrapePool}: ${one.lastError}`).join("\n");
        throw new Error(wrong || "nothing was scraped for 30 seconds");
      }
      await sleep(100);
    }
  }

  /** Waits until all rules were evaluated anew, and gives the labels of the alerts that fire. */
  async alerts(): Promise<readonly Record<string, string>[]> {
    const deadline = Date.now() + 30_000;
    for (let begin = Date.now(); ;) {
      const { groups } = (await this.#get("rules")) as {
        groups: readonly { lastEvaluation: string; rules: readonly { lastError?: string }[] }[];
      };
      const errors = groups.flatMap(({ rules }) => rules.flatMap(({ lastError }) => lastError || []));
      if (errors.length > 0) throw new Error(errors.join("\n"));
      if (groups.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > begin)) {
        const { alerts } = (await this.#get("alerts")) as {
          alerts: readonly { labels: Record<string, string>; state: string }[];
        };
        // The rules do not see a target whose last scrape failed, as one may on a busy machine.
        const unseen = await this.#query("min_over_time(up[5s]) == 0");
        if (unseen.length === 0) return alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels);
        begin = Date.now();
      }
      if (Date.now() > deadline) throw new Error("the rules were not evaluated as they should be for 30 seconds");
      await sleep(100);
    }
  }

  /** The unit that a job gave a metric. */
  async unitOf(job: string, metric: string): Promise<string | undefined> {
    const query = new URLSearchParams({ match_target: `{job="${job}"}`, metric });
    const [found] = (await this.#get(`targets/metadata?${query.toString()}`)) as readonly { unit: string }[];
    return found?.unit;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #get(pathAndQuery: string): Promise<unknown> {
    const response = await fetch(`${this.#server.url}/api/v1/${pathAndQuery}`);
    const answer = (await response.json()) as { status: string; error?: string; data?: unknown };
    if (answer.status !== "success") throw new Error(answer.error);
    return answer.data;
  }
}
