import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import type { JudgedUser } from "../../audit/result";
import { openmetricsReport } from "../../reports/openmetrics";
import type { ReportChoices } from "../../reports/report";
import { pythonCheckers } from "../../tools/ci-checkers";
import { getOrSkip } from "../get-or-skip";
import {
  auditHeader,
  changes,
  FAILURE,
  HOSTILE_NAMES,
  HOSTILE_OWNERS,
  HOSTILE_USER,
  OWNED_USERS,
  STACK_FINDING,
  USERS,
  write,
} from "../unit/reports/fixture";
import { HOSTILE_NAMES as MORE_HOSTILE_NAMES } from "../unit/reports/hostile";
import { judged } from "../unit/reports/fixture";
import { userToken } from "../unit/support";
import { Prometheus } from "./prometheus";
import { type RunningServer, startServer } from "./server";
import { findToolOrSkip } from "./tools";
import { startWebServer } from "./web-server";

const by =
  (choices: ReportChoices): typeof openmetricsReport =>
  (header, target) =>
    openmetricsReport(header, target, choices);
const hostile: readonly JudgedUser[] = [
  HOSTILE_USER,
  ...MORE_HOSTILE_NAMES.map((name, index) => judged(name, [userToken({ id: `more-${index}`, name })])),
];

/** Reports of every kind: who reads one has to be able to read them all. */
const REPORTS = {
  complete: write(openmetricsReport, USERS, { findings: [STACK_FINDING], sinceLastRun: changes() }),
  incomplete: write(openmetricsReport, USERS, { failures: [FAILURE] }),
  refused: write(openmetricsReport, [], { failures: [{ ...FAILURE, cause: "unauthorized" }] }),
  "by user": write(by({ metricLabels: "user" }), USERS, {}, auditHeader({ organization: 'ac"me\\' })),
  "by owner": write(by({ metricLabels: "owner" }), OWNED_USERS),
  hostile: write(by({ metricLabels: "token" }), hostile),
  "hostile owners": write(by({ metricLabels: "owner" }), [HOSTILE_OWNERS]),
  "at the limit": write(by({ metricLabels: "token", metricLimit: 2 }), hostile),
} as const;

/** What the formats are called in HTTP. */
const TYPES = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const;

describe("the metrics of a report", () => {
  describe("have nothing against them", () => {
    for (const [name, text] of Object.entries(REPORTS)) {
      it(`in promtool check metrics: ${name}`, async function () {
        const promtool = await findToolOrSkip(this, "promtool");
        const { exitCode, all } = await execa(promtool, ["check", "metrics"], {
          input: text,
          reject: false,
          all: true,
        });
        assert.deepEqual({ exitCode, all }, { exitCode: 0, all: "" });
      });
    }

    it("in the reference parser of OpenMetrics", async function () {
      this.timeout(300_000);
      const python = path.join(await getOrSkip(this, pythonCheckers), "python");
      const parse = (input: string) => execa(python, ["-c", PARSE], { input, reject: false, all: true });
      for (const [name, text] of Object.entries(REPORTS)) {
        const { exitCode, stdout, all } = await parse(text);
        assert.equal(exitCode, 0, `${name}: ${all}`);
        const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("# "));
        assert.equal(Number(stdout), lines.length, name);
      }
      const broken = REPORTS.complete.replace("# EOF\n", "");
      assert.equal((await parse(broken)).exitCode, 1, "a report without its end");
    });
  });

  describe("are scraped by a real Prometheus", () => {
    let web: RunningServer;
    let prometheus: Prometheus;
    before(async function () {
      this.timeout(60_000);
      await findToolOrSkip(this, "prometheus");
      const jobs = Object.entries(REPORTS).flatMap(([name, text]) =>
        Object.entries(TYPES).map(([format, type]) => ({ job: `${name} as ${format}`, type, text })),
      );
      const pages = Object.fromEntries(jobs.map(({ type, text }, index) => [`/${index}`, { type, text: () => text }]));
      web = await startWebServer(pages);
      prometheus = await Prometheus.start(
        Object.fromEntries(jobs.map(({ job }, index) => [job, `${web.url}/${index}`])),
      );
      await prometheus.scraped();
    });
    after(async () => {
      await prometheus?.stop();
      await web?.stop();
    });

    for (const [name, text] of Object.entries(REPORTS)) {
      it(`as both formats alike: ${name}`, async () => {
        const scraped = await Promise.all(
          Object.keys(TYPES).map(async (format) => {
            const results = await prometheus.query(`{__name__=~"motherduck_.*",job="${name} as ${format}"}`);
            return results
              .map(({ metric, value }) => JSON.stringify([{ ...metric, job: "", instance: "" }, value]))
              .sort();
          }),
        );
        assert.deepEqual(scraped[0], scraped[1]);
        assert.equal(scraped[0]?.length, text.split("\n").filter((line) => line.startsWith("motherduck_")).length);
      });
    }

    it("by the parser of each format: only OpenMetrics has units", async () => {
      const units = await Promise.all(
        Object.keys(TYPES).map((format) =>
          prometheus.unitOf(`complete as ${format}`, "motherduck_audit_last_run_timestamp_seconds"),
        ),
      );
      assert.deepEqual(units, ["", "seconds"]);
    });

    it("with each hostile name whole, and in no other label", async () => {
      const found = await prometheus.query(`motherduck_token_creation_timestamp_seconds{job="hostile as openmetrics"}`);
      const tokens = hostile.flatMap((user) => user.tokens.map((token) => ({ user: user.username, token })));
      assert.equal(found.length, tokens.length);
      assert.ok(tokens.length > HOSTILE_NAMES.length + 20);
      for (const { user, token } of tokens) {
        const { metric } = found.find((one) => one.metric.token_id === token.id) ?? assert.fail(token.id);
        assert.equal(metric.user, cut(user), token.id);
        assert.equal(metric.token ?? "", cut(token.name ?? ""), token.id);
        const labels = [
          "__name__",
          "instance",
          "job",
          ...(metric.token === undefined ? [] : ["token"]),
          "token_id",
          "type",
          "user",
        ];
        assert.deepEqual(Object.keys(metric).sort(), labels);
      }
    });
  });

  it("are given to Prometheus by node_exporter's textfile collector", async function () {
    const program = await findToolOrSkip(this, "nodeExporter");
    const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-textfile-"));
    writeFileSync(path.join(folder, "acme.prom"), REPORTS["by user"]);
    writeFileSync(path.join(folder, "motherduck_tokens.prom"), REPORTS.hostile);
    // A report that is being written has a name like this.
    writeFileSync(path.join(folder, "motherduck_tokens.prom.0b6f.tmp"), REPORTS.hostile.slice(0, 500));
    const flags = ["--collector.disable-defaults", "--collector.textfile", `--collector.textfile.directory=${folder}`];
    const exporter = await startServer(program, flags, "/");
    try {
      const text = await (await fetch(`${exporter.url}/metrics`)).text();
      assert.match(text, /^node_textfile_scrape_error 0$/m);
      assert.doesNotMatch(text, /Metric read from/, "help that differs between files");
      const samples = (all: string) => all.match(/^motherduck_/gm)?.length;
      assert.equal(samples(text), (samples(REPORTS["by user"]) ?? 0) + (samples(REPORTS.hostile) ?? 0));
    } finally {
      await exporter.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("are taken by a Pushgateway", async function () {
    const gateway = await startServer(await findToolOrSkip(this, "pushgateway"), [], "/-/ready");
    try {
      for (const text of Object.values(REPORTS)) {
        const { status } = await fetch(`${gateway.url}/metrics/job/motherduck_tokens`, { method: "PUT", body: text });
        assert.equal(status, 200);
        const pushed = await (await fetch(`${gateway.url}/metrics`)).text();
        assert.equal(pushed.match(/^motherduck_/gm)?.length, text.match(/^motherduck_/gm)?.length);
      }
    } finally {
      await gateway.stop();
    }
  });
});

/** Reads metrics as strictly as OpenMetrics has it, and counts the samples. */
const PARSE = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(sum(len(family.samples) for family in text_string_to_metric_families(sys.stdin.read())))
`;

function cut(name: string): string {
  return name.length > 500 ? `${name.slice(0, 500)}…` : name;
}
