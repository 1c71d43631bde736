import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  users: { "svc-nameless": [{ name: "  " }] },
  firesOn: ["svc-nameless"],
  waivers: [
    {
      id: "WVR-1",
      rule: "token-name-required",
      user: "svc-nameless",
      reason: "Cannot be renamed before Q1",
      owner: "data-platform@example.com",
      expires: daysFromNow(30).slice(0, 10),
    },
  ],
};
