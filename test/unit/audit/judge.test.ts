import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import { describeRules } from "../../../audit/judge";
import type { FailOn } from "../../../audit/result";
import { resolveConfiguration } from "../../../policies/configuration";
import { rules } from "../../../policies/rules";
import { endlessToken, failureOf, userToken, waiver } from "../support";
import { judgeWith, urnOf, userItem } from "./support";

const GOOD = userItem("ada", [userToken({ id: "good" })]);
const ENDLESS = userItem("svc_bi", [endlessToken({ id: "endless" })]);
const NAMELESS = userItem("bob", [userToken({ id: "nameless", name: " " })]);

describe("the audit's judge", () => {
  it("gives a user with its findings, and what they are about", () => {
    const user = judgeWith().take({ ...ENDLESS, urn: urnOf("bi") } as typeof ENDLESS);
    const [finding, ...others] = user?.findings ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...finding, message: "", fingerprint: "" },
      {
        rule: "tokens-must-expire",
        severity: "high",
        enforcementLevel: "mandatory",
        message: "",
        username: "svc_bi",
        tokenId: "endless",
        tokenName: "endless",
        urn: urnOf("bi"),
        fingerprint: "",
      },
    );
    assert.match(finding?.message ?? "", /^svc_bi \/ "endless" \(endless\): never expires/);
    assert.match(finding?.fingerprint ?? "", /^[0-9a-f]{64}$/);
  });

  it("judges names as they are, and gives them in a form that is safe to print and that tells them apart", () => {
    const tokens = ["a\tb", "a\\u0009b", "\u200b"].map((name) =>
      userToken({ id: `id of ${name}`, name, expireAt: "no\n" }),
    );
    const config = { waivers: [waiver({ user: "ada\t", token: "a\tb" })] };
    const judge = judgeWith({ ...config, rules: { "tokens-must-expire": "mandatory", "max-token-age": "disabled" } });
    const user = judge.take(userItem("ada\t", tokens));
    assert.equal(user?.username, "ada\\u0009");
    assert.deepEqual(
      user.tokens.map(({ id, name, expireAt }) => [id, name, expireAt]),
      [
        ["id of a\\u0009b", "a\\u0009b", "no\\u000a"],
        ["id of a\\u005cu0009b", "a\\u005cu0009b", "no\\u000a"],
        ["id of \\u200b", "\\u200b", "no\\u000a"],
      ],
    );
    const ofRule = (name: string) => user.findings.filter(({ rule }) => rule === name);
    assert.deepEqual(
      ofRule("tokens-must-expire").map(({ tokenName, waiver: held }) => [tokenName, held?.id]),
      [
        ["a\\u0009b", "WVR-1"],
        ["a\\u005cu0009b", undefined],
        ["\\u200b", undefined],
      ],
    );
    assert.deepEqual(
      ofRule("token-name-required").map(({ tokenId }) => tokenId),
      ["id of \\u200b"],
    );
    assert.deepEqual(ofRule("unique-token-names"), []);
    const texts = user.findings.flatMap((finding) => Object.values({ ...finding, waiver: "" }));
    for (const text of texts) assert.doesNotMatch(String(text), /[\t\n\u200b]/);
    assert.equal(new Set(user.findings.map(({ fingerprint }) => fingerprint)).size, user.findings.length);
  });

  it("counts users, tokens, findings by level, and waived ones apart", () => {
    const judge = judgeWith({ waivers: [waiver({ user: "svc_bi", token: "endless" })] });
    const users = [GOOD, ENDLESS, NAMELESS, userItem("carl", [endlessToken({ id: "c" })])].map((item) =>
      judge.take(item),
    );
    assert.equal(users[1]?.findings[0]?.waiver?.id, "WVR-1");
    assert.equal(
      users[1]?.findings[0]?.enforcementLevel,
      "mandatory",
      "its own level, not what the waiver makes of it",
    );
    assert.deepEqual(judge.close().summary, {
      users: 4,
      tokens: 4,
      mandatory: 1,
      advisory: 1,
      waived: 1,
      known: 0,
      failures: 0,
      exitCode: 1,
    });
  });

  describe("the exit code", () => {
    for (const { title, items, failOn, exitCode } of [
      { title: "nothing found", items: [GOOD], failOn: "mandatory", exitCode: 0 },
      { title: "a mandatory finding", items: [GOOD, ENDLESS], failOn: "mandatory", exitCode: 1 },
      { title: "an advisory finding", items: [NAMELESS], failOn: "mandatory", exitCode: 0 },
      { title: "an advisory finding, to fail on those", items: [NAMELESS], failOn: "advisory", exitCode: 1 },
      { title: "a mandatory finding, to fail on advisory ones", items: [ENDLESS], failOn: "advisory", exitCode: 1 },
      { title: "findings that shall not count", items: [ENDLESS, NAMELESS], failOn: "none", exitCode: 0 },
    ] satisfies { title: string; items: (typeof GOOD)[]; failOn: FailOn; exitCode: number }[]) {
      it(`is ${exitCode} for ${title}`, () => {
        const judge = judgeWith({}, { failOn });
        for (const item of items) judge.take(item);
        assert.equal(judge.close().summary.exitCode, exitCode);
      });
    }

    it("is 2 where something could not be read, whatever was found and shall count", () => {
      for (const failOn of ["mandatory", "advisory", "none"] as const) {
        const judge = judgeWith({}, { failOn });
        judge.take(ENDLESS);
        judge.take({ kind: "failure", failure: { subject: "bob", message: "403" } });
        assert.equal(judge.close().summary.exitCode, 2);
      }
    });

    it("is 2 without any evidence, and says so", () => {
      const { summary, failures } = judgeWith().close();
      assert.deepEqual([summary.exitCode, summary.failures, failures.length], [2, 1, 1]);
      assert.match(failures[0]?.message ?? "", /there is no evidence/);
    });
  });

  describe("with a baseline", () => {
    const known = () => {
      const finding = judgeWith().take(ENDLESS)?.findings[0];
      return new Set([finding?.fingerprint ?? ""]);
    };

    it("marks the findings that it knows, and counts them all the same", () => {
      const judge = judgeWith({}, { baseline: known() });
      assert.equal(judge.take(ENDLESS)?.findings[0]?.isKnown, true);
      assert.equal(judge.take(userItem("svc_bi", [endlessToken({ id: "another" })]))?.findings[0]?.isKnown, false);
      assert.equal(judge.close().summary.mandatory, 2);
    });

    it("counts new ones only, where only new ones shall count", () => {
      const old = judgeWith({}, { baseline: known(), failOnNew: true });
      old.take(ENDLESS);
      assert.deepEqual(pick(old.close().summary), { mandatory: 0, known: 1, exitCode: 0 });
      const more = judgeWith({}, { baseline: known(), failOnNew: true });
      more.take(userItem("svc_bi", [endlessToken({ id: "endless" }), endlessToken({ id: "new" })]));
      assert.deepEqual(pick(more.close().summary), { mandatory: 1, known: 1, exitCode: 1 });
    });

    const pick = ({ mandatory, known, exitCode }: { mandatory: number; known: number; exitCode: number }) => ({
      mandatory,
      known,
      exitCode,
    });
  });

  describe("rules about the whole", () => {
    it("finds an expected user without evidence, and a waiver that nothing matches", () => {
      const judge = judgeWith({
        rules: { "inventory-covered": { users: ["ada", "zoe"] } },
        waivers: [waiver({ user: "ada" })],
      });
      judge.take(GOOD);
      const { findings, summary } = judge.close();
      assert.deepEqual(
        findings.map(({ rule, username }) => [rule, username]),
        [
          ["inventory-covered", undefined],
          ["waiver-hygiene", undefined],
        ],
      );
      assert.equal(summary.mandatory, 2);
    });

    it("tells two waivers apart, for the baseline", () => {
      const judge = judgeWith({ waivers: [waiver({ id: "A", user: "ada" }), waiver({ id: "B", user: "ada" })] });
      judge.take(GOOD);
      assert.equal(new Set(judge.close().findings.map(({ fingerprint }) => fingerprint)).size, 2);
    });

    it("calls nobody missing where only some users were asked for", () => {
      const judge = judgeWith({ rules: { "inventory-covered": { users: ["zoe"] } } }, { isSelection: true });
      judge.take(GOOD);
      assert.deepEqual(judge.close().findings, []);
    });

    it("does not call a waiver unused, nor a user surely missing, where something could not be read", () => {
      const judge = judgeWith({
        rules: { "inventory-covered": { users: ["zoe"] } },
        waivers: [waiver({ user: "ada" })],
      });
      judge.take(GOOD);
      judge.fail({ subject: "zoe", message: "403" });
      assert.deepEqual(
        judge.close().findings.map(({ rule, enforcementLevel }) => [rule, enforcementLevel]),
        [["inventory-covered", "advisory"]],
      );
    });
  });

  describe("a resource whose tokens are not known yet", () => {
    const unknown = { kind: "unknown", name: "later", urn: urnOf("later") } as const;

    it("is a finding of evidence-fresh, at the level that is set", () => {
      for (const onUnknown of ["advisory", "mandatory"] as const) {
        const judge = judgeWith({ rules: { "evidence-fresh": { onUnknown } } });
        assert.equal(judge.take(unknown), undefined);
        const { findings, summary } = judge.close();
        assert.deepEqual(
          findings.map(({ rule, enforcementLevel, urn }) => [rule, enforcementLevel, urn]),
          [["evidence-fresh", onUnknown, unknown.urn]],
        );
        assert.equal(summary.exitCode, onUnknown === "mandatory" ? 1 : 0);
      }
    });

    it("is reported by the next rule where evidence-fresh is disabled, as in the pack", () => {
      const judge = judgeWith({ rules: { "evidence-fresh": "disabled" } });
      judge.take(unknown);
      assert.equal(judge.close().findings[0]?.rule, "tokens-must-expire");
    });
  });

  it("judges by no rule that is disabled", () => {
    const user = judgeWith({ rules: { "tokens-must-expire": "disabled" } }).take(ENDLESS);
    assert.deepEqual(user?.findings, []);
  });

  it("does not start with all rules disabled: nothing would be judged", async () => {
    const disabled = Object.fromEntries(rules.map(({ name }) => [name, "disabled" as const]));
    const error = await failureOf(() => judgeWith({ rules: disabled }), AuditError);
    assert.match(error.message, /all rules about users are disabled/);
  });

  it("describes the rules as they are configured, settings included", () => {
    const config = { rules: { "max-read-write-tokens": { max: 7, enforcementLevel: "advisory" as const } } };
    const described = describeRules(resolveConfiguration({ name: "test", config }));
    assert.deepEqual(
      described.map(({ name }) => name),
      rules.map(({ name }) => name),
    );
    const rule = described.find(({ name }) => name === "max-read-write-tokens");
    assert.deepEqual([rule?.enforcementLevel, rule?.settings.max], ["advisory", 7]);
  });
});
