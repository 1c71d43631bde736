import { type Command, type CommandOptions, InvalidArgumentError, Option } from "commander";
import { CONFIG_VARIABLE } from "../policies/configuration/configuration";
import { CHANGE_FORMATS, type ChangeFormat } from "./format-changes";
import { once, parseNow } from "./audit-options";

interface LedgerOptions {
  readonly history?: string;
  readonly config?: string;
}

interface ShowOptions extends LedgerOptions {
  readonly since?: number;
  readonly format: ChangeFormat;
  readonly export?: string;
}

interface AcceptOptions extends LedgerOptions {
  readonly run?: number;
}

/** `motherduck-tokens history`: reads and maintains a ledger. */
export function addHistoryCommand(program: Command, io: Pick<typeof process, "stdout" | "env"> = process): void {
  const history = program.command("history").description("Show what changed, from a ledger of audits.");
  const addCommand = (name: string, options?: CommandOptions) =>
    history
      .command(name, options)
      .option(
        "--history <ledger>",
        "the ledger: a DuckDB file, or md:<database> in MotherDuck; default: the settings file's history",
        once,
      )
      .option("--config <file>", `the settings file; default: $${CONFIG_VARIABLE}`, once);
  const ledgerOf = async (options: LedgerOptions) => {
    const { requireLedger } = await import("./find-ledger");
    return requireLedger(options, io.env);
  };
  addCommand("show", { isDefault: true })
    .description("Show what changed in the last run, or since a date.")
    .option("--since <date>", "show what was seen since this instant, ISO 8601; default: in the last run", parseNow)
    .addOption(new Option("--format <format>", "the output format").choices(CHANGE_FORMATS).default("text"))
    .option("--export <folder>", "write each view as a Parquet file into this folder instead", once)
    .action(async (options: ShowOptions) => {
      const { showHistory } = await import("./run-history");
      await showHistory({ ...options, history: await ledgerOf(options) }, io);
    });
  addCommand("import <reports...>")
    .description("Record earlier audits from their JSON reports (--report json=<file>).")
    .action(async (files: string[], options: LedgerOptions) => {
      const { importReports } = await import("./run-history");
      await importReports(files, { history: await ledgerOf(options) }, io);
    });
  addCommand("accept")
    .description("Make the findings of a run known to audits with --fail-on-new.")
    .option("--run <number>", "the run; default: the last one", parseRun)
    .action(async (options: AcceptOptions) => {
      const { acceptFindings } = await import("./run-history");
      await acceptFindings({ ...options, history: await ledgerOf(options) }, io);
    });
  addCommand("upgrade")
    .description("Upgrade the ledger to this version.")
    .action(async (options: LedgerOptions) => {
      const { upgradeLedger } = await import("./run-history");
      await upgradeLedger({ history: await ledgerOf(options) }, io);
    });
}

/** @throws InvalidArgumentError unless the text is a run's number. */
function parseRun(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Give a run's number, such as 12.");
  return Number(text);
}
