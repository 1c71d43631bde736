import { Command } from "commander";
import { messageOf } from "../core/error-message";
import { version } from "../core/version";

async function runCommand(): Promise<void> {
  const program = new Command("motherduck-tokens")
    .description("Rules for MotherDuck API tokens, without a deployment.")
    .version(version)
    .showHelpAfterError("(run with --help for the options)")
    // Commander exits with 1 for a mistake in the arguments, but here 1 means violations.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  const { addAuditCommand } = await import("./audit-command");
  const { addRulesCommand } = await import("./rules-command");
  addAuditCommand(program);
  addRulesCommand(program);
  const { addHistoryCommand } = await import("./history-command");
  addHistoryCommand(program);
  const { addNotifyCommand } = await import("./notify-command");
  addNotifyCommand(program);
  await program.parseAsync();
}

/** Runs the command that the process was started with. Each loads what it needs when it runs, so that the start stays fast. */
export function main(): void {
  runCommand().catch((error: unknown) => {
    process.stderr.write(`motherduck-tokens: ${messageOf(error)}\n`);
    process.exitCode = 2;
  });
}
