import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { describeRules } from "../../../audit/judge";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import { endlessToken, userToken, waiver } from "../support";
import { judgeWith, urnOf, userItem } from "./support";

const owners: PolicyConfig = {
  owners: { users: { svc_etl: "platform", svc_bi: "bi" }, tokens: [{ token: "night", owner: "#night" }] },
};
const ETL = userItem("svc_etl", [endlessToken({ id: "night" }), endlessToken({ id: "day" })]);
const BI = userItem("svc_bi", [endlessToken({ id: "bi" })]);
const BOB = userItem("bob", [endlessToken({ id: "bob" })]);
const CLEAN = userItem("svc_clean", [userToken({ id: "clean" })]);

/** Users, their tokens, findings (token and owner), and the end of an audit of some owners. */
function auditOf(patterns: readonly string[], config = owners, items = [ETL, BI, BOB, CLEAN]) {
  const judge = judgeWith(config, { owners: patterns, isEverybody: true });
  const users = items.flatMap((item) => judge.take(item) ?? []);
  const closing = judge.close();
  return {
    users: users.map(({ username }) => username),
    tokens: users.flatMap(({ tokens }) => tokens.map(({ id, owner }) => `${id} ${owner?.name ?? ""}`)),
    findings: users.flatMap(({ findings }) =>
      findings.map(({ tokenId, owner }) => `${tokenId ?? ""} ${owner?.name ?? ""}`),
    ),
    closing,
  };
}

describe("An audit of some owners", () => {
  it("shows their users, tokens and findings, counts them alone, and says how many it leaves out", () => {
    const { users, tokens, findings, closing } = auditOf(["platform"]);
    assert.deepEqual([users, tokens], [["svc_etl"], ["day platform"]]);
    assert.deepEqual(findings, ["day platform"]);
    const { leftOut, summary } = closing;
    assert.equal(leftOut, 3);
    assert.deepEqual(
      { ...summary },
      { users: 1, tokens: 1, mandatory: 1, advisory: 0, waived: 0, known: 0, failures: 0, exitCode: 1 },
    );
  });

  it("shows a user of somebody else with a token that is theirs", () => {
    const { users, tokens, findings } = auditOf(["#night"]);
    assert.deepEqual([users, tokens, findings], [["svc_etl"], ["night #night"], ["night #night"]]);
  });

  it("takes globs, and several", () => {
    const { tokens, findings } = auditOf(["*i*", "#*"]);
    assert.deepEqual([tokens, findings], Array(2).fill(["night #night", "bi bi"]));
    assert.deepEqual(auditOf(["*"]).users, ["svc_etl", "svc_bi"], "what nobody owns is nobody's");
  });

  it("passes where the findings are others'", () => {
    const config: PolicyConfig = { owners: { users: { svc_clean: "clean", svc_etl: "platform" } } };
    const { users, closing } = auditOf(["clean"], config);
    assert.deepEqual([users, closing.summary.exitCode, closing.leftOut], [["svc_clean"], 0, 4]);
  });

  it("fails with 2 for an owner whom nobody has, whatever the others have", () => {
    for (const patterns of [["platfrom"], ["platform", "platfrom"]]) {
      const { failures, summary } = auditOf(patterns).closing;
      assert.equal(summary.exitCode, 2);
      assert.deepEqual(
        failures.map(({ subject }) => subject),
        ["--owner platfrom"],
      );
    }
  });

  it("does not call an owner unknown whom a glob matches, too", () => {
    assert.deepEqual(auditOf(["*", "platform", "p*"]).closing.failures, []);
  });

  it("knows owners by e-mail where the settings name none", () => {
    const ada = userItem("ada", [endlessToken({ id: "a" })], { email: "ada@example.com" });
    assert.deepEqual(auditOf(["ada@*"], {}, [ada, BOB]).findings, ["a ada@example.com"]);
  });

  it("leaves out what is about the stack and the configuration, and counts it", () => {
    const config: PolicyConfig = { ...owners, rules: { "inventory-covered": { users: ["zoe"] } } };
    const { findings, leftOut, summary } = auditOf(["platform"], config).closing;
    assert.deepEqual([findings, leftOut, summary.mandatory], [[], 4, 1]);
  });

  it("shows evidence that is not known yet: it may be theirs", () => {
    const unknown = { kind: "unknown", name: "later", urn: urnOf("later") } as const;
    const { findings, summary } = auditOf(["platform"], owners, [ETL, unknown]).closing;
    assert.deepEqual([findings.length, summary.advisory], [1, 1]);
  });

  it("is incomplete where somebody could not be read, who may be theirs", () => {
    const judge = judgeWith(owners, { owners: ["platform"] });
    judge.take(ETL);
    judge.fail({ subject: "svc_gone", message: "403" });
    assert.equal(judge.close().summary.exitCode, 2);
  });

  it("takes waivers of others' findings for used", () => {
    const config: PolicyConfig = { ...owners, waivers: [waiver({ user: "svc_bi" })] };
    const { leftOut } = auditOf(["platform"], config).closing;
    assert.equal(leftOut, 3, "the waived finding is one of them; a note that the waiver is unused is not");
  });
});

describe("An audit of everybody", () => {
  it("leaves nothing out, and says nothing of it", () => {
    const judge = judgeWith(owners);
    assert.equal(judge.take(BOB)?.findings.length, 1);
    assert.ok(!("leftOut" in judge.close()));
  });

  it("tells the owner of each user, token and finding, in a form that is safe to print", () => {
    const config: PolicyConfig = { owners: { descriptionPattern: "owner: (.*)" } };
    const token = endlessToken({ id: "a", description: "owner: e\u200bve" });
    const user = judgeWith(config).take(userItem("ada", [token], { email: "ada\u202e@example.com" }));
    assert.deepEqual(user?.owner, { name: "ada\\u202e@example.com", foundBy: "email" });
    for (const { owner } of [...user.tokens, ...user.findings]) {
      assert.deepEqual(owner, { name: "e\\u200bve", foundBy: "description" });
    }
  });

  it("tells no owner of a token that has none, nor any where owners are not named", () => {
    const tokensOf = (config: PolicyConfig, options = {}) =>
      judgeWith(config, options)
        .take(userItem("ada", [endlessToken({ id: "a" }), endlessToken({ id: "b" })], { email: "ada@example.com" }))
        ?.tokens.map(({ owner }) => owner?.name);
    const some: PolicyConfig = { owners: { email: false, tokens: [{ token: "b", owner: "x" }] } };
    assert.deepEqual(tokensOf(some), [undefined, "x"]);
    assert.deepEqual(tokensOf({}), [undefined, undefined]);
    assert.deepEqual(tokensOf({}, { namesOwners: true }), ["ada@example.com", "ada@example.com"]);
  });

  it("keeps a finding's fingerprint, whoever owns it", () => {
    const printOf = (config: PolicyConfig) => judgeWith(config).take(ETL)?.findings[0]?.fingerprint;
    assert.equal(printOf(owners), printOf({}));
  });

  it("notes names in groups and owners that match nobody, by the rules that need them", () => {
    const config: PolicyConfig = {
      rules: { "token-owner-required": "advisory" },
      groups: [
        { name: "robots", users: ["svc_*", "sv_*"], rules: { "max-token-age": { maxDays: 60 } } },
        { name: "readers", users: ["svc_bi"], rules: { "read-scaling-only": { users: ["svc_ib"] } } },
      ],
      owners: { users: { "*": "everybody", svc_et: "x" }, tokens: [{ user: "svc_b", token: "t", owner: "x" }] },
    };
    const judge = judgeWith(config, { isEverybody: true });
    for (const item of [ETL, BI]) judge.take(item);
    assert.deepEqual(
      judge.close().findings.map(({ rule, enforcementLevel, message }) => `${enforcementLevel} ${rule} ${message}`),
      [
        'advisory read-scaling-only the settings of read-scaling-only in group readers: "svc_ib" matches nobody in the organization (did you mean "svc_bi"?). Correct it, or remove it.',
        'advisory max-token-age group robots: "sv_*" matches nobody in the organization. Correct it, or remove it.',
        'advisory token-owner-required owners: "svc_et" matches nobody in the organization (did you mean "svc_etl"?). Correct it, or remove it.',
        'advisory token-owner-required owners: "svc_b" matches nobody in the organization (did you mean "svc_bi"?). Correct it, or remove it.',
      ],
    );
  });

  it("says of each rule what groups set", () => {
    const groups: PolicyConfig["groups"] = [
      { name: "robots", users: ["svc_*"], accounts: "serviceAccounts", rules: { "max-token-age": { maxDays: 60 } } },
      { name: "people", accounts: "humans", rules: { "max-token-age": "disabled", "evidence-verified": "mandatory" } },
    ];
    const described = describeRules(resolveConfiguration({ name: "test", config: { groups } }));
    const about = (name: string) => described.find((rule) => rule.name === name);
    assert.deepEqual(about("max-token-age")?.groups, [
      { name: "robots", users: ["svc_*"], accounts: "serviceAccounts", config: { maxDays: 60 } },
      { name: "people", accounts: "humans", config: "disabled" },
    ]);
    assert.equal(about("evidence-verified")?.enforcementLevel, "mandatory");
    assert.ok(!("groups" in (about("tokens-must-expire") ?? {})));
  });
});
