import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  program: `new Raw("elsewhere", "UserTokens", {
    username: "svc-elsewhere", tokens: [token],
    _provenance: { ...read(new Date().toISOString()), apiUrl: "http://127.0.0.1:18999" } });`,
  firesOn: ["elsewhere"],
  notJudgedTwice: "The random cases do not hold who made the evidence.",
};
