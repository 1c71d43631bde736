import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { capitalize, describeDays, enumerate } from "../../../../reports/vocabulary/words";

describe("the words of reports", () => {
  it("enumerate, and start sentences", () => {
    assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(enumerate), ["", "a", "a and b", "a, b and c"]);
    assert.deepEqual(["", "no findings."].map(capitalize), ["", "No findings."]);
  });

  it("tell whole days", () => {
    assert.deepEqual([0, 1, 41].map(describeDays), ["less than a day", "1 day", "41 days"]);
  });
});
