import type { Command } from "commander";
import { AuditError } from "../audit/audit-error";
import { CONFIG_VARIABLE } from "../policies/configuration/configuration";
import { once, parseNow } from "./audit-options";
import type { NotifyOptions } from "./run-notify";

type Io = Pick<typeof process, "stdin" | "stdout" | "stderr" | "env"> & { exitCode?: typeof process.exitCode };

/** `motherduck-tokens notify`: tells owners what is due. */
export function addNotifyCommand(program: Command, io: Io = process): void {
  program
    .command("notify")
    .description("Tell owners once about tokens that expire and new findings, from an audit's JSON report.")
    .requiredOption("--report <file>", "the JSON report of an audit (--report json=<file>); - is standard input", once)
    .option(
      "--history <ledger>",
      "the ledger that keeps what was sent: a DuckDB file, or md:<database> in MotherDuck; default: the settings file's history",
      once,
    )
    .option("--config <file>", `the settings file, with notify; default: $${CONFIG_VARIABLE}`, once)
    .option("--now <date>", "show what is due at this instant, ISO 8601; only with --dry-run", parseNow)
    .option("--dry-run", "print who would get what; send and record nothing")
    .addHelpText(
      "after",
      "\nExit codes: 0 everything that is due was sent; 2 something was not, or the report is incomplete.",
    )
    .action(async (options: NotifyOptions) => {
      if (options.now !== undefined && options.dryRun !== true) {
        throw new AuditError("--now requires --dry-run: the ledger records when something was sent.");
      }
      const { runNotify } = await import("./run-notify");
      io.exitCode = await runNotify(options, io);
    });
}
