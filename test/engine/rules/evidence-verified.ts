import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  // What the program says of its token is not what the API does.
  undeclared: { "svc-stale": [{ id: "c4b0b1a5-0000-4000-8000-000000000001", name: "backup", expire_at: undefined }] },
  // All evidence that is made by hand.
  firesOn: ["stale", "elsewhere", "everyone"],
  notJudgedTwice: "The random cases do not hold who made the evidence.",
};
