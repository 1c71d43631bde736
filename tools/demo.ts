// `npm run demo`: the gate at work on the real engine, with a stand-in for the MotherDuck API.
import path from "node:path";
import { styleText } from "node:util";
import { findPulumi } from "./pulumi-cli/find-pulumi";
import { PACK, ROOT, type RunResult, Sandbox } from "./sandbox";
import { StandIn } from "./stand-in/stand-in";

const USERNAMES = ["ada", "svc_etl", "svc_bi", "grace"];

async function main(): Promise<void> {
  const cli = await findPulumi(say);
  say(`Pulumi ${cli.version}, a stand-in of the MotherDuck API on loopback, and examples/guarded-stack,`);
  say(`which declares the tokens of ${USERNAMES.join(", ")}. Nothing leaves this machine.`);
  const api = await StandIn.start();
  const stack = await Sandbox.create({
    cli,
    env: { ...api.env, PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
    copyOf: path.join(ROOT, "examples/guarded-stack"),
    config: { "guarded-stack:usernames": USERNAMES },
  });
  try {
    heading("1. svc_bi holds a token that never expires, grace holds three read_write tokens");
    const blocked = await preview(stack);
    const violations = [/tokens-must-expire .*: svc_bi\)/, /max-read-write-tokens .*: grace\)/];
    verdict(
      blocked.code !== 0 && violations.every((v) => v.test(blocked.output)),
      "The deployment is blocked, by both rules.",
    );

    heading("2. The same, after they cleaned up: one token replaced, two revoked");
    api.cleanUp();
    const passed = await preview(stack);
    verdict(passed.code === 0 && passed.output.includes("✅ motherduck-tokens"), "The deployment passes.");
    say(`\nNext: README.md, "Use it in your project".`);
  } finally {
    await stack.remove();
    await api.stop();
  }
}

async function preview(stack: Sandbox): Promise<RunResult> {
  say(paint("dim", "$ pulumi preview --policy-pack policies\n"));
  const colour = process.stdout.hasColors?.() && !process.env.NO_COLOR ? "always" : "never";
  const command = ["preview", "--policy-pack", PACK, "--color", colour, "--suppress-progress"];
  return stack.pulumi(command, { onOutput: (text) => process.stdout.write(text) });
}

function verdict(asExpected: boolean, text: string): void {
  if (!asExpected) throw new Error(`the demo did not go as it should; expected: ${text}`);
  say(paint("green", `→ ${text}`));
}

function heading(text: string): void {
  say(`\n${paint("bold", text)}`);
}

function paint(style: "bold" | "dim" | "green", text: string): string {
  return process.stdout.hasColors?.() && !process.env.NO_COLOR ? styleText(style, text) : text;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
