import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: {
    "svc-twins": [
      { name: "twin", token_type: "read_scaling", read_only: true },
      { id: "c4b0b1a5-0000-4000-8000-000000000002", name: "twin" },
    ],
  },
  firesOn: ["svc-twins"],
};
