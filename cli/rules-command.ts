import path from "node:path";
import { type Command, Option } from "commander";
import { customRules } from "./custom-rules";

/** The formats of the list of rules. */
const FORMATS = ["text", "json", "markdown"] as const;

interface RulesOptions {
  readonly format: (typeof FORMATS)[number];
  readonly checkConfig?: string;
  readonly allowDisabled?: boolean;
  readonly rules?: string;
}

/** The parts of the process that the command uses. */
type Io = Pick<typeof process, "stdout" | "stderr" | "exitCode">;

/** `motherduck-tokens rules`: lists the rules, or checks a configuration. */
export function addRulesCommand(program: Command, io: Io = process): void {
  program
    .command("rules")
    .description("List the rules, or check a settings file or the JSON for --policy-pack-config.")
    .addOption(new Option("--format <format>", "the format of the list").choices(FORMATS).default("text"))
    .option(
      "--check-config <file>",
      "check this file, with what the engine hides from a pack: unknown names, disabled rules, exceptions",
    )
    .option("--rules <file>", "a JavaScript module that exports custom rules, listed and known beside these")
    .option("--allow-disabled", "with --check-config: rules may be switched off, or have exceptions")
    .addHelpText(
      "after",
      `
Exit codes of --check-config: 0 the file is right, 1 it switches rules off or excepts resources from
them, 2 it has mistakes.

Examples:
  $ motherduck-tokens rules --format markdown
  $ motherduck-tokens rules --check-config motherduck-tokens.yaml
  $ motherduck-tokens rules --check-config policies.json --allow-disabled`,
    )
    .action(async (options: RulesOptions) => {
      io.exitCode =
        options.checkConfig === undefined
          ? await listRules(options, io)
          : await reportMistakes(path.resolve(options.checkConfig), options, io);
    });
}

async function listRules({ format, rules }: RulesOptions, { stdout }: Io): Promise<number> {
  const { formatRules } = await import("./format-rules");
  const { streamSink } = await import("./report-sink");
  const sink = streamSink(stdout);
  const { resolveConfiguration } = await import("../policies/configuration/configuration");
  await sink.write(formatRules(format, resolveConfiguration(...(await customRules(rules))).rules));
  await sink.commit();
  return 0;
}

async function reportMistakes(
  file: string,
  { allowDisabled = false, rules }: RulesOptions,
  { stdout, stderr }: Io,
): Promise<number> {
  const { checkConfigFile } = await import("../policies/configuration/check-config");
  const { kind, mistakes, disabled, excepted } = checkConfigFile(
    file,
    Date.now(),
    (await customRules(rules))[0]?.customRules,
  );
  for (const mistake of mistakes) stderr.write(`${mistake}\n`);
  for (const name of disabled) stderr.write(`${file}: ${name} is disabled: nothing is judged by it\n`);
  for (const exception of excepted) stderr.write(`${file}: ${exception}\n`);
  if (mistakes.length > 0) return 2;
  if (disabled.length + excepted.length > 0 && !allowDisabled) return 1;
  stdout.write(`${file}: a ${kind} without mistakes\n`);
  return 0;
}
