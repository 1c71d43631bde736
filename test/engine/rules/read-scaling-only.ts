import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "bi-reader": [{ name: "writer" }] },
  rules: { "read-scaling-only": { users: ["bi-*"] } },
  firesOn: ["bi-reader"],
};
