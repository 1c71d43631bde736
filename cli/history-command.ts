import { type Command, Option } from "commander";
import { CHANGE_FORMATS, type ChangeFormat } from "./format-changes";
import { once, parseNow } from "./audit-options";

interface HistoryOptions {
  readonly history: string;
  readonly since?: number;
  readonly format: ChangeFormat;
  readonly export?: string;
}

/** `motherduck-tokens history`: reads and maintains a ledger. */
export function addHistoryCommand(program: Command, io: Pick<typeof process, "stdout" | "env"> = process): void {
  const ledger = () =>
    new Option("--history <ledger>", "the ledger: a DuckDB file, or md:<database> in MotherDuck")
      .argParser(once)
      .makeOptionMandatory();
  const history = program.command("history").description("Show what changed, from a ledger of audits.");
  history
    .command("show", { isDefault: true })
    .description("Show what changed in the last run, or since a date.")
    .addOption(ledger())
    .option("--since <date>", "show what was seen since this instant, ISO 8601; default: in the last run", parseNow)
    .addOption(new Option("--format <format>", "the output format").choices(CHANGE_FORMATS).default("text"))
    .option("--export <folder>", "write each view as a Parquet file into this folder instead", once)
    .action(async (options: HistoryOptions) => {
      const { showHistory } = await import("./run-history");
      await showHistory(options, io);
    });
  history
    .command("import <reports...>")
    .description("Record earlier audits from their JSON reports (--report json=<file>).")
    .addOption(ledger())
    .action(async (files: string[], options: HistoryOptions) => {
      const { importReports } = await import("./run-history");
      await importReports(files, options, io);
    });
  history
    .command("upgrade")
    .description("Upgrade the ledger to this version.")
    .addOption(ledger())
    .action(async (options: HistoryOptions) => {
      const { upgradeLedger } = await import("./run-history");
      await upgradeLedger(options, io);
    });
}
