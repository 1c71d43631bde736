import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { parse, stringify } from "yaml";
import { type AuditHeader, FAILURE_CAUSES, type JudgedUser } from "../../audit/result";
import { DAY, HOUR } from "../../core/duration";
import { openmetricsReport } from "../../reports/openmetrics";
import { readMetrics } from "../../reports/openmetrics/exposition";
import type { ReportChoices } from "../../reports/report";
import { tokensMustExpire } from "../../policies/rules";
import { ROOT } from "../../tools/sandbox";
import { auditHeader, changes, FAILURE, judged, STACK_FINDING, USERS, write } from "../unit/reports/fixture";
import { endlessToken, userToken } from "../unit/support";
import { Prometheus } from "./prometheus";
import type { RunningServer } from "./server";
import { findToolOrSkip } from "./tools";
import { type Page, startWebServer } from "./web-server";

const FOLDER = path.join(ROOT, "examples/monitoring");
const RULES = path.join(FOLDER, "alerts.yml");

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity: string };
}

const rules = parse(readFileSync(RULES, "utf8")) as RuleFile;
const alerts = rules.groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));

describe("the alerts of examples/monitoring", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-alerts-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs promtool's tests of rules. */
  function testRules(promtool: string, file: RuleFile) {
    writeFileSync(path.join(folder, "alerts.yml"), stringify(file));
    writeFileSync(path.join(folder, "alerts.test.yml"), readFileSync(path.join(FOLDER, "alerts.test.yml")));
    return execa(promtool, ["test", "rules", path.join(folder, "alerts.test.yml")], { reject: false, all: true });
  }

  it("have nothing that promtool finds", async function () {
    const promtool = await findToolOrSkip(this, "promtool");
    const { exitCode, all } = await execa(promtool, ["check", "rules", RULES], { reject: false, all: true });
    assert.equal(exitCode, 0, all);
    assert.match(all, /SUCCESS: \d+ rules found\n*$/);
  });

  it("fire and resolve in a simulated week as they are to", async function () {
    const promtool = await findToolOrSkip(this, "promtool");
    const { exitCode, all } = await execa(promtool, ["test", "rules", path.join(FOLDER, "alerts.test.yml")], {
      reject: false,
      all: true,
    });
    assert.equal(exitCode, 0, all);
  });

  for (const removed of alerts) {
    it(`would be missed in the simulation: ${removed}`, async function () {
      const promtool = await findToolOrSkip(this, "promtool");
      const groups = rules.groups.map((group) => ({
        ...group,
        rules: group.rules.filter(({ alert }) => alert !== removed),
      }));
      assert.equal((await testRules(promtool, { groups })).exitCode, 1);
    });
  }

  for (const [what, from, to] of [
    ["a later alarm", "26 * 3600", "28 * 3600"],
    ["an earlier alarm", "26 * 3600", "24 * 3600"],
    [
      "an incomplete audit that counts as a complete one",
      "motherduck_audit_complete == 1",
      "motherduck_audit_complete >= 0",
    ],
    [
      "a metric that is gone and takes the alerts with it",
      "unless on (job, instance, organization) motherduck_audit_complete == 1",
      "and on (job, instance, organization) motherduck_audit_complete == 0",
    ],
    ["a 403 about one user that counts as refused", " unless on (job, instance, organization) motherduck_users", ""],
  ] as const) {
    it(`would turn the simulation red with ${what}`, async function () {
      const promtool = await findToolOrSkip(this, "promtool");
      const changed = readFileSync(RULES, "utf8").replaceAll(from, to);
      assert.notEqual(changed, readFileSync(RULES, "utf8"));
      assert.equal((await testRules(promtool, parse(changed) as RuleFile)).exitCode, 1);
    });
  }

  it("and their simulation name metrics and labels that reports have", () => {
    const known = new Map<string, Map<string, Set<string>>>();
    const reports = [
      write(openmetricsReport, USERS, { findings: [STACK_FINDING], sinceLastRun: changes() }),
      write(
        (header, target) => openmetricsReport(header, target, { metricLabels: "token" }),
        [...USERS, judged("svc_bi", [userToken({ id: "scaling", tokenType: "read_scaling" })])],
      ),
    ];
    for (const [name, samples] of reports.flatMap((text) => [...(readMetrics(text) ?? [])])) {
      const labels = known.get(name) ?? new Map<string, Set<string>>();
      known.set(name, labels);
      for (const [label, value] of samples.flatMap((sample) => Object.entries(sample.labels))) {
        labels.set(label, (labels.get(label) ?? new Set()).add(value));
      }
    }
    const recorded = new Set(rules.groups.flatMap((group) => group.rules.flatMap(({ record }) => record ?? [])));
    const texts = [readFileSync(RULES, "utf8"), readFileSync(path.join(FOLDER, "alerts.test.yml"), "utf8")];
    let found = 0;
    for (const [, name = "", selector = ""] of texts.join("\n").matchAll(/\b(motherduck[_:][\w:]+)(?:\{([^}]*)\})?/g)) {
      if (recorded.has(name)) continue;
      const labels = known.get(name) ?? assert.fail(`${name} is no metric of a report`);
      for (const [, label = "", value = ""] of selector.matchAll(/(\w+)="([^"]*)"/g)) {
        found++;
        if (["job", "instance", "organization"].includes(label)) continue;
        const values = labels.get(label) ?? assert.fail(`${name} has no label ${label}`);
        if (!["user", "token", "token_id"].includes(label))
          assert.ok(values.has(value), `${name} has no ${label} ${value}`);
      }
    }
    assert.ok(found > 50, String(found));
  });

  it("are those of docs/monitoring.md, with their severities and causes", () => {
    const page = readFileSync(path.join(ROOT, "docs/monitoring.md"), "utf8");
    const told = [...page.matchAll(/^\| `(MotherDuck\w+)` +\| (\w+) /gm)].map(([, name, severity]) => [name, severity]);
    const written = rules.groups.flatMap((group) =>
      group.rules.flatMap(({ alert, labels }) => (alert === undefined ? [] : [[alert, labels?.severity]])),
    );
    assert.deepEqual(told, written);
    const [, table = ""] = /\| `cause` .*?\n\|[- |]+\n(.*?)\n(?!\|)/s.exec(page) ?? [];
    const causes = table.split("\n").flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)]);
    assert.deepEqual(causes.map(([, cause]) => cause).sort(), [...FAILURE_CAUSES, "other"].sort());
  });

  describe("in a real Prometheus", () => {
    const now = Date.now();
    const at = (days: number) => new Date(now + days * DAY).toISOString();
    const users: readonly JudgedUser[] = [
      judged("ada", [userToken({ id: "a", createdTs: at(-10), expireAt: at(2) })]),
      judged("svc_bi", [endlessToken({ id: "b", createdTs: at(-10) })], [tokensMustExpire]),
    ];
    const clean = [judged("ada", [userToken({ id: "a", createdTs: at(-10), expireAt: at(60) })])];
    const owned = users.slice(0, 1).map((user) => ({
      ...user,
      tokens: user.tokens.map((token) => ({ ...token, owner: { name: "#data", foundBy: "user setting" as const } })),
    }));
    const report = (
      who: readonly JudgedUser[],
      closing: Parameters<typeof write>[2] = {},
      header: Partial<AuditHeader> = {},
      choices: ReportChoices = {},
      earlier?: string,
    ) =>
      write(
        (about, target) => openmetricsReport(about, target, choices),
        who,
        closing,
        auditHeader({ now: at(0), ...header }),
        {
          color: false,
          ...(earlier !== undefined && { earlier: () => earlier }),
        },
      );
    const refused = { failures: [{ ...FAILURE, cause: "unauthorized" as const }] };
    const stale = (hours: number) => report(clean, {}, { now: new Date(now - hours * HOUR).toISOString() });
    /** What each job gives to be scraped, and the alerts that it raises. */
    const JOBS: Record<string, { text: string; fires: readonly string[] }> = {
      clean: { text: report(clean), fires: [] },
      findings: {
        text: report(users),
        fires: [
          "MotherDuckMandatoryFindings",
          "MotherDuckTokenExpiring",
          "MotherDuckTokenExpiringNow",
          "MotherDuckTokenNeverExpires",
        ],
      },
      "by token": {
        text: report(users, {}, {}, { metricLabels: "token" }),
        fires: [
          "MotherDuckMandatoryFindings",
          "MotherDuckTokenExpiring",
          "MotherDuckTokenExpiringNow",
          "MotherDuckTokenNeverExpires",
        ],
      },
      "by owner": {
        text: report(owned, {}, {}, { metricLabels: "owner" }),
        fires: ["MotherDuckTokenExpiring", "MotherDuckTokenExpiringNow"],
      },
      partial: { text: report(clean, { failures: [FAILURE] }, {}, {}, stale(24)), fires: ["MotherDuckReadErrors"] },
      refused: { text: report([], refused, {}, {}, stale(24)), fires: ["MotherDuckCredentialsRefused"] },
      "refused for days": {
        text: report([], refused, {}, {}, stale(60)),
        fires: ["MotherDuckCredentialsRefused", "MotherDuckNoCompleteAudit"],
      },
      "never complete": {
        text: report([], refused),
        fires: ["MotherDuckCredentialsRefused", "MotherDuckNoCompleteAudit"],
      },
      "not running": { text: stale(27), fires: ["MotherDuckAuditNotRunning"] },
    };
    let web: RunningServer;
    let prometheus: Prometheus;
    let firing: readonly Record<string, string>[];

    before(async function () {
      this.timeout(60_000);
      await findToolOrSkip(this, "prometheus");
      const pathOf = (job: string) => `/${job.replaceAll(" ", "-")}`;
      const pages: Record<string, Page> = {};
      for (const [job, { text }] of Object.entries(JOBS)) pages[pathOf(job)] = { type: "text/plain", text: () => text };
      web = await startWebServer(pages);
      const targets: Record<string, string> = {};
      for (const job of Object.keys(JOBS)) targets[job] = web.url + pathOf(job);
      prometheus = await Prometheus.start(targets, [RULES]);
      await prometheus.scraped();
      firing = await prometheus.alerts();
    });
    after(async () => {
      await prometheus?.stop();
      await web?.stop();
    });

    for (const [job, { fires }] of Object.entries(JOBS)) {
      it(`${fires.length === 0 ? "none fires" : `fires ${fires.join(" and ")}`}: ${job}`, () => {
        const names = firing.filter((alert) => alert.job === job).map(({ alertname }) => alertname);
        assert.deepEqual(names.sort(), fires);
      });
    }

    it("says whose token it is, where reports tell tokens apart", () => {
      const found = firing.find(({ job, alertname }) => job === "by token" && alertname === "MotherDuckTokenExpiring");
      assert.deepEqual([found?.user, found?.token_id, found?.type], ["ada", "a", "read_write"]);
      const alert = firing.find(({ job, alertname }) => job === "by owner" && alertname === "MotherDuckTokenExpiring");
      assert.deepEqual([alert?.owner, alert?.type], ["#data", "read_write"]);
    });
  });
});
