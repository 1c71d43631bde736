import assert from "node:assert/strict";
import { AxiosError } from "axios";
import { describe, it } from "mocha";
import { ATTEMPT_TIMED_OUT, isWorthRetrying } from "../../../../client/http/retry";

describe("isWorthRetrying", () => {
  const after = (code: string) => isWorthRetrying(new AxiosError("", code));

  it("is false where an attempt used up its time", () => assert.equal(after(ATTEMPT_TIMED_OUT), false));

  it("says yes where Node gave up a connection after a moment, as it does with hosts of several addresses", () => {
    assert.equal(after("ETIMEDOUT"), true);
  });
});
