import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { FindingData, PageData } from "../../../../reports/html/model";
import { factOf } from "../../../../reports/html/view/finding-fact";

const data = {
  rules: [{ enforcementLevel: "mandatory" }, { enforcementLevel: "advisory" }],
  fixes: ["Mend it."],
  owners: [{ name: "data-platform", foundBy: "user setting" }],
  namesOwners: false,
  waivers: [{ id: "W", owner: "ada", reason: "later", expires: "2026-04-01" }],
} as unknown as PageData;

/** What is shown beside the fact of a finding of the mandatory rule. */
const shown = (fields: Partial<FindingData>, fix?: string) =>
  factOf(data, { rule: 0, text: "it is wrong.", ...fields }, { fix, showsOwner: true })
    .text.replace(/<[^>]*>/g, "")
    .replace(/\s+/g, " ")
    .trim();

describe("the fact of a finding, on the page", () => {
  for (const { title, fields, fix, expected } of [
    { title: "stands alone", fields: {}, expected: "" },
    { title: "has the fix that is to be shown", fields: { fix: 0 }, fix: "Mend it.", expected: " Mend it." },
    { title: "has no fix elsewhere", fields: { fix: 0 }, expected: "" },
    { title: "names a level that is not the rule's", fields: { enforcementLevel: "advisory" }, expected: " advisory" },
    { title: "names one that is stronger", fields: { rule: 1, enforcementLevel: "mandatory" }, expected: " mandatory" },
    { title: "names the rule's own level not at all", fields: { enforcementLevel: "mandatory" }, expected: "" },
    { title: "is known", fields: { isKnown: true }, expected: " in the baseline" },
    { title: "is new to the baseline", fields: { isKnown: false }, expected: " new" },
    { title: "is new since the last run", fields: { fresh: true }, expected: " new since the last run" },
    { title: "was found today", fields: { daysOpen: 0 }, expected: " open for less than a day" },
    { title: "was found yesterday", fields: { daysOpen: 1 }, expected: " open for 1 day" },
    {
      title: "is waived, and then of no level",
      fields: { enforcementLevel: "advisory", waiver: 0 },
      expected: " waived W until 2026-04-01, by ada: later",
    },
  ] as const) {
    it(title, () => assert.equal(shown(fields, fix), `it is wrong.${expected}`));
  }
});
