import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { runPeer } from "../../../bench/peer";
import { failureOf } from "../support";

describe("a peer's command", () => {
  it("is run in a shell, with the stand-in in its environment, and its time is measured", async () => {
    const { wallSeconds } = await runPeer("sleep 0.2 && test $WHERE = there", { WHERE: "there" });
    assert.ok(wallSeconds >= 0.2, String(wallSeconds));
  });

  it("that fails is an error with what it printed", async () => {
    const { message } = await failureOf(() => runPeer("echo no plan; echo no state >&2; exit 3", {}));
    assert.match(message, /exit 3 ended with 3:\n(no plan\nno state|no state\nno plan)\n/);
  });
});
