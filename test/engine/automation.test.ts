import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { StandIn } from "../../tools/stand-in/stand-in";
import { assertOk, Lab } from "./support";

/** Two inline programs of the Automation API in one process, each with a stack, an API and a token of its own. */
const PROGRAM = `
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const md = require("pulumi-motherduck-tokens");
const [order, a, b] = JSON.parse(process.argv[2]);

let waiting = 2;
let open;
const bothAreThere = new Promise((resolve) => (open = resolve));

function programOf({ usernames }) {
  return async () => {
    if (order === "together") {
      if (--waiting === 0) open();
      await bothAreThere;
    }
    // In one tick with the other program's.
    usernames.forEach((username) => new md.UserTokens(username, { username }));
    const [first] = usernames;
    const read = await Promise.all([1, 2].map(() => md.getUserTokens({ username: first })));
    return { ids: read.map(({ tokens }) => tokens.map(({ id }) => id)) };
  };
}

async function run(name, stand) {
  const args = { stackName: name, projectName: "inline-" + name, program: programOf(stand) };
  const stack = await LocalWorkspace.createOrSelectStack(args, { workDir: process.cwd() + "/" + name });
  await stack.setAllConfig({
    "motherduck-tokens:apiUrl": { value: stand.url },
    "motherduck-tokens:apiToken": { value: stand.token, secret: true },
  });
  const { outputs } = await stack.up();
  return outputs.ids.value;
}

async function main() {
  const runs = [() => run("a", a), () => run("b", b)];
  const ids = [];
  if (order === "together") ids.push(...(await Promise.all(runs.map((start) => start()))));
  else for (const start of [...runs, runs[0]]) ids.push(await start());
  console.log("ids: " + JSON.stringify(ids));
}
main().catch((error) => { console.error(error); process.exitCode = 1; });
`;

describe("two inline programs in one process", () => {
  let lab: Lab;
  let other: StandIn;
  let sandbox: Sandbox;

  before(async () => {
    lab = await Lab.start();
    other = await StandIn.start();
    other.token = "canary-of-another-organization";
    sandbox = await lab.program("", { files: { "automation.js": PROGRAM, "a/.keep": "", "b/.keep": "" } });
  });
  afterEach(() => [lab.api, other].forEach((api) => api.reset()));
  after(async () => {
    await lab.stop();
    await other.stop();
  });

  async function run(order: "together" | "in turn"): Promise<unknown> {
    const [a, b] = [
      { url: lab.api.url, token: lab.api.token, usernames: ["ada", "svc_etl"] },
      { url: other.url, token: other.token, usernames: ["ada", "grace"] },
    ];
    // What the environment names is neither of the two.
    const env = { MOTHERDUCK_ADMIN_TOKEN: "wrong", MOTHERDUCK_API_URL: "http://127.0.0.1:9" };
    const args = ["automation.js", JSON.stringify([order, a, b])];
    const result = await sandbox.run(process.execPath, args, { env });
    assertOk(result);
    return JSON.parse(/^ids: (.*)$/m.exec(result.stdout)?.[1] ?? "null");
  }

  const idsOf = (api: StandIn) => api.users.ada?.map(({ id }) => id);
  const readBy = (api: StandIn) => [...new Set(api.requests.map(({ url }) => url))].sort();

  it("read what their own configuration names: one after the other, and one of them once more", async () => {
    other.users.ada = other.users.grace ?? [];
    const [a, b] = [idsOf(lab.api), idsOf(other)];
    assert.notDeepEqual(a, b);
    assert.deepEqual(await run("in turn"), [
      [a, a],
      [b, b],
      [a, a],
    ]);
    assert.deepEqual(readBy(lab.api), ["/v1/users/ada/tokens", "/v1/users/svc_etl/tokens"]);
    assert.deepEqual(readBy(other), ["/v1/users/ada/tokens", "/v1/users/grace/tokens"]);
    // Each run reads anew: the function once, and each resource in the preview and the update that it may have.
    assert.ok(lab.api.readsOf("ada") > other.readsOf("ada"));
  });

  it("read what their own configuration names: at the same time", async () => {
    other.users.ada = other.users.grace ?? [];
    const [a, b] = [idsOf(lab.api), idsOf(other)];
    assert.deepEqual(await run("together"), [
      [a, a],
      [b, b],
    ]);
    assert.deepEqual(readBy(lab.api), ["/v1/users/ada/tokens", "/v1/users/svc_etl/tokens"]);
    assert.deepEqual(readBy(other), ["/v1/users/ada/tokens", "/v1/users/grace/tokens"]);
  });
});
