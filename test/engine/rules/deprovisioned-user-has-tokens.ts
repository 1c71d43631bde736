import type { RuleExample } from "../rule-example";

/** Breaks the rule on the real engine. */
export const example: RuleExample = {
  program: `new Raw("everyone", "OrganizationTokens", { _provenance: read(new Date().toISOString()), users: [
    { username: "leaver", isServiceAccount: false, isDeprovisioned: true, roles: ["builder"], tokens: [token] },
    { username: "stayer", isServiceAccount: false, isDeprovisioned: false, roles: ["builder"], tokens: [token] },
  ] });`,
  firesOn: ["everyone"],
};
