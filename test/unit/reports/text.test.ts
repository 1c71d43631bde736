import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import stringWidth from "string-width";
import { printable } from "../../../core/printable";
import { wrap } from "../../../reports/layout";
import { textReport } from "../../../reports/text";
import { auditHeader, FAILURE, HOSTILE_USER, STACK_FINDING, USERS, write, writeAll } from "./fixture";

const [ADA, SVC_BI, GRACE] = USERS;
assert.ok(ADA && SVC_BI && GRACE);

describe("The text report", () => {
  it("groups by user, and ends with how it went and what to do first", () => {
    assert.equal(
      write(textReport, USERS),
      `MotherDuck tokens
https://api.motherduck.com, judged at 2026-03-01T12:00:00.000Z

✓ ada  2 tokens

✗ svc_bi  4 tokens, service account
  mandatory  high      tokens-must-expire
    "dashboards" (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.
  waived     high      tokens-must-expire
    "vendor" (84b74c35-73ae-4402-8479-58b9915218e2): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.
    waived by WVR-2026-014 until 2026-03-31 (data-platform@example.com): The vendor cannot rotate yet
  mandatory  medium    max-token-lifetime  (known)
    "nightly" (7c1f0000-0000-4000-8000-000000000001): lifetime 230 days exceeds 90 days. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.
  advisory   low       token-expiring-soon
    "export" (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2): expires in 3 days (2026-03-04T12:00:00.000Z), within 14 days. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers before that.

✓ grace  0 tokens

Failed: 2 mandatory findings, 1 advisory finding, 1 waived.

Judged 3 users with 6 tokens by 14 rules. Disabled: max-token-age.

  tokens-must-expire   high      1 mandatory, 1 waived
  max-token-lifetime   medium    1 mandatory
  token-expiring-soon  low       1 advisory

Do first: tokens-must-expire (high), 1 token. Create a replacement with a ttl, switch its consumers, then revoke the token that never expires.
`,
    );
  });

  it("says first in its summary what could not be judged", () => {
    assert.equal(
      writeAll(textReport).split("✓ grace  0 tokens\n")[1],
      `
The stack and the configuration
  mandatory  high      inventory-covered
    svc_gone: the user is expected, and has no evidence. Declare the user's tokens.

Incomplete: 1 failure. What could not be read or judged is not clean. 3 mandatory findings, 1 advisory finding, 1 waived.
  ✗ svc_etl: MotherDuck answered 403: the token is not one of an admin. Use a token of a user with the Admin role.

Judged 3 users with 6 tokens by 14 rules. Disabled: max-token-age.

  tokens-must-expire   high      1 mandatory, 1 waived
  inventory-covered    high      1 mandatory
  max-token-lifetime   medium    1 mandatory
  token-expiring-soon  low       1 advisory

Do first: complete the evidence: svc_etl could not be judged.
`,
    );
  });

  it("names the user of a finding that stands below no user", () => {
    const findings = [{ ...STACK_FINDING, username: "svc_gone" }];
    assert.match(write(textReport, [], { findings }), /^ {4}svc_gone: the user is expected/m);
  });

  it("says plainly what was judged where nothing was found", () => {
    assert.equal(
      write(textReport, [ADA, GRACE]),
      `MotherDuck tokens
https://api.motherduck.com, judged at 2026-03-01T12:00:00.000Z

✓ ada  2 tokens
✓ grace  0 tokens

Clean: no findings.

Judged 2 users with 2 tokens by 14 rules. Disabled: max-token-age.
`,
    );
  });

  it("does not call it clean when there was nobody to judge", () => {
    assert.match(write(textReport, []), /\n\nNothing was judged: there are no users in the evidence\. No findings\.\n/);
    const unknown = { ...STACK_FINDING, enforcementLevel: "advisory" as const };
    assert.match(write(textReport, [], { findings: [unknown] }), /^Nothing was judged: .* 1 advisory finding\.$/m);
  });

  it("does not call a mandatory finding passed without saying why", () => {
    const text = write(textReport, USERS, {}, auditHeader({ failOn: "none" }));
    assert.match(text, /^Passed: 2 mandatory findings, 1 advisory finding, 1 waived\. No finding fails this audit\.$/m);
  });

  it("says that nothing counts where all is waived or known", () => {
    const user = { ...SVC_BI, findings: SVC_BI.findings.slice(1, 3) };
    const text = write(textReport, [user], {}, auditHeader({ failOnNew: true }));
    assert.match(text, /^· svc_bi /m);
    assert.match(text, /^Passed: no findings but 1 known, 1 waived\.$/m);
    assert.doesNotMatch(text, /Do first/);
  });

  it("counts what else could not be judged in what to do first", () => {
    const text = write(textReport, [], { failures: [FAILURE, FAILURE, FAILURE] });
    assert.match(text, /^Do first: complete the evidence: svc_etl, and 2 others, could not be judged\.$/m);
  });

  it("lets known findings not count where only new ones do", () => {
    const text = write(textReport, [SVC_BI], {}, auditHeader({ failOnNew: true }));
    assert.match(text, /judged at 2026-03-01T12:00:00.000Z, only new findings count\n/);
    assert.match(text, /^ {2}known {6}medium {4}max-token-lifetime$/m);
    assert.match(text, /^Failed: 1 mandatory finding, 1 advisory finding, 1 known, 1 waived\.$/m);
  });

  it("says of a user who was deprovisioned, or may have been", () => {
    const text = write(textReport, [
      { ...ADA, isDeprovisioned: true },
      { ...GRACE, isDeprovisioned: "unknown" },
    ]);
    assert.match(text, /✓ ada {2}2 tokens, deprovisioned\n✓ grace {2}0 tokens, not known whether deprovisioned\n/);
  });

  it("is coloured where that is wanted, and only there", () => {
    assert.ok(!writeAll(textReport, {}, { color: false }).includes("\u001b"));
    const coloured = writeAll(textReport, {}, { color: true });
    assert.ok(coloured.includes("\u001b[31mmandatory\u001b[39m"), coloured);
    // eslint-disable-next-line no-control-regex -- these are colours
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ""), writeAll(textReport, {}, { color: false }));
  });

  it("keeps messages and sentences within the width", () => {
    for (const width of [40, 60, 80, 120]) {
      const text = write(textReport, [HOSTILE_USER, ...USERS], {}, auditHeader(), { color: false, width });
      // A user's name, and a rule's, stay on one line.
      const lines = text.split("\n").filter((line) => !/^(?:[✗✓] | {2}\S)/.test(line));
      assert.ok(lines.length > 25);
      for (const line of lines)
        assert.ok(stringWidth(line) <= width || !line.trim().includes(" "), `${width}: ${line}`);
    }
  });

  it("gives a pipeline's log no command", () => {
    for (const target of [{ color: false }, { color: false, width: 60 }]) {
      const text = write(
        textReport,
        [HOSTILE_USER],
        { failures: [{ subject: "::error::a", message: "##[error]b" }] },
        auditHeader(),
        target,
      );
      assert.doesNotMatch(text, /^\s*::/m);
      assert.doesNotMatch(text, /##\w*\[/);
      assert.ok(text.includes("\\u0023#vso[task.setvariable"));
    }
  });
});

describe("Wrapping", () => {
  it("loses no word, and keeps to the width", () => {
    const Words = fc.array(
      fc.string({ unit: "grapheme" }).map((word) => printable(word).replace(/\s/g, "") || "x"),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(Words, fc.integer({ min: 24, max: 100 }), (words, width) => {
        const lines = wrap(words.join(" "), 4, width).split("\n");
        assert.deepEqual(
          lines.flatMap((line) => line.slice(4).split(" ")),
          words,
        );
        for (const line of lines) assert.ok(stringWidth(line) <= width || !line.slice(4).includes(" "), line);
      }),
    );
  });
});
