import assert from "node:assert/strict";
import type { AsyncLocalStorage } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import { describe, it } from "mocha";
import {
  ApiError,
  getUserTokens,
  getUserTokensOutput,
  MotherDuckTokensError,
  NetworkError,
  SettingsError,
} from "../../../provider/index";
import { ROOT } from "../../../tools/sandbox";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { assertHidden, failureOf, goneStandIn, useStandIn } from "../support";
import { useEnvironment } from "./environment";

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
    const { stdout } = await execa(process.execPath, args, { cwd: ROOT, env, timeout: 50_000 });
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
});

/** Where the SDK keeps what belongs to a run, for all copies of itself in a process. */
const sdk = globalThis as unknown as { globalStore: object; asyncLocalStorage: AsyncLocalStorage<object> };

describe("a program that reads tokens itself", () => {
  const api = useStandIn();
  useEnvironment(() => api.standIn.env);

  const namesOf = ({ tokens }: { tokens: readonly { name?: string }[] }) => tokens.map(({ name }) => name);

  /** Runs something as the SDK runs an inline program: with a stack of its own. */
  function inRun<T>(program: () => Promise<T>): Promise<T> {
    return sdk.asyncLocalStorage.run({ ...sdk.globalStore, stackResource: {} }, program);
  }

  it("gets them from the API that its environment names, as a promise and as an output", async () => {
    const names = ["laptop", "notebook"];
    const result = await getUserTokens({ username: "ada" });
    assert.deepEqual([result.username, namesOf(result)], ["ada", names]);
    const output = getUserTokensOutput({ username: pulumi.output("ada") });
    assert.deepEqual(namesOf(await new Promise((resolve) => void output.apply(resolve))), names);
  });

  it("asks for a user once a run, and again in another run, or outside of one", async () => {
    const twice = async () => {
      await getUserTokens({ username: "ada" });
      await getUserTokens({ username: "ada" });
    };
    await inRun(twice);
    assert.equal(api.standIn.readsOf("ada"), 1);
    await inRun(twice);
    assert.equal(api.standIn.readsOf("ada"), 2);
    await twice();
    assert.equal(api.standIn.readsOf("ada"), 4);
  });

  it("gets nothing in a run that was read with other settings", async () => {
    const token = "the-token-of-another-organization";
    api.standIn.organizations[token] = { ada: [] };
    await inRun(async () => {
      assert.equal((await getUserTokens({ username: "ada" })).tokens.length, 2);
      process.env.MOTHERDUCK_ADMIN_TOKEN = token;
      assert.deepEqual(await getUserTokens({ username: "ada" }), { username: "ada", tokens: [] });
    });
  });

  it("gets an error without the API token where the API refuses", async () => {
    api.standIn.script("ada", { ...ERRORS.forbidden, body: { message: api.standIn.token, code: "FORBIDDEN" } });
    const error = await failureOf(() => getUserTokens({ username: "ada" }));
    assert.match(error.message, /ada.*403 FORBIDDEN/s);
    assertHidden(error, api.standIn.token);
  });

  it("gets errors that tell a user who does not exist from a network that is down", async () => {
    const unknown = await failureOf(() => getUserTokens({ username: "nobody" }), ApiError);
    const { status, code, username, reason } = unknown;
    assert.deepEqual({ status, code, username }, { status: 404, code: "NOT_FOUND", username: "nobody" });
    assert.equal(unknown.message, `could not read the tokens of user "nobody": ${reason}`);
    process.env.MOTHERDUCK_API_URL = (await goneStandIn()).url;
    const down = await failureOf(() => getUserTokens({ username: "ada" }), NetworkError);
    assert.deepEqual([down.status, down.code, down.username], [undefined, "ECONNREFUSED", "ada"]);
    const unsendable = await failureOf(() => getUserTokens({ username: "" }), SettingsError);
    assert.ok([unknown, down, unsendable].every((error) => error instanceof MotherDuckTokensError));
  });
});
