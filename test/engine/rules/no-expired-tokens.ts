import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-expired": [{ name: "leftover", expire_at: daysFromNow(-1) }] },
  firesOn: ["svc-expired"],
};
