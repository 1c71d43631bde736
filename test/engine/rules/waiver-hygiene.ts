import { daysFromNow, type RuleExample, STACK } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  waivers: [
    {
      id: "WVR-2",
      rule: "max-token-age",
      user: "ada",
      reason: "No longer needed, this one",
      owner: "data-platform@example.com",
      expires: daysFromNow(30).slice(0, 10),
    },
  ],
  firesOn: [STACK],
};
