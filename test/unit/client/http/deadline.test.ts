import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { describe, it } from "mocha";
import { startDeadline } from "../../../../client/http/deadline";

describe("startDeadline", () => {
  it("aborts when its time is up, and tells so", async () => {
    const deadline = startDeadline(0.01);
    assert.deepEqual([deadline.signal.aborted, deadline.isUp()], [false, false]);
    await wait(50);
    assert.deepEqual([deadline.signal.aborted, deadline.isUp()], [true, true]);
    assert.equal((deadline.signal.reason as Error).name, "TimeoutError");
  });

  it("aborts with the outer work, for its reason, and does not take that for its own time", () => {
    const outer = new AbortController();
    const deadline = startDeadline(60, outer.signal);
    outer.abort(new Error("canceled"));
    assert.deepEqual([deadline.signal.reason, deadline.isUp()], [new Error("canceled"), false]);
    deadline.clear();
  });

  it("is aborted from the start where the outer work is", () => {
    const deadline = startDeadline(60, AbortSignal.abort(new Error("canceled")));
    assert.deepEqual(deadline.signal.reason, new Error("canceled"));
    deadline.clear();
  });

  it("leaves nothing behind once it is cleared", async () => {
    const outer = new AbortController();
    const deadline = startDeadline(0.01, outer.signal);
    deadline.clear();
    await wait(50);
    outer.abort();
    assert.deepEqual([deadline.signal.aborted, deadline.isUp()], [false, false]);
  });
});
