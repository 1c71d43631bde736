import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { after, before, describe, it } from "mocha";
import prettier from "prettier";
import { openmetricsReport } from "../../reports/openmetrics";
import { buildDashboard } from "../../tools/grafana-dashboard";
import { ROOT } from "../../tools/sandbox";
import { auditHeader, changes, STACK_FINDING, USERS, write } from "../unit/reports/fixture";
import { Prometheus } from "./prometheus";
import type { RunningServer } from "./server";
import { findToolOrSkip } from "./tools";
import { startWebServer } from "./web-server";

const FILE = path.join(ROOT, "examples/monitoring/grafana-dashboard.json");

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly options?: unknown;
  readonly fieldConfig?: { readonly defaults?: { readonly custom?: unknown } };
  readonly targets?: readonly { readonly expr: string }[];
}

const ajv = new Ajv({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);

/** Grafana's schema, or a definition in it. */
function schemaOf(name: string, definition?: string): ValidateFunction {
  const file = path.join(__dirname, "schemas", `${name}.jsonschema.json`);
  const schema = JSON.parse(readFileSync(file, "utf8")) as object;
  return ajv.compile(definition === undefined ? schema : { ...schema, $ref: `#/definitions/${definition}` });
}

describe("the dashboard of examples/monitoring", () => {
  let dashboard: { panels: readonly Panel[]; templating: { list: readonly { query: string }[] } };
  const panels = () => dashboard.panels.filter(({ type }) => type !== "row");

  before(async () => {
    const text = await prettier.format(JSON.stringify(buildDashboard()), { parser: "json", printWidth: 120 });
    if (process.env.UPDATE_DOCS) writeFileSync(FILE, text);
    assert.equal(readFileSync(FILE, "utf8"), text, "run npm run docs:monitoring");
    dashboard = JSON.parse(text) as typeof dashboard;
  });

  it("is right by Grafana's schema", () => {
    const validate = schemaOf("dashboard");
    assert.ok(validate(dashboard), JSON.stringify(validate.errors));
    assert.ok(!validate({ ...dashboard, panel: [] }), "a key misspelt");
    assert.ok(!validate({ ...dashboard, panels: [{ title: "without a type" }] }));
  });

  it("has panels whose options are right by the schema of their type", () => {
    for (const { type, title, options, fieldConfig } of panels()) {
      const validate = schemaOf(type, "Options");
      assert.ok(validate(options), `${title}: ${JSON.stringify(validate.errors)}`);
      const custom = fieldConfig?.defaults?.custom;
      if (custom === undefined) continue;
      const validateField = schemaOf(type, "FieldConfig");
      assert.ok(validateField(custom), `${title}: ${JSON.stringify(validateField.errors)}`);
    }
    assert.ok(panels().length > 10);
  });

  it("has each panel in a place of its own, in Grafana's 24 columns, and with a name of its own", () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of dashboard.panels) {
      const { x, y, w, h } = gridPos;
      assert.ok(x >= 0 && x + w <= 24, title);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          assert.ok(!taken.has(`${column},${row}`), title);
          taken.add(`${column},${row}`);
        }
      }
    }
    assert.equal(new Set(dashboard.panels.map(({ title }) => title)).size, dashboard.panels.length);
  });

  it("has queries that are right by the schema of Prometheus' data source", () => {
    const validate = schemaOf("prometheus");
    for (const target of panels().flatMap(({ targets = [] }) => targets)) {
      assert.ok(validate(target), `${target.expr}: ${JSON.stringify(validate.errors)}`);
    }
  });

  describe("in a real Prometheus", () => {
    let web: RunningServer;
    let prometheus: Prometheus;
    before(async function () {
      this.timeout(60_000);
      await findToolOrSkip(this, "prometheus");
      const text = write(
        openmetricsReport,
        USERS,
        { findings: [STACK_FINDING], sinceLastRun: changes() },
        auditHeader({ organization: "acme" }),
      );
      web = await startWebServer({ "/acme": { type: "text/plain", text: () => text } });
      prometheus = await Prometheus.start({ node: `${web.url}/acme` });
      await prometheus.scraped();
    });
    after(async () => {
      await prometheus?.stop();
      await web?.stop();
    });

    it("has a number in each panel", async () => {
      for (const { title, targets = [] } of panels()) {
        assert.ok(targets.length > 0, title);
        for (const { expr } of targets) {
          for (const organization of ["acme", ".*"]) {
            const found = await prometheus.query(expr.replaceAll("$organization", organization));
            assert.ok(found.length > 0, `${title}: ${expr}`);
            assert.ok(
              found.every(({ value }) => Number.isFinite(value)),
              title,
            );
          }
          assert.deepEqual(await prometheus.query(expr.replaceAll("$organization", "other")), [], title);
        }
      }
    });

    it("offers the organizations to choose from", async () => {
      const [, label_values = ""] =
        /^label_values\((.*), organization\)$/.exec(dashboard.templating.list[1]?.query ?? "") ?? [];
      const found = await prometheus.query(label_values);
      assert.deepEqual(
        found.map(({ metric }) => metric.organization),
        ["acme"],
      );
    });
  });
});
