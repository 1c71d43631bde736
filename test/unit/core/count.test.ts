import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { count, thousands } from "../../../core/count";

describe("numbers", () => {
  it("have commas between their thousands, and none in their decimals", () => {
    assert.deepEqual([0, 999, 1000, 1234567, 1234.5].map(thousands), ["0", "999", "1,000", "1,234,567", "1,234.5"]);
  });

  it("are followed by what they count", () => {
    assert.deepEqual(
      [0, 1, 2000].map((number) => count(number, "token")),
      ["0 tokens", "1 token", "2,000 tokens"],
    );
  });
});
