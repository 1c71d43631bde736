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
    fact: "…",
    message: "…",
    fingerprint: fingerprint(identity),
    ...identity,
  };
};

describe("a finding's fingerprint", () => {
  it("is pinned: another one would make every known finding new", () => {
    assert.equal(fingerprint(about), "ca84a992e4c084d7d9e59c9cc3218afd3b5edde0106957dff605c4d73d479804");
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
    const findings = [finding(), finding({ tokenId: "t2" }), finding({ username: "ada", parts: ["b", "a"] })];
    const text = formatBaseline(findings);
    const baseline = parseBaseline("b.json", text);
    assert.deepEqual(findings.map(baseline.knows), [true, true, true]);
    assert.deepEqual([finding({ tokenId: "t3" }), finding({ rule: "other" })].map(baseline.knows), [false, false]);
    assert.equal(formatBaseline([finding({ username: "ada", parts: ["a", "b"] }), ...findings].reverse()), text);
  });

  it("holds a finding once, with what a reader knows it by", () => {
    const { findings } = JSON.parse(formatBaseline([finding(), finding()])) as { findings: object[] };
    assert.deepEqual(findings, [{ fingerprint: fingerprint(about), ...about }]);
  });

  it("knows a finding that is made of what it knows, or of less, and none that is made of more", () => {
    const { knows } = parseBaseline("b.json", formatBaseline([finding({ parts: ["t1", "t2", "t3"] })]));
    for (const parts of [["t3", "t2", "t1"], ["t2"], []]) assert.ok(knows(finding({ parts })), parts.join());
    for (const parts of [["t1", "t2", "t3", "t4"], ["t4"]]) assert.ok(!knows(finding({ parts })), parts.join());
  });

  it("knows two findings about the same, each by what it is made of, and nothing that is made of both", () => {
    const { knows } = parseBaseline("b.json", formatBaseline([finding({ parts: ["a"] }), finding({ parts: ["b"] })]));
    assert.deepEqual(
      [["a"], ["b"], ["a", "b"], ["c"]].map((parts) => knows(finding({ parts }))),
      [true, true, false, false],
    );
  });

  it("of version 1 is refused, with the command that writes a new one", async () => {
    const text = `{"version":1,"findings":[{"fingerprint":"${"0".repeat(64)}"}]}`;
    const { message } = await failureOf(() => parseBaseline("old.json", text), AuditError);
    assert.equal(
      message,
      "old.json: it is a baseline of version 1, which records neither the parts of findings nor their organization. " +
        "Write it again: motherduck-tokens audit … --write-baseline old.json",
    );
  });

  for (const [title, text] of [
    ["no JSON", "{"],
    ["empty", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["of another version", `{"version":3,"findings":[]}`],
    ["without findings", `{"version":2}`],
    ["with a fingerprint that is none", `{"version":2,"findings":[{"fingerprint":"x"}]}`],
    ["with parts that are none", `{"version":2,"findings":[{"fingerprint":"${"0".repeat(64)}","parts":[1]}]}`],
  ] as const) {
    it(`is refused where it is ${title}`, async () => {
      const { message } = await failureOf(() => parseBaseline("b.json", text), AuditError);
      assert.match(
        message,
        /^b\.json: it is (not valid JSON|not a baseline).*Write it again: .*--write-baseline b\.json$/,
      );
    });
  }
});
