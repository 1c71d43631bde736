import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import ICAL from "ical.js";
import MarkdownIt from "markdown-it";
import { after, before, describe, it } from "mocha";
import { REPORT_NAMES, type ReportName } from "../../reports";
import { MARKDOWN_LIMIT } from "../../reports/markdown";
import { readMetrics } from "../../reports/openmetrics/exposition";
import { ROOT } from "../../tools/sandbox";
import { StandIn } from "../../tools/stand-in/stand-in";
import {
  assertHtml,
  assertJunit,
  readCsv,
  readGithub,
  readGitlab,
  readJson,
  readSarif,
} from "../unit/reports/validators";
import { accessibilityFaults, assertCalm, open } from "./support";

/** Who breaks the rules, and which. */
const USERS = ["grace", "svc_bi"];
const RULES = ["tokens-must-expire", "max-read-write-tokens"];
/** Metrics tell of no user unless they are asked to, and a calendar of no rule. */
const NAMED: Partial<Record<ReportName, readonly string[]>> = { openmetrics: RULES, ical: USERS };

describe("one command, all reports", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-reports-"));
  const fileOf = (format: ReportName) => path.join(folder, format);
  const textOf = (format: ReportName) => readFileSync(fileOf(format), "utf8");
  let token: string;

  before(async () => {
    const api = await StandIn.start();
    const reports = REPORT_NAMES.flatMap((format) => ["--report", `${format}=${fileOf(format)}`]);
    const command = [path.join(ROOT, "dist/cli/main.js"), "audit", "--all", "--quiet", ...reports];
    const { exitCode, all } = await execa(process.execPath, command, { env: api.env, reject: false, all: true });
    await api.stop();
    token = api.token;
    assert.deepEqual({ exitCode, all }, { exitCode: 1, all: "" });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Holds a report to its format. */
  const validators: Record<ReportName, (text: string) => void | Promise<void>> = {
    text(text) {
      assert.match(text, /^Failed: 2 mandatory findings/m);
      assert.doesNotMatch(text, /[^\P{Cc}\n]/u, "colours, in a file");
    },
    json: (text) => assert.equal(readJson(text).summary.exitCode, 1),
    sarif: (text) => assert.equal(readSarif(text).results.filter(({ level }) => level === "error").length, 2),
    junit: assertJunit,
    gitlab: (text) => assert.ok(readGitlab(text).length >= 2),
    github: (text) => assert.equal(readGithub(text).filter(({ kind }) => kind === "error").length, 2),
    markdown(text) {
      assert.match(new MarkdownIt({ html: true }).render(text), /<table>[^]*<td>mandatory<\/td>/);
      assert.ok(Buffer.byteLength(text) < MARKDOWN_LIMIT);
    },
    csv: (text) => assert.equal(readCsv(text).at(-1)?.status, "exit code 1"),
    openmetrics(text) {
      assert.match(text, /^motherduck_audit_complete 1$/m);
      assert.ok(readMetrics(text));
    },
    ical: (text) => assert.equal(new ICAL.Component(ICAL.parse(text) as unknown[]).name, "vcalendar"),
    plan: (text) => assert.match(new MarkdownIt().render(text), /<ol>\n<li>\n<p><strong>Create<\/strong>/),
    // A shell reads it, and runs nothing.
    "plan-sh": async (text) => void (await execa("sh", ["-n"], { input: text })),
    async html(text) {
      await assertHtml(text);
      const opened = await open(text);
      await assertCalm(opened);
      assert.deepEqual(await accessibilityFaults(opened.page), []);
    },
  };

  for (const format of REPORT_NAMES) {
    it(`${format}: passes its own validator, names users and rules, and holds no credential`, async () => {
      const text = textOf(format);
      await validators[format](text);
      for (const word of NAMED[format] ?? [...USERS, ...RULES]) {
        assert.ok(text.includes(word), word);
      }
      assert.ok(!text.includes(token));
    });
  }
});
