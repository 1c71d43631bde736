import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it } from "mocha";
import { openReports } from "../../../cli/open-reports";
import { auditHeader, USERS } from "../reports/fixture";

/** The text that goes to standard output. */
async function textOn(stdout: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv): Promise<string> {
  const stream = Object.assign(new PassThrough({ highWaterMark: 1e6 }), stdout);
  const reports = await openReports({}, auditHeader(), {
    stdout: stream as unknown as NodeJS.WriteStream,
    stderr: process.stderr,
    env,
  });
  for (const user of USERS) await reports.user(user);
  stream.end();
  return text(stream);
}

describe("the text of an audit", () => {
  for (const { isTTY, env, coloured } of [
    { isTTY: true, env: {}, coloured: true },
    { isTTY: false, env: {}, coloured: false },
    { isTTY: true, env: { TERM: "dumb" }, coloured: false },
    { isTTY: true, env: { NO_COLOR: "1" }, coloured: false },
    { isTTY: true, env: { NO_COLOR: "" }, coloured: true },
    { isTTY: false, env: { FORCE_COLOR: "1" }, coloured: true },
    { isTTY: false, env: { FORCE_COLOR: "" }, coloured: false },
    { isTTY: true, env: { FORCE_COLOR: "0" }, coloured: false },
    { isTTY: true, env: { FORCE_COLOR: "false" }, coloured: false },
    { isTTY: true, env: { FORCE_COLOR: "1", NO_COLOR: "1" }, coloured: false },
  ]) {
    const place = isTTY ? "a terminal" : "a file";
    it(`is ${coloured ? "coloured" : "plain"} on ${place} with ${JSON.stringify(env)}`, async () => {
      const shown = await textOn({ isTTY, columns: 80 }, env);
      assert.ok(shown.includes("svc_bi"));
      assert.equal(shown.includes("\u001b["), coloured);
    });
  }

  it("is broken into lines at the terminal's width, and nowhere else", async () => {
    const widest = (shown: string) => Math.max(...shown.split("\n").map(({ length }) => length));
    assert.ok(widest(await textOn({ isTTY: true, columns: 60 }, { NO_COLOR: "1" })) <= 60);
    assert.ok(widest(await textOn({ isTTY: false, columns: 60 }, {})) > 100);
  });
});
