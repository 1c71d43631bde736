import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { UserTokens } from "../../../provider/index";
import { pauseStackTraces } from "../../../provider/pause-stack-traces";

const traceOf = (error: unknown) => /\n\s+at .*/s.exec((error as Error).stack ?? "")?.[0] ?? "";

describe("stack traces", () => {
  const { stackTraceLimit } = Error;
  afterEach(() => {
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
    delete process.env.PULUMI_DEBUG_PROMISE_LEAKS;
  });

  it("are not noted while they are paused", () => {
    const resume = pauseStackTraces();
    const error = new Error("meanwhile");
    resume();
    assert.equal(traceOf(error), "");
    assert.match(traceOf(new Error("later")), /pause-stack-traces\.test/);
  });

  it("are noted when somebody looks for leaks", () => {
    process.env.PULUMI_DEBUG_PROMISE_LEAKS = "true";
    const resume = pauseStackTraces();
    const error = new Error("meanwhile");
    resume();
    assert.notEqual(traceOf(error), "");
  });

  it("are given to an error without one, and not to another", () => {
    const known = new Error("known");
    const { stack } = known;
    const resume = pauseStackTraces();
    const error = new Error("meanwhile");
    assert.equal(resume(error), error);
    assert.match(traceOf(error), /pause-stack-traces\.test/);
    assert.equal((resume(known) as Error).stack, stack);
  });

  it("tell where a resource was declared that cannot be made", () => {
    assert.throws(
      () => new UserTokens("", { username: "ada" }),
      (error) => /Missing resource name/.test(String(error)) && /pause-stack-traces\.test/.test(traceOf(error)),
    );
  });
});
