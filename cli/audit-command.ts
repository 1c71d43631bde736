import { DEFAULT_SETTINGS } from "../client/settings";
import { type Command, Option } from "commander";
import { ACCOUNTS } from "../client/select-users";
import { REPORT_NAMES } from "../reports";
import { DEFAULT_METRIC_LIMIT, METRIC_LABELS } from "../reports/metric-options";
import {
  type AuditOptions,
  collect,
  findContradiction,
  once,
  parseConcurrency,
  parseLocation,
  parseMetricLimit,
  parseNow,
  parseReport,
} from "./audit-options";

/** `motherduck-tokens audit`: judges tokens by the rules of the pack, without a deployment. */
export function addAuditCommand(program: Command): void {
  const audit = program.command("audit").description("Judge tokens by the rules, without a deployment.");
  audit
    .optionsGroup("Evidence (one of them):")
    .option("--all", "everybody in the organization, from the live API")
    .option("--user <name>", "this user, from the live API; * and ? match any text and character; repeatable", collect)
    .option("--state <file>", 'a stack, as "pulumi stack export" prints it; - is standard input', once)
    .option("--events <file>", "the engine's events of a preview, one JSON object per line; - is standard input", once)
    .optionsGroup("Judging:")
    .addOption(new Option("--accounts <kind>", "with --all: whom to judge").choices(ACCOUNTS).default("all"))
    .option(
      "--owner <name>",
      "only what this owner has to do, in reports and in the exit code; * and ? match any text and character; repeatable",
      collect,
    )
    .option(
      "--config <file>",
      "the pack's settings file: rules, groups, owners, waivers; default: $MOTHERDUCK_TOKENS_CONFIG",
      once,
    )
    .option("--rules <file>", "a JavaScript module that exports custom rules, which judge beside these", once)
    .option("--now <date>", "judge as of this instant, ISO 8601; default: the current time", parseNow)
    .addOption(
      new Option("--fail-on <level>", "exit with 1 for findings at this level or above")
        .choices(["mandatory", "advisory", "none"])
        .default("mandatory"),
    )
    .option("--baseline <file>", "known findings; reports mark them", once)
    .option(
      "--fail-on-new",
      "ignore known findings in the exit code: those of --baseline, or else of runs that the ledger has as accepted",
    )
    .option("--write-baseline <file>", "write the findings of this audit as a baseline", once)
    .option(
      "--history <ledger>",
      "record this audit in a ledger: a DuckDB file, or md:<database> in MotherDuck; default: the settings file's history",
      once,
    )
    .option("--no-history", "do not record it, whatever the settings file says")
    .optionsGroup("Output:")
    .option(
      "--report <format[=file]>",
      `${REPORT_NAMES.join(", ")}; without a file, to standard output in place of text; repeatable`,
      parseReport,
    )
    .option("--location <file>", "the file that findings point to in code scanning", parseLocation, "Pulumi.yaml")
    .addOption(
      new Option(
        "--metric-labels <what>",
        "the label that separates token dates in openmetrics; default: type",
      ).choices(METRIC_LABELS),
    )
    .option(
      "--metric-limit <n>",
      `owners, users or tokens with dates of their own in openmetrics; default: ${DEFAULT_METRIC_LIMIT}`,
      parseMetricLimit,
    )
    .option(
      "--concurrency <n>",
      `users read at the same time; default: ${DEFAULT_SETTINGS.concurrency}`,
      parseConcurrency,
    )
    .option("--quiet", "no text and no progress")
    .addHelpText("after", HELP)
    .action(async (options: AuditOptions) => {
      const { findFileConflict } = await import("./find-file-conflict");
      const contradiction = findContradiction(options) ?? findFileConflict(options, process.env);
      if (contradiction !== undefined) audit.error(`error: ${contradiction}`);
      const { runAudit } = await import("./run-audit");
      process.exitCode = await runAudit(options);
    });
}

const HELP = `
Environment:
  MOTHERDUCK_ADMIN_TOKEN    a read_write token of a user with the Admin role (or MOTHERDUCK_API_TOKEN, MOTHERDUCK_TOKEN)
  MOTHERDUCK_API_URL        the API's base URL
  MOTHERDUCK_TOKENS_CONFIG  the settings file, as for the pack; its content can be in MOTHERDUCK_TOKENS_CONFIG_TEXT
  motherduck_token          for --history md:…, the token of the database's owner

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  something could not be read or judged; what could be judged is in the reports, which say so

Examples:
  $ motherduck-tokens audit --all
  $ motherduck-tokens audit --user 'svc_*' --config motherduck-tokens.yaml --report html=tokens.html
  $ motherduck-tokens audit --all --owner data-platform
  $ pulumi stack export | motherduck-tokens audit --state - --report sarif=tokens.sarif
  $ PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json | motherduck-tokens audit --events -
  $ motherduck-tokens audit --all --report openmetrics=/var/lib/prometheus/node-exporter/motherduck_tokens.prom
  $ motherduck-tokens audit --all --write-baseline baseline.json --fail-on none
  $ motherduck-tokens audit --all --baseline baseline.json --fail-on-new
  $ motherduck-tokens audit --all --history tokens.duckdb
  $ motherduck-tokens history accept --history tokens.duckdb
  $ motherduck-tokens audit --all --history tokens.duckdb --fail-on-new`;
