import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  program: `new Raw("stale", "UserTokens", {
    username: "svc-stale", tokens: [token], _provenance: read("${daysFromNow(-2)}") });`,
  firesOn: ["stale"],
};
