import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import type { RunResult, Sandbox } from "../../tools/sandbox";
import type { Reply } from "../../tools/stand-in/stand-in";
import { assertFails, assertOk, Lab, preview, up } from "./support";

/** Clears the screen, sets the title, starts a line of its own, goes back in it, reorders it. */
const HOSTILE = "x\u001b[2J\u001b]0;title\u0007\n    error: forged line\r\u202edetrever\u009b31m";
const SHOWN = "x\\u001b[2J\\u001b]0;title\\u0007\\u000a    error: forged line\\u000d\\u202edetrever\\u009b31m";

// Everything but the line break.
// eslint-disable-next-line no-control-regex -- these are the characters to find
const UNPRINTABLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

// The SDK colours the errors of programs, also where no terminal is; `HOSTILE` holds none of these.
// eslint-disable-next-line no-control-regex -- these are the characters to find
const COLOUR = /\u001b\[\d+m/g;

function assertPrintable(result: RunResult): void {
  const output = result.output.replace(COLOUR, "");
  assert.doesNotMatch(output, UNPRINTABLE);
  assert.doesNotMatch(output, /^\s*error: forged line/m);
}

describe("terminal escapes, line breaks and reordering marks", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(
      `const ada = new md.UserTokens("ada", { username: "ada" });
       exports.names = ada.tokens.apply((tokens) => tokens.map(({ name }) => name));
       exports.read = md.getUserTokens({ username: "ada" }).then(({ tokens }) => tokens);`,
    );
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  it("in a server's error reach no terminal and forge no line", async () => {
    const body = { message: HOSTILE, code: HOSTILE, issues: [{ message: HOSTILE }] };
    for (const [reply, ...args] of [
      [{ status: 400, body }],
      [{ status: 400, body }, "--diff"],
      [{ status: 302, body, headers: { location: "/\u009b31m" } }],
      [{ body: { tokens: [{ id: HOSTILE }] } }],
      [{ body: { tokens: HOSTILE } }, "--diff"],
    ] as [Reply, ...string[]][]) {
      lab.api.script("ada", reply);
      const result = await preview(stack, ...args);
      assertFails(result, `could not read the tokens of user "ada"`);
      assertPrintable(result);
    }
  });

  describe("in a token", () => {
    before(() => {
      for (const token of lab.api.users.ada ?? []) token.name = HOSTILE;
    });

    it("reach no terminal through previews, diffs and outputs, which show them by number", async () => {
      for (const run of [
        () => preview(stack, "--diff"),
        () => up(stack),
        () => stack.pulumi(["stack", "output"]),
        () => stack.pulumi(["stack", "output", "names"]),
        () => stack.pulumi(["stack", "--show-ids"]),
      ]) {
        const result = await run();
        assertOk(result);
        assertPrintable(result);
      }
      const { output } = await stack.pulumi(["stack", "output", "names", "--json"]);
      assert.deepEqual(JSON.parse(output), [SHOWN, SHOWN]);
    });

    it("are no change in the next run", async () => {
      assertOk(await preview(stack, "--expect-no-changes"));
    });

    it("reach no terminal when they change, or when they break a rule in each of their fields", async () => {
      const [token] = lab.api.users.ada ?? [];
      assert.ok(token);
      Object.assign(token, { id: HOSTILE, token_type: HOSTILE, expire_at: HOSTILE, created_ts: HOSTILE });
      for (const run of [
        () => preview(stack),
        () => preview(stack, "--diff"),
        () => stack.pulumi(["refresh", "--yes", "--diff"]),
      ]) {
        assertPrintable(await run());
      }
      assertFails(await preview(stack), "ada / ", "forged line", "is not a date");
    });
  });
});
