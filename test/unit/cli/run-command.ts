import { Writable } from "node:stream";
import { Command } from "commander";

/** The parts of the process that a command uses, and that a test can look at. */
export interface CommandIo {
  readonly stdout: NodeJS.WriteStream & { fd: 1 };
  readonly stderr: NodeJS.WriteStream & { fd: 2 };
  readonly env: NodeJS.ProcessEnv;
  exitCode: number | string | undefined;
}

/** What a command printed, and its exit code. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: CommandIo["exitCode"];
}

/** Runs a command in this process. Mistakes in its arguments throw a `CommanderError`, and print nothing. */
export async function runCommand(
  add: (program: Command, io: CommandIo) => void,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  const printed = { stdout: "", stderr: "" };
  const streamTo = <Name extends keyof typeof printed>(name: Name) =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        printed[name] += chunk.toString();
        done();
      },
    }) as unknown as CommandIo[Name];
  const io: CommandIo = { stdout: streamTo("stdout"), stderr: streamTo("stderr"), env, exitCode: undefined };
  const program = new Command("motherduck-tokens");
  add(program, io);
  const commands = (command: Command): Command[] => [command, ...command.commands.flatMap(commands)];
  for (const command of commands(program)) command.exitOverride().configureOutput({ writeErr: () => undefined });
  await program.parseAsync(args, { from: "user" });
  return { ...printed, exitCode: io.exitCode };
}
