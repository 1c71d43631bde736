import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it } from "mocha";
import type { EvidenceSource } from "../../../audit/evidence-source";
import { startProgress } from "../../../cli/progress";

/** What is shown on standard error while so many users are read. */
async function shown(users: number, { stdout = false, stderr = true, quiet = false }): Promise<string> {
  const printed = Object.assign(new PassThrough(), { isTTY: stderr });
  const io = { stdout: { isTTY: stdout } as NodeJS.WriteStream, stderr: printed as unknown as NodeJS.WriteStream };
  const source = { expectedUsers: () => users } as EvidenceSource;
  const progress = startProgress(source, io, quiet);
  for (let user = 0; user < users; user++) progress.step();
  progress.stop();
  printed.end();
  return text(printed);
}

describe("the progress of an audit", () => {
  it("is shown for many users, and cleared at the end", async () => {
    const all = await shown(50, {});
    assert.match(all, / of 50 users/);
    // Line wrapping is on again.
    assert.ok(all.lastIndexOf("\u001b[?7h") > all.lastIndexOf("\u001b[?7l"), JSON.stringify(all));
  });

  for (const { title, users = 50, on } of [
    { title: "few users", users: 49, on: {} },
    { title: "a log", on: { stderr: false } },
    { title: "somebody who wants quiet", on: { quiet: true } },
    { title: "a terminal on which the users are printed: it would tear their lines apart", on: { stdout: true } },
  ]) {
    it(`is not shown for ${title}`, async () => {
      assert.equal(await shown(users, on), "");
    });
  }
});
