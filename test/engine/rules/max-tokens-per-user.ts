import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: {
    "svc-heap": ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, token_type: "read_scaling", read_only: true })),
  },
  firesOn: ["svc-heap"],
};
