import assert from "node:assert/strict";
import { execa } from "execa";
import { describe, it } from "mocha";
import { ROOT } from "../../../tools/sandbox";
import { useStandIn } from "../support";

/** A unit test of a program, in a process of its own: mocks are for a whole process. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const calls = [];
const answer = JSON.parse(process.argv.at(-1));
const call = (args) => {
  calls.push({ token: args.token, inputs: args.inputs });
  return answer ?? args.inputs;
};
pulumi.runtime.setMocks({ call, newResource: ({ name, inputs }) => ({ id: name, state: inputs }) });
const md = require("./provider");
const valueOf = (output) => new Promise((resolve) => output.apply(resolve));
async function main() {
  new md.UserTokens("ada", { username: "ada" });
  new md.OrganizationTokens("all");
  const promised = await md.getUserTokens({ username: "ada" }).catch(({ message }) => message);
  const output = answer && (await valueOf(md.getUserTokensOutput({ username: pulumi.output("grace") })));
  console.log(JSON.stringify({ calls, promised, output }));
}
main();
`;

describe("a program's unit test with mocks", () => {
  const api = useStandIn();

  async function run(answer: object | null): Promise<Record<string, unknown>> {
    const args = ["-r", "ts-node/register/transpile-only", "-e", PROGRAM, JSON.stringify(answer)];
    const env = { ...process.env, ...api.standIn.env };
    const { stdout } = await execa(process.execPath, args, { cwd: ROOT, env, timeout: 15_000 });
    // With the real address and token in its environment.
    assert.equal(api.standIn.requests.length, 0);
    return JSON.parse(stdout) as Record<string, unknown>;
  }
  const token = "motherduck-tokens:index:getUserTokens";

  it("gets what the mocks answer, as a promise and as an output, and sends nothing", async () => {
    const answer = {
      username: "ada",
      tokens: [{ id: "t1", createdTs: "2026-01-01", readOnly: false, tokenType: "x" }],
    };
    assert.deepEqual(await run(answer), {
      calls: [
        { token, inputs: { username: "ada" } },
        { token, inputs: { username: "grace" } },
      ],
      promised: answer,
      output: answer,
    });
  });

  it("is told what to answer where the mocks give their inputs back, and sends nothing", async () => {
    const { promised } = await run(null);
    assert.match(
      String(promised),
      /^the mocks answer motherduck-tokens:index:getUserTokens without tokens\. Let `call`/,
    );
  });
}).timeout(30_000);
