import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "mocha";
import type { Finding } from "../../../audit/result";
import { GITLAB_LIMIT, gitlabReport } from "../../../reports/gitlab";
import { auditHeader, FAILURE, HOSTILE_USER, STACK_FINDING, USERS, write, writeAll } from "./fixture";
import { readGitlab } from "./validators";

describe("The GitLab report", () => {
  it("has an issue a finding, and a blocker in front for what could not be judged", () => {
    assert.deepEqual(
      readGitlab(writeAll(gitlabReport)).map(({ severity, check_name }) => `${severity} ${check_name}`),
      [
        "blocker could-not-judge",
        "critical tokens-must-expire",
        "info tokens-must-expire",
        "major max-token-lifetime",
        "minor token-expiring-soon",
        "critical inventory-covered",
      ],
    );
  });

  it("says in an issue what a finding says, and who waived it", () => {
    const [first, second, third] = readGitlab(
      write(gitlabReport, USERS, {}, auditHeader({ location: "infra/Pulumi.yaml" })),
    );
    assert.deepEqual(first, {
      description: `svc_bi / "dashboards" (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.`,
      check_name: "tokens-must-expire",
      severity: "critical",
      fingerprint: USERS[1]?.findings[0]?.fingerprint,
      location: { path: "infra/Pulumi.yaml", lines: { begin: 1 } },
    });
    assert.match(
      second?.description ?? "",
      / \(waived by WVR-2026-014 until 2026-03-31 \(data-platform@example\.com\): The vendor cannot rotate yet\)$/,
    );
    assert.match(third?.description ?? "", / \(in the baseline\)$/);
  });

  it("gives the same finding in two resources two fingerprints, the same in every run", () => {
    const twice = () => [
      HOSTILE_USER,
      { ...HOSTILE_USER, findings: HOSTILE_USER.findings.map((finding) => ({ ...finding, urn: "urn:2" })) },
      HOSTILE_USER,
    ];
    assert.equal(readGitlab(write(gitlabReport, twice())).length, 24);
    assert.equal(readGitlab(write(gitlabReport, [], { failures: [FAILURE, FAILURE] })).length, 2);
    assert.equal(write(gitlabReport, twice()), write(gitlabReport, twice()));
  });

  it("makes known findings information where only new ones count", () => {
    const issues = readGitlab(write(gitlabReport, USERS, {}, auditHeader({ failOnNew: true })));
    assert.equal(issues.find(({ check_name }) => check_name === "max-token-lifetime")?.severity, "info");
  });

  it("is no larger than GitLab takes: the most severe stay, and what could not be judged", () => {
    const name = "n".repeat(40_000);
    const finding = (rule: string, severity: "critical" | "low", index: number): Finding => ({
      ...STACK_FINDING,
      rule,
      severity,
      message: `${name}${index}`,
      fingerprint: createHash("sha256").update(`${rule}${index}`).digest("hex"),
    });
    const findings = Array.from({ length: 1500 }, (_, index) => [
      finding("mild", "low", index),
      finding("bad", "critical", index),
    ]).flat();
    const text = write(gitlabReport, [], { findings, failures: [FAILURE] });
    assert.ok(Buffer.byteLength(text) <= GITLAB_LIMIT, String(Buffer.byteLength(text)));
    const issues = readGitlab(text);
    const of = (check: string) => issues.filter(({ check_name }) => check_name === check).length;
    assert.deepEqual([of("could-not-judge"), of("bad"), of("left-out")], [1, 1500, 1]);
    assert.ok(of("mild") > 0 && of("mild") < 1500, String(of("mild")));
    assert.match(issues[0]?.description ?? "", new RegExp(`^Left out here: ${1500 - of("mild")} issues, because`));
  });

  it("is an empty list when nothing was found", () => {
    assert.deepEqual(readGitlab(write(gitlabReport, USERS.slice(0, 1))), []);
  });
});
