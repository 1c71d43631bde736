import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-odd": [{ name: "odd", token_type: "admin" }] },
  firesOn: ["svc-odd"],
};
