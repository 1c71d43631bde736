import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "mocha";
import type { EvidenceSource } from "../../../audit/evidence-source";
import { startProgress } from "../../../cli/progress";

/** What is shown on standard error while so many users are read. */
function shown(users: number, { stdout = false, stderr = true, quiet = false }): string {
  const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  const io = { stdout: stream(stdout), stderr: stream(stderr) };
  const source = { expectedUsers: () => users } as EvidenceSource;
  const progress = startProgress(source, io, quiet);
  for (let user = 0; user < users; user++) progress.step();
  progress.stop();
  return String(io.stderr.read() ?? "");
}

describe("the progress of an audit", () => {
  it("is shown for many users, and cleared at the end", () => {
    const text = shown(50, {});
    assert.match(text, / of 50 users/);
    // Line wrapping is on again.
    assert.ok(text.lastIndexOf("\u001b[?7h") > text.lastIndexOf("\u001b[?7l"), JSON.stringify(text));
  });

  for (const { title, users = 50, on } of [
    { title: "few users", users: 49, on: {} },
    { title: "a log", on: { stderr: false } },
    { title: "somebody who wants quiet", on: { quiet: true } },
    { title: "a terminal on which the users are printed: it would tear their lines apart", on: { stdout: true } },
  ]) {
    it(`is not shown for ${title}`, () => {
      assert.equal(shown(users, on), "");
    });
  }
});
