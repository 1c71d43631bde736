import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Failure, Finding, JudgedUser } from "../../../audit/result";
import { githubReport } from "../../../reports/github";
import { auditHeader, FAILURE, HOSTILE_USER, judged, USERS, write, writeAll } from "./fixture";
import { readGithub } from "./validators";

describe("The GitHub report", () => {
  it("says first how it ended, and has an annotation for each thing, the worst in front", () => {
    assert.equal(
      writeAll(githubReport, { failOnNew: true }),
      `::error file=Pulumi.yaml,line=1,title=MotherDuck tokens::Incomplete: 1 failure. What could not be read or judged is not clean. 2 mandatory findings, 1 advisory finding, 1 known, 1 waived. Judged 3 users with 6 tokens by 14 rules. Disabled: max-token-age.
::error file=Pulumi.yaml,line=1,title=Not judged%3A svc_etl::MotherDuck answered 403: the token is not one of an admin. Use a token of a user with the Admin role.
::error file=Pulumi.yaml,line=1,title=tokens-must-expire (high)::svc_bi / "dashboards" (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.
::error file=Pulumi.yaml,line=1,title=inventory-covered (high)::svc_gone: the user is expected, and has no evidence. Declare the user's tokens.
::warning file=Pulumi.yaml,line=1,title=token-expiring-soon (low)::svc_bi / "export" (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2): expires in 3 days (2026-03-04T12:00:00.000Z), within 14 days. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers before that.
::notice file=Pulumi.yaml,line=1,title=max-token-lifetime (medium%2C known)::svc_bi / "nightly" (7c1f0000-0000-4000-8000-000000000001): lifetime 230 days exceeds 90 days. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. (in the baseline)
::notice file=Pulumi.yaml,line=1,title=tokens-must-expire (high%2C waived)::svc_bi / "vendor" (84b74c35-73ae-4402-8479-58b9915218e2): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. (waived by WVR-2026-014 until 2026-03-31 (data-platform@example.com): The vendor cannot rotate yet)
`,
    );
  });

  it("says what was judged where nothing was found", () => {
    assert.equal(
      write(githubReport, USERS.slice(0, 1)),
      "::notice file=Pulumi.yaml,line=1,title=MotherDuck tokens::Clean: no findings. Judged 1 user with 2 tokens by 14 rules. Disabled: max-token-age.\n",
    );
  });

  it("has at most ten of a kind, failures before all else, and says how many more there are", () => {
    const [, { findings: [mandatory, waived, , advisory] } = { findings: [] }] = USERS;
    const many = (finding: Finding | undefined, number: number) =>
      Array.from({ length: number }, () => finding ?? assert.fail());
    const users: JudgedUser[] = [
      { ...judged("many", []), findings: [...many(waived, 30), ...many(advisory, 12), ...many(mandatory, 25)] },
    ];
    const annotations = readGithub(write(githubReport, users, { failures: [FAILURE, FAILURE] }));
    const of = (kind: string) => annotations.filter((annotation) => annotation.kind === kind);
    assert.deepEqual([of("error").length, of("warning").length, of("notice").length], [10, 10, 10]);
    assert.deepEqual(
      annotations.slice(0, 3).map(({ properties }) => properties.title),
      ["MotherDuck tokens", "Not judged: svc_etl", "Not judged: svc_etl"],
    );
    assert.match(
      annotations[0]?.message ?? "",
      / Not shown here: 18 errors, 2 warnings, 20 notices\. The other reports have them all\.$/,
    );
  });

  it("keeps names in their places", () => {
    assert.deepEqual(
      readGithub(write(githubReport, [HOSTILE_USER]))
        .map(({ message }) => message)
        .slice(1),
      HOSTILE_USER.findings.map(({ message }) => message),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (subject, message) => {
        const failure: Failure = { subject, message };
        const location = `a,b::${subject}`;
        const lines = write(githubReport, [], { failures: [failure] }, auditHeader({ location })).split("\n");
        assert.equal(lines.length, 3);
        assert.deepEqual(readGithub(lines[1] ?? "")[0], {
          kind: "error",
          properties: { file: location, line: "1", title: `Not judged: ${subject}` },
          message,
        });
      }),
    );
  });
});
