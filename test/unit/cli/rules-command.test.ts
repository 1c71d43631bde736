import assert from "node:assert/strict";
import { CommanderError } from "commander";
import { describe, it } from "mocha";
import { formatRules } from "../../../cli/format-rules";
import { addRulesCommand } from "../../../cli/rules-command";
import { failureOf, temporaryFile } from "../support";
import { runCommand } from "./run-command";

describe("the command rules", () => {
  const run = (...args: string[]) => runCommand(addRulesCommand, ["rules", ...args]);

  for (const { args, format } of [
    { args: [], format: "text" },
    { args: ["--format", "json"], format: "json" },
    { args: ["--format", "markdown"], format: "markdown" },
  ] as const) {
    it(`prints the list as ${format} with ${JSON.stringify(args)}`, async () => {
      assert.deepEqual(await run(...args), { stdout: formatRules(format), stderr: "", exitCode: 0 });
    });
  }

  it("lists custom rules, without a page of this package", async () => {
    const rules = "examples/custom-policy-pack/rules.ts";
    const { stdout } = await run("--format", "markdown", "--rules", rules);
    assert.match(stdout, /^\| `tokens-carry-the-service-name` \|/m);
    assert.match(stdout, /^\| \[`max-token-age`\]\(docs\/rules\/max-token-age\.md\) \|/m);
  });

  it("refuses a format that it does not know", async () => {
    const { message } = await failureOf(() => run("--format", "xml"), CommanderError);
    assert.match(message, /'xml' is invalid\. Allowed choices are text, json, markdown/);
  });

  it("finds no mistakes in a right file, and tells what it is", async () => {
    const file = temporaryFile("right.yaml", "rules:\n  max-tokens-per-user: { max: 3 }\n");
    const stdout = `${file}: a settings file without mistakes\n`;
    assert.deepEqual(await run("--check-config", file), { stdout, stderr: "", exitCode: 0 });
  });

  it("ends with 2 for mistakes, which go to standard error", async () => {
    const file = temporaryFile("mistaken.yaml", "rules:\n  max-token-per-user: { max: 3 }\n");
    const { stdout, stderr, exitCode } = await run("--check-config", file, "--allow-disabled");
    assert.deepEqual([stdout, exitCode], ["", 2]);
    assert.match(stderr, /^.*mistaken\.yaml:2: .*did you mean max-tokens-per-user/);
  });

  it("ends with 1 where rules are disabled, and with 0 where that is allowed; it names them both times", async () => {
    const file = temporaryFile("lax.yaml", "rules:\n  tokens-must-expire: disabled\n");
    const stderr = `${file}: tokens-must-expire is disabled: nothing is judged by it\n`;
    assert.deepEqual(await run("--check-config", file), { stdout: "", stderr, exitCode: 1 });
    const stdout = `${file}: a settings file without mistakes\n`;
    assert.deepEqual(await run("--check-config", file, "--allow-disabled"), { stdout, stderr, exitCode: 0 });
  });

  it("does the same for exceptions of the engine's own", async () => {
    const match = [{ policies: ["tokens-must-expire"], targets: ["urn:pulumi:dev::program::a:b:UserTokens::svc_bi"] }];
    const exceptions = { "EXC-1": { reason: "ours", match } };
    const file = temporaryFile("policies.json", JSON.stringify({ version: 2, exceptions }));
    const stderr = `${file}: tokens-must-expire fails no run on 1 resource: exception EXC-1, without end (ours)\n`;
    assert.deepEqual(await run("--check-config", file), { stdout: "", stderr, exitCode: 1 });
    const stdout = `${file}: a CrossGuard configuration without mistakes\n`;
    assert.deepEqual(await run("--check-config", file, "--allow-disabled"), { stdout, stderr, exitCode: 0 });
  });
});
