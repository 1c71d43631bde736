import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isAdministrator, raisedSeverity } from "../../../policies/administrators";
import { SEVERITIES, type UserEvidence, type UserRule } from "../../../policies/rule";
import { adminTokensLimited, evidenceFresh, rules, tokensMustExpire } from "../../../policies/rules";
import { analyzeResource } from "../../../testing";
import { judgeWith, userItem } from "../audit/support";
import { at, configured, endlessToken, userToken } from "../support";

const token = userToken({ id: "a" });
const reader = userToken({ id: "b", tokenType: "read_scaling", readOnly: true });

describe("isAdministrator", () => {
  it("goes by the roles, whatever their case, and cannot tell without any", () => {
    assert.equal(isAdministrator({ roles: ["builder", "ADMIN"] }, ["admin"]), true);
    assert.equal(isAdministrator({ roles: ["owner"] }, ["admin", "Owner"]), true);
    assert.equal(isAdministrator({ roles: ["admin "] }, ["admin"]), false);
    assert.equal(isAdministrator({ roles: [] }, ["admin"]), false);
    assert.equal(isAdministrator({}, ["admin"]), undefined);
  });
});

describe("the severity of what is found about an administrator", () => {
  const raised = (rule: Partial<UserRule>, user: Partial<UserEvidence> = {}, about = token) =>
    raisedSeverity(
      { severity: "low", ...rule },
      { username: "ada", isAdministrator: true, tokens: [token], ...user },
      about,
    );

  it("is one step above the rule's, up to the highest", () => {
    assert.deepEqual(
      SEVERITIES.map((severity) => raised({ severity })),
      ["medium", "high", "critical", undefined],
    );
  });

  it("is the rule's for everybody else, and where it cannot be told", () => {
    assert.equal(raised({}, { isAdministrator: false }), undefined);
    const { isAdministrator: told, ...untold } = { username: "ada", isAdministrator: true, tokens: [token] };
    assert.ok(told);
    assert.equal(raisedSeverity({ severity: "low" }, untold, token), undefined);
  });

  it("is the rule's for a token that cannot write, and for a user without one that can", () => {
    assert.equal(raised({}, {}, reader), undefined);
    const user = { username: "ada", isAdministrator: true };
    assert.equal(raisedSeverity({ severity: "low" }, { ...user, tokens: [reader] }, undefined), undefined);
    assert.equal(raisedSeverity({ severity: "low" }, { ...user, tokens: [reader, token] }, undefined), "medium");
  });

  it("is the rule's where the rule says so: about evidence, and where it is about administrators anyway", () => {
    const fixed = rules
      .filter((rule) => rule.kind === "user" && rule.hasFixedSeverity === true)
      .map(({ name }) => name);
    assert.deepEqual(fixed.sort(), ["admin-tokens-limited", "evidence-fresh", "evidence-origin", "evidence-verified"]);
    assert.equal(raised(evidenceFresh), undefined);
    assert.equal(raised(adminTokensLimited), undefined);
  });

  it("is in the pack's report and in the audit's, with the reason", async () => {
    const ada = { username: "ada", roles: ["Admin"], isDeprovisioned: false, tokens: [endlessToken({ id: "a" })] };
    const _provenance = { apiUrl: "https://api.motherduck.com", fetchedAt: at(0) };
    const resource = { type: "motherduck-tokens:index:OrganizationTokens", props: { users: [ada], _provenance } };
    const { violations } = await analyzeResource(configured({}, tokensMustExpire), resource);
    assert.deepEqual(
      violations.map(({ enforcementLevel, severity }) => [enforcementLevel, severity]),
      [["mandatory", "critical"]],
    );
    assert.match(violations[0]?.message ?? "", /^ada \(administrator\) \/ "a" \(a\): never expires\. /);
    const user = judgeWith().take(userItem("ada", ada.tokens, { ...ada, isListingExpected: true }));
    const finding = user?.findings.find(({ rule }) => rule === "tokens-must-expire");
    assert.deepEqual([finding?.severity, finding?.message], ["critical", violations[0]?.message]);
  });

  it("goes by the roles that the settings name", () => {
    const severity = (config: object) => {
      const user = { roles: ["org_owner"], isDeprovisioned: false, isListingExpected: true };
      const judged = judgeWith(config).take(userItem("ada", [endlessToken({ id: "a" })], user));
      return judged?.findings.find(({ rule }) => rule === "tokens-must-expire")?.severity;
    };
    assert.equal(severity({}), "high");
    assert.equal(severity({ adminRoles: ["ORG_OWNER"] }), "critical");
  });

  it("leaves the advice to administrators within the limits of their tokens", () => {
    const user = { roles: ["admin"], isServiceAccount: true, isDeprovisioned: false, isListingExpected: true };
    const fixOf = (config: object) => {
      const judged = judgeWith(config).take(userItem("ada", [endlessToken({ id: "a" })], user));
      return judged?.findings.find(({ rule }) => rule === "tokens-must-expire")?.fix ?? "";
    };
    assert.match(fixOf({}), /ttl <= 2592000 /);
    assert.match(fixOf({ rules: { "admin-tokens-limited": { maxDays: 2 } } }), /ttl <= 172800 /);
    assert.match(fixOf({ rules: { "admin-tokens-limited": "disabled" } }), /ttl <= 7776000 /);
  });
});
