import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { PACK, type RunResult, type Sandbox } from "../../tools/sandbox";
import { loadOrganization } from "../../tools/stand-in/organization";
import { ERRORS } from "../../tools/stand-in/stand-in";
import { assertFails, assertOk, Lab, stateOf, violationLines } from "./support";

/** What the stand-in's users do that `recommended` blocks. */
const BLOCKED = ["mandatory max-read-write-tokens program-dev", "mandatory tokens-must-expire program-dev"];

describe("a guard", () => {
  let lab: Lab;
  let empty: Sandbox;

  /** Runs a command with settings. */
  function run(
    stack: Sandbox,
    settings: object,
    args = ["preview"],
    env: Record<string, string> = {},
  ): Promise<RunResult> {
    stack.write({ "settings.yaml": JSON.stringify(settings) });
    const file = path.join(stack.project, "settings.yaml");
    return stack.pulumi([...args, "--policy-pack", PACK], { env: { MOTHERDUCK_TOKENS_CONFIG: file, ...env } });
  }

  const mandatory = (result: RunResult) => violationLines(result).filter((line) => line.startsWith("mandatory"));

  before(async () => {
    lab = await Lab.start();
    empty = await lab.program("");
  });
  beforeEach(() => {
    lab.api.reset();
    lab.api.users = loadOrganization().users;
  });
  after(() => lab.stop());

  it("blocks an empty program for what everybody's tokens are, and asks for each user once", async () => {
    const result = await run(empty, { guard: "everybody" });
    assertFails(result, /svc_bi \/ "dashboards" \([0-9a-f-]{36}\): never expires/, "grace: 3 active read_write tokens");
    assert.deepEqual([...new Set(mandatory(result))], BLOCKED);
    for (const username of Object.keys(lab.api.users)) assert.equal(lab.api.readsOf(username), 1, username);
    // And the listing: those who are there, and those who were deprovisioned.
    assert.equal(lab.api.requests.length, Object.keys(lab.api.users).length + 2);
    assert.ok(lab.api.requests.every(({ method }) => method === "GET"));
  });
});
