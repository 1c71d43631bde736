import assert from "node:assert/strict";
import { Command, CommanderError } from "commander";
import { describe, it } from "mocha";
import { addAuditCommand } from "../../../cli/audit-command";
import { failureOf } from "../support";

/** Parses options of `audit`; mistakes throw, and print nothing. */
async function parse(...args: string[]): Promise<void> {
  const program = new Command("motherduck-tokens");
  addAuditCommand(program);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  await program.parseAsync(["audit", ...args], { from: "user" });
}

describe("the command audit", () => {
  for (const option of ["--state", "--events", "--config", "--baseline", "--write-baseline"]) {
    it(`refuses ${option} twice: the first would be ignored silently`, async () => {
      const { message } = await failureOf(() => parse(option, "a.json", option, "b.json"), CommanderError);
      assert.match(message, new RegExp(`${option} .*Give it only once: a\\.json was given before`));
    });
  }

  for (const { args, says } of [
    { args: ["--state", "a.json", "b.json"], says: /too many arguments/ },
    { args: ["--al"], says: /unknown option '--al'/ },
    { args: [], says: /say what to audit/ },
    {
      args: ["--state", __filename, "--report", `json=${__dirname}/../cli/audit-command.test.ts`],
      says: /are one file, which would be read and overwritten/,
    },
  ]) {
    it(`refuses ${JSON.stringify(args)}`, async () => {
      assert.match((await failureOf(() => parse(...args), CommanderError)).message, says);
    });
  }
});
