import { daysFromNow, type RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  program: `new Raw("administrators", "OrganizationTokens", { _provenance: read(new Date().toISOString()), users: [
    { username: "root", isServiceAccount: false, isDeprovisioned: false, roles: ["admin"],
      tokens: [token, { ...token, id: "c4b0b1a5-0000-4000-8000-000000000002", name: "laptop", createdTs: "${daysFromNow(-9)}", expireAt: "${daysFromNow(20)}" }] },
    { username: "maker", isServiceAccount: false, isDeprovisioned: false, roles: ["builder"], tokens: [token] },
  ] });`,
  firesOn: ["administrators"],
  alsoBreaks: { administrators: ["evidence-verified"] },
};
