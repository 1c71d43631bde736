import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { assertFails, assertOk, Lab, preview, stateOf, up } from "./support";

const PROGRAM = `new md.UserTokens("ada", { username: "ada" });`;

/** The files below a folder that hold a text, also where they are compressed. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => {
      const content = readFileSync(file);
      return (file.endsWith(".gz") ? gunzipSync(content) : content).includes(text);
    });
}

describe("an API token from the environment", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(PROGRAM);
  });
  after(() => lab.stop());

  it("is in no state, backup, history, output or log, not even at the highest verbosity", async () => {
    const result = await stack.pulumi(["up", "--yes", "--logtostderr", "-v=9", "--debug"]);
    assertOk(result);
    // The search would find it: log and state are there, with what was read.
    const [token] = lab.api.users.ada ?? [];
    assert.ok(result.output.includes(token?.id ?? "?"));
    assert.ok(filesWith(stack.backend, token?.id ?? "?").length > 0);
    assert.ok(lab.api.requests.every(({ headers }) => headers.authorization?.includes(lab.api.token)));

    assert.ok(!result.output.includes(lab.api.token));
    assert.deepEqual(filesWith(path.dirname(stack.backend), lab.api.token), []);
  });

  it("is in no output when the API echoes it in an error", async () => {
    lab.api.script("ada", { status: 400, body: { message: `bad ${lab.api.token}`, code: lab.api.token } });
    const result = await stack.pulumi(["preview", "--logtostderr", "-v=9", "--debug"]);
    assertFails(result, "bad [token]");
    assert.ok(!result.output.includes(lab.api.token));
    lab.api.reset();
  });

  it("is not in `__provider`, which holds nothing but the name of this package", async () => {
    const { userTokens } = await stateOf(stack);
    assert.equal(
      userTokens[0]?.inputs.__provider,
      `exports.handler=()=>require("pulumi-motherduck-tokens/dynamic-provider").userTokens`,
    );
  });
});

describe("an API token from the configuration", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(PROGRAM, { env: { MOTHERDUCK_ADMIN_TOKEN: "" } });
  });
  after(() => lab.stop());

  it("is refused as plain text, before anything is sent", async () => {
    assertOk(await stack.pulumi(["config", "set", "motherduck-tokens:apiToken", "plain-text-token"]));
    const result = await preview(stack);
    assertFails(result, "motherduck-tokens:apiToken is configured as plain text", "pulumi config set --secret");
    assert.ok(!result.output.includes("plain-text-token"));
    assert.equal(lab.api.requests.length, 0);
  });

  it("works as a secret, wins over the environment, and is ciphertext in state", async () => {
    assertOk(await stack.pulumi(["config", "set", "--secret", "motherduck-tokens:apiToken", lab.api.token]));
    const result = await stack.pulumi(["up", "--yes"], { env: { MOTHERDUCK_ADMIN_TOKEN: "not-this-one" } });
    assertOk(result);
    assert.equal(lab.api.requests.at(-1)?.headers.authorization, `Bearer ${lab.api.token}`);
    assert.ok(!result.output.includes(lab.api.token));
    assert.deepEqual(filesWith(path.dirname(stack.backend), lab.api.token), []);
    assertOk(await up(stack));
  });
});
