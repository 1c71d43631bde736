import assert from "node:assert/strict";
import { InvalidArgumentError } from "commander";
import { describe, it } from "mocha";
import {
  type AuditOptions,
  findContradiction,
  once,
  parseConcurrency,
  parseLocation,
  parseMetricLimit,
  parseNow,
  parseReport,
} from "../../../cli/audit-options";
import { failureOf } from "../support";

const options = (fields: Partial<AuditOptions>): AuditOptions => ({
  accounts: "all",
  failOn: "mandatory",
  location: "Pulumi.yaml",
  ...fields,
});

describe("the options of audit", () => {
  it("take a report with and without a file; the file's name may hold equals signs", () => {
    const reports = ["text", "sarif=out.sarif", "csv=a=b.csv"].reduce(
      (previous, text) => parseReport(text, previous),
      parseReport("json"),
    );
    assert.deepEqual(reports, [
      { format: "json" },
      { format: "text" },
      { format: "sarif", file: "out.sarif" },
      { format: "csv", file: "a=b.csv" },
    ]);
  });

  for (const text of ["", "xml", "SARIF", "sarif=", "=x", "text "]) {
    it(`refuse the report "${text}"`, async () => {
      const { message } = await failureOf(() => parseReport(text), InvalidArgumentError);
      assert.match(
        message,
        text === "sarif=" ? /^The file name after the equals sign is missing/ : /^Formats are text, json, sarif/,
      );
    });
  }

  it("take a dash in place of a report's file for standard output", () => {
    assert.deepEqual(parseReport("json=-"), [{ format: "json" }]);
  });

  it("refuse a second value where one is used", async () => {
    assert.equal(once("a.json", undefined), "a.json");
    const { message } = await failureOf(() => once("b.json", "a.json"), InvalidArgumentError);
    assert.match(message, /Give it only once: a\.json was given before/);
  });

  it("take an instant, and refuse what is none", async () => {
    assert.equal(parseNow("2026-03-01T12:00:00Z"), Date.UTC(2026, 2, 1, 12));
    for (const text of ["", "tomorrow", "2026-13-01"]) {
      const { message } = await failureOf(() => parseNow(text), InvalidArgumentError);
      assert.match(message, /^Give an ISO 8601 date/);
    }
  });

  it("take a file to point at, and refuse none: an unset variable", async () => {
    assert.equal(parseLocation("infra/Pulumi.yaml"), "infra/Pulumi.yaml");
    for (const text of ["", " ", "\t"]) {
      const { message } = await failureOf(() => parseLocation(text), InvalidArgumentError);
      assert.match(message, /^Give a file name/);
    }
  });

  it("take a number of users at a time, and refuse what is none", async () => {
    assert.equal(parseConcurrency("256"), 256);
    for (const text of ["", "0", "257", "1.5", "-1", "1e2", "many"]) {
      const { message } = await failureOf(() => parseConcurrency(text), InvalidArgumentError);
      assert.match(message, /^Give a whole number from 1 to 256/);
    }
  });

  it("take a limit for metrics, and refuse what is none", async () => {
    assert.equal(parseMetricLimit("100000"), 100_000);
    for (const text of ["", "0", "100001", "1.5", "all"]) {
      const { message } = await failureOf(() => parseMetricLimit(text), InvalidArgumentError);
      assert.match(message, /^Give a whole number from 1 to 100000/);
    }
  });

  for (const fields of [
    { all: true },
    { all: true, accounts: "humans" },
    { user: ["ada", "svc_*"] },
    { all: true, owner: ["data-platform", "#*"], history: false },
    { state: "-" },
    { events: "-", report: [{ format: "json" }, { format: "sarif", file: "a.sarif" }] },
    { all: true, baseline: "b.json", failOnNew: true, writeBaseline: "b.json" },
    { all: true, report: [{ format: "openmetrics" }], metricLabels: "token", metricLimit: 5 },
    { all: true, report: [{ format: "openmetrics" }], metricLabels: "owner", metricLimit: 5 },
  ] satisfies Partial<AuditOptions>[]) {
    it(`go together: ${JSON.stringify(fields)}`, () => {
      assert.equal(findContradiction(options(fields)), undefined);
    });
  }

  for (const { fields, says } of [
    { fields: {}, says: /say what to audit/ },
    { fields: { all: true, state: "s.json" }, says: /--all and --state exclude each other/ },
    { fields: { all: true, state: "" }, says: /--all and --state exclude each other/ },
    { fields: { user: ["ada"], events: "-" }, says: /--user and --events exclude each other/ },
    { fields: { user: ["ada"], accounts: "humans" }, says: /--accounts requires --all/ },
    {
      fields: { all: true, report: [{ format: "json" }, { format: "csv" }] },
      says: /only one report can go to standard/,
    },
    { fields: { all: true, now: 0, report: [{ format: "openmetrics" }] }, says: /openmetrics and --now exclude each/ },
    { fields: { all: true, owner: ["a"], history: "a.duckdb" }, says: /--history and --owner exclude each other/ },
    {
      fields: { all: true, owner: ["a"], report: [{ format: "openmetrics" }] },
      says: /openmetrics and --owner exclude/,
    },
    { fields: { all: true, metricLabels: "user" }, says: /--metric-labels and --metric-limit require --report openm/ },
    { fields: { all: true, metricLimit: 5 }, says: /--metric-labels and --metric-limit require --report openm/ },
    {
      fields: { all: true, report: [{ format: "openmetrics" }], metricLimit: 5 },
      says: /--metric-limit requires --metric-labels owner, user or token/,
    },
  ] satisfies { fields: Partial<AuditOptions>; says: RegExp }[]) {
    it(`contradict each other: ${JSON.stringify(fields)}`, () => {
      assert.match(findContradiction(options(fields)) ?? "", says);
    });
  }
});
