import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { lt } from "semver";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import type { Sandbox } from "../../tools/sandbox";
import { assertFails, assertOk, Lab, packFiles, preview, projectFiles, stateOf, up } from "./support";

const PROGRAM = `new md.UserTokens("ada", { username: "ada" });`;

/** What streams every event of the engine as JSON lines. */
const STREAM = { env: { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" } };

/** A version of the CLI that no longer logs what it sends to providers. */
const NOT_LOGGED_IN = "3.274.1";

/** The files below a folder. `readdir` with `recursive` follows links in some versions of Node.js, and here they go in circles. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(place) : entry.isFile() ? [place] : [];
  });
}

/** The files below a folder that hold a text, also where they are compressed. */
function filesWith(folder: string, text: string): string[] {
  return filesBelow(folder).filter((file) => {
    const content = readFileSync(file);
    return (file.endsWith(".gz") ? gunzipSync(content) : content).includes(text);
  });
}

/** Runs `pulumi` at the highest verbosity, with its output in a file: it can be more than a string should hold. */
async function logged(stack: Sandbox, ...args: string[]): Promise<{ code: number; log: Buffer }> {
  const line = 'pulumi "$@" --logtostderr -v=9 >engine.log 2>&1';
  const { code } = await stack.run("bash", ["-c", line, "bash", ...args]);
  return { code, log: readFileSync(path.join(stack.project, "engine.log")) };
}

describe("an API token from the environment", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(PROGRAM);
  });
  after(() => lab.stop());

  it("is in no event stream and in no JSON document of a preview", async () => {
    for (const options of [STREAM, {}]) {
      const { code, output } = await stack.pulumi(["preview", "--json", "--debug"], options);
      assert.equal(code, 0, output);
      assert.ok(output.includes("_provenance"));
      assert.ok(!output.includes(lab.api.token));
    }
  });

  it("is in no state, backup, history, output or log, not even at the highest verbosity", async () => {
    const { code, log } = await logged(stack, "up", "--yes", "--debug");
    assert.equal(code, 0);
    // The search would find it: log and state are there, with what was read.
    const [token] = lab.api.users.ada ?? [];
    assert.ok(log.includes(token?.id ?? "?"));
    assert.ok(filesWith(stack.backend, token?.id ?? "?").length > 0);
    assert.ok(lab.api.requests.every(({ headers }) => headers.authorization?.includes(lab.api.token)));

    assert.ok(!log.includes(lab.api.token));
    assert.deepEqual(filesWith(path.dirname(stack.backend), lab.api.token), []);
    // A second update moves the first one's checkpoint into a backup.
    assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
    const found = filesWith(stack.backend, token?.id ?? "?");
    for (const kind of [/\.json$/, /\.bak$/, /history/])
      assert.ok(
        found.some((file) => kind.test(file)),
        String(kind),
      );
    assert.deepEqual(filesWith(path.dirname(stack.backend), lab.api.token), []);
  });

  it("is in no crash output of a program that throws after reading, or because reading failed", async () => {
    // Not with `await`: the SDK needs half a minute to print an error with asynchronous frames.
    for (const [program, says] of [
      [
        `md.getUserTokens({ username: "ada" }).then((read) => { throw Object.assign(new Error("boom"), { md, read }); });`,
        "Error: boom",
      ],
      [`md.getUserTokens({ username: "nobody" });`, "404 NOT_FOUND"],
    ] as const) {
      stack.write(projectFiles(`${PROGRAM} ${program}`));
      const { code, log } = await logged(stack, "preview", "--debug");
      assert.notEqual(code, 0);
      assert.ok(log.includes(says));
      assert.ok(!log.includes(lab.api.token));
    }
    stack.write(projectFiles(PROGRAM));
  });

  it("is in no output when the API echoes it in an error", async () => {
    lab.api.script("ada", { status: 400, body: { message: `bad ${lab.api.token}`, code: lab.api.token } });
    const { code, log } = await logged(stack, "preview", "--debug");
    assert.notEqual(code, 0);
    assert.ok(log.includes("bad [token]"));
    assert.ok(!log.includes(lab.api.token));
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

  describe("as a secret, as SECURITY.md says,", () => {
    it("is in no event stream and in no output", async () => {
      for (const run of [
        () => stack.pulumi(["preview", "--json", "--debug"], STREAM),
        () => preview(stack, "--diff"),
      ]) {
        const { code, output } = await run();
        assert.equal(code, 0, output);
        assert.ok(!output.includes(lab.api.token));
      }
    });

    it("shows in the engine's own log at -v=9, with the versions of the CLI that SECURITY.md names", async () => {
      const { version } = await findPulumi(console.log);
      const { log } = await logged(stack, "preview");
      assert.ok(log.includes("ada"));
      assert.equal(log.includes(lab.api.token), lt(version, NOT_LOGGED_IN));
    });

    it("is in clear to every policy", async () => {
      stack.write(packFiles("spy", SPY));
      const result = await stack.pulumi(["preview", "--policy-pack", "spy"]);
      // Backwards, because the engine takes secrets that it knows out of what policies report.
      assertFails(result, lab.api.token.split("").reverse().join(""));
    });
  });
});

/** A policy that tells, letter by letter from the end, what it finds in the inputs of the provider. */
const SPY = `{ name: "spy", description: "It looks for the API token.", validateResource({ type, props }, report) {
  if (type === "pulumi:providers:pulumi-nodejs") report(JSON.stringify(props).split("").reverse().join("")); } }`;
