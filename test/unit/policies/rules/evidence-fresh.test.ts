import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { evidenceFresh } from "../../../../policies/rules/evidence-fresh";
import { at, check as checkRule } from "../../support";

function check(fetchedAt: string | undefined, config: object = {}) {
  const user = { username: "ada", tokens: [], ...(fetchedAt !== undefined && { fetchedAt }) };
  return checkRule(evidenceFresh, user, config);
}

const violation = (fact: string, hours = 24) => [
  {
    message:
      `ada: ${fact}; the limit is ${hours} hour${hours === 1 ? "" : "s"}. ` +
      "Run again without --target and --exclude, so that the tokens are read again.",
  },
];

describe("evidence-fresh", () => {
  for (const { title, fetchedAt, config } of [
    { title: "read now", fetchedAt: at(0) },
    { title: "read exactly 24 hours ago", fetchedAt: at(-1) },
    { title: "read by a clock that is 5 minutes ahead", fetchedAt: at(0, 300_000) },
    { title: "as old as it may be", fetchedAt: at(-7), config: { maxAgeHours: 168 } },
    { title: "as old as it may be, by a part of an hour", fetchedAt: at(0, -1_800_000), config: { maxAgeHours: 0.5 } },
  ]) {
    it(`passes evidence ${title}`, () => assert.deepEqual(check(fetchedAt, config), []));
  }

  it("finds evidence that is a millisecond too old", () => {
    const fetchedAt = at(-1, -1);
    assert.deepEqual(check(fetchedAt), violation(`the tokens were read 24.1 hours ago (${fetchedAt})`));
  });

  it("finds evidence older than its own limit", () => {
    const fetchedAt = at(0, -5_400_000);
    assert.deepEqual(
      check(fetchedAt, { maxAgeHours: 1 }),
      violation(`the tokens were read 1.5 hours ago (${fetchedAt})`, 1),
    );
  });

  it("finds evidence from a future that no clock explains", () => {
    const fetchedAt = at(0, 300_001);
    assert.deepEqual(check(fetchedAt), violation(`the tokens were read at ${fetchedAt}, which is in the future`));
  });

  it("finds evidence without a time of reading", () => {
    assert.deepEqual(check(undefined), violation("it is not known when the tokens were read"));
  });

  for (const [fetchedAt, shown] of [
    ["", `""`],
    ["now", `"now"`],
    ["2026-02-30T00:00:00Z", `"2026-02-30T00:00:00Z"`],
    ["\u001b[1A", `"\\u001b[1A"`],
  ] as const) {
    it(`finds evidence read at ${JSON.stringify(fetchedAt)}`, () => {
      assert.deepEqual(check(fetchedAt), violation(`the tokens were read at ${shown}, which is not a date`));
    });
  }
});
