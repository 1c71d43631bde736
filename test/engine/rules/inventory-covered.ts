import { type RuleExample, STACK } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  rules: { "inventory-covered": { users: ["ada", "svc_nobody"] } },
  firesOn: [STACK],
};
