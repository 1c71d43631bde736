import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-endless": [{ name: "dashboards", expire_at: undefined }] },
  firesOn: ["svc-endless"],
};
