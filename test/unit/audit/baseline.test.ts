import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import { fingerprint, formatBaseline, parseBaseline } from "../../../audit/baseline";
import type { Finding } from "../../../audit/result";
import { failureOf } from "../support";

const about = { rule: "tokens-must-expire", username: "svc_bi", tokenId: "t1" };
const finding = (fields: Partial<Finding> = {}): Finding => {
  const identity = { ...about, ...fields };
  return {
    severity: "high",
    enforcementLevel: "mandatory",
    message: "…",
    fingerprint: fingerprint(identity),
    ...identity,
  };
};

describe("a finding's fingerprint", () => {
  it("is pinned: another one would make every known finding new", () => {
    assert.equal(fingerprint(about), "004bb76825bff4cb75a15d78e169b45debafe857cfb459365dd9d329cdd7157b");
  });

  it("differs by rule, user, token and subject", () => {
    const others = [
      { ...about, rule: "max-token-age" },
      { ...about, username: "ada" },
      { ...about, tokenId: "t2" },
      { rule: about.rule, username: about.username },
      { ...about, subject: "WVR-1" },
      // Parts do not run into each other.
      { ...about, username: "svc_b", tokenId: "it1" },
    ];
    assert.equal(new Set([about, ...others].map(fingerprint)).size, others.length + 1);
  });
});

describe("a baseline", () => {
  it("is read as it was written, in an order that does not depend on the run's", () => {
    const findings = [finding(), finding({ tokenId: "t2" }), finding({ username: "ada" })];
    const text = formatBaseline(findings);
    assert.deepEqual(parseBaseline("b.json", text), new Set(findings.map((one) => one.fingerprint)));
    assert.equal(formatBaseline([...findings].reverse()), text);
  });

  it("holds a finding once, with what a reader knows it by", () => {
    const { findings } = JSON.parse(formatBaseline([finding(), finding()])) as { findings: object[] };
    assert.deepEqual(findings, [{ fingerprint: fingerprint(about), ...about }]);
  });

  for (const [title, text] of [
    ["no JSON", "{"],
    ["empty", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["of another version", `{"version":2,"findings":[]}`],
    ["without findings", `{"version":1}`],
    ["with a fingerprint that is none", `{"version":1,"findings":[{"fingerprint":"x"}]}`],
  ] as const) {
    it(`is refused where it is ${title}`, async () => {
      const { message } = await failureOf(() => parseBaseline("b.json", text), AuditError);
      assert.match(message, /^b\.json: it is (not valid JSON|no baseline).*--write-baseline/);
    });
  }
});
