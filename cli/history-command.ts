import { type Command, Option } from "commander";
import { CHANGE_FORMATS, type ChangeFormat } from "./format-changes";
import { once, parseNow } from "./audit-options";

interface HistoryOptions {
  readonly history: string;
  readonly since?: number;
  readonly format: ChangeFormat;
  readonly export?: string;
}

/** `motherduck-tokens history`: what a ledger knows. */
export function addHistoryCommand(program: Command, io: Pick<typeof process, "stdout" | "env"> = process): void {
  const ledger = () =>
    new Option("--history <ledger>", "the ledger: a DuckDB file, or md:<database> in MotherDuck")
      .argParser(once)
      .makeOptionMandatory();
  const history = program.command("history").description("Tell from a ledger what changed.");
  history
    .command("show", { isDefault: true })
    .description("What changed with the last run, or since a date.")
    .addOption(ledger())
    .option("--since <date>", "what was seen since this instant, ISO 8601; default: by the last run", parseNow)
    .addOption(new Option("--format <format>", "the format").choices(CHANGE_FORMATS).default("text"))
    .option("--export <folder>", "write each view as a Parquet file into this folder instead", once)
    .action(async (options: HistoryOptions) => {
      const { showHistory } = await import("./run-history");
      await showHistory(options, io);
    });
  history
    .command("import <reports...>")
    .description("Record audits of earlier reports: files that --report json=<file> wrote.")
    .addOption(ledger())
    .action(async (files: string[], options: HistoryOptions) => {
      const { importReports } = await import("./run-history");
      await importReports(files, options, io);
    });
  history
    .command("upgrade")
    .description("Make the ledger one of this version.")
    .addOption(ledger())
    .action(async (options: HistoryOptions) => {
      const { upgradeLedger } = await import("./run-history");
      await upgradeLedger(options, io);
    });
}
