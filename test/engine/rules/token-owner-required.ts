import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-orphan": [{ name: "forgotten" }] },
  // Nobody owns the other examples' tokens either.
  groups: [{ name: "orphans", users: ["svc-orphan"], rules: { "token-owner-required": "advisory" } }],
  firesOn: ["svc-orphan"],
};
