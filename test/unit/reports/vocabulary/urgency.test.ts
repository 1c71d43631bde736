import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { STANDINGS } from "../../../../audit/standing";
import { SEVERITIES } from "../../../../policies/rule";
import { compareRules, urgencyOf } from "../../../../reports/vocabulary/urgency";

describe("urgency", () => {
  it("is first what a finding counts as, then how severe it is", () => {
    const all = STANDINGS.flatMap((standing) => SEVERITIES.map((severity) => ({ standing, severity })));
    all.sort((a, b) => urgencyOf(a.standing, a.severity) - urgencyOf(b.standing, b.severity));
    assert.deepEqual(
      all.map(({ standing, severity }) => `${standing} ${severity}`),
      ["mandatory", "advisory", "known", "waived"].flatMap((standing) =>
        ["critical", "high", "medium", "low"].map((severity) => `${standing} ${severity}`),
      ),
    );
  });

  it("of a rule is that of its most urgent finding; then more findings come before fewer", () => {
    const few = { urgency: 1, counted: 2 };
    const many = { urgency: 1, counted: 9 };
    const severe = { urgency: 0, counted: 1 };
    assert.deepEqual([few, many, severe].sort(compareRules), [severe, many, few]);
  });
});
