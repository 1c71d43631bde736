import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-year": [{ name: "nightly", created_ts: daysFromNow(-5), expire_at: daysFromNow(360) }] },
  firesOn: ["svc-year"],
};
