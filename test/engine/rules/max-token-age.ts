import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-old": [{ name: "ancient", created_ts: daysFromNow(-100), expire_at: daysFromNow(20) }] },
  firesOn: ["svc-old"],
  alsoBreaks: { "svc-old": ["max-token-lifetime"] },
};
