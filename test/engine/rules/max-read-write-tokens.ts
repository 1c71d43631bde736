import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-many": [{ name: "one" }, { name: "two" }, { name: "three" }] },
  firesOn: ["svc-many"],
};
