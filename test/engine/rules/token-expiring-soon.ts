import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-soon": [{ name: "loader", expire_at: daysFromNow(7) }] },
  firesOn: ["svc-soon"],
};
