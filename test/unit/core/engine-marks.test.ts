import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isUnknownValue, UNKNOWN_VALUES } from "../../../core/engine-marks";
import { sentinels } from "../../../testing/sdk";

describe("The engine's words for what is not known yet", () => {
  it("are those of the policies' SDK", () => {
    const words = Object.values(sentinels as Record<string, unknown>).filter(
      (value) => typeof value === "string" && !value.startsWith("__"),
    );
    assert.deepEqual(words.sort(), Object.values<string>(UNKNOWN_VALUES).sort());
    assert.equal(words.every(isUnknownValue), true);
  });

  it("are nothing else", () => {
    for (const value of ["", "04da6b54", undefined, null, {}, []]) assert.equal(isUnknownValue(value), false);
  });
});
