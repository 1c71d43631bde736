import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ByOwner, describeWays, partsByOwner } from "../../../../reports/vocabulary/by-owner";
import { csvReport } from "../../../../reports/csv";
import { markdownReport } from "../../../../reports/markdown";
import { sarifReport } from "../../../../reports/sarif";
import { textReport } from "../../../../reports/text";
import { auditHeader, OWNED_USERS, STACK_FINDING, USERS, write } from "../fixture";

const header = auditHeader({ namesOwners: true });
const [ada, bi, grace] = OWNED_USERS;
const finding = bi?.findings[0] ?? assert.fail();

describe("Reports that are grouped by owner", () => {
  it("have the owner with the most urgent finding first, and last what nobody owns", () => {
    const groups = new ByOwner<number>(header);
    groups.add(undefined, 1, [{ ...finding, severity: "critical" }]);
    groups.add("quiet", 2, []);
    groups.add("b", 3, [{ ...finding, enforcementLevel: "advisory" }]);
    groups.add("a", 4, [{ ...finding, enforcementLevel: "advisory" }]);
    groups.add("many", 5, [finding]);
    groups.add("most", 6, [finding, finding]);
    groups.add("many", 7, []);
    assert.deepEqual(groups.groups(), [
      { owner: "most", items: [6], findings: 2 },
      { owner: "many", items: [5, 7], findings: 1 },
      { owner: "a", items: [4], findings: 1 },
      { owner: "b", items: [3], findings: 1 },
      { owner: "quiet", items: [2], findings: 0 },
      { items: [1], findings: 1 },
    ]);
  });

  it("hold each finding of a user once, at its owner, and a user without findings at the user's own", () => {
    const parts = OWNED_USERS.flatMap(partsByOwner).map(({ owner, user }) => [owner, user.findings.length]);
    assert.deepEqual(parts, [
      ["ada@example.com", 0],
      ["data-platform", 2],
      ["#night-shift", 1],
      [undefined, 1],
      [undefined, 0],
    ]);
  });

  it("say how an owner was found: of the findings, or of the user where there are none", () => {
    assert.equal(describeWays(ada ?? assert.fail()), "owner by email");
    assert.equal(describeWays(bi ?? assert.fail()), "owner by user setting, description and token setting");
    assert.equal(describeWays(grace ?? assert.fail()), undefined);
  });
});

describe("The text report with owners", () => {
  const lines = write(textReport, OWNED_USERS, { findings: [STACK_FINDING] }, header).split("\n");
  const headings = lines.filter((line) => /^(Owner|Without|[✓✗!·]|The stack)/.test(line));

  it("has users below their owners", () => {
    assert.deepEqual(headings, [
      "Owner data-platform: 2 findings",
      "✗ svc_bi  4 tokens, service account, owner by user setting and description",
      "Owner #night-shift: 1 finding",
      "✗ svc_bi  4 tokens, service account, owner by token setting",
      "Owner ada@example.com: 0 findings",
      "✓ ada  2 tokens, owner by email",
      "Without an owner: 1 finding",
      "! svc_bi  4 tokens, service account",
      "✓ grace  0 tokens",
      "The stack and the configuration",
    ]);
  });

  it("says the same of the whole as without them", () => {
    const end = (text: string) => text.slice(text.indexOf("The stack and"));
    const without = write(textReport, USERS, { findings: [STACK_FINDING] });
    assert.equal(end(lines.join("\n")), end(without));
    assert.doesNotMatch(without, /[Oo]wner/);
  });
});

describe("The Markdown report with owners", () => {
  it("has the users' sections below their owners, and those of the stack after them", () => {
    const text = write(markdownReport, OWNED_USERS, { findings: [STACK_FINDING] }, header);
    assert.deepEqual(text.match(/^(### .*|<details>.*)$/gm), [
      "### Owner `data-platform`: 1 finding",
      "<details><summary><code>svc_bi</code>: 1 finding, owner by user setting</summary>",
      "### Owner <code>&#35;night-shift</code>: 1 finding",
      "<details><summary><code>svc_bi</code>: 1 finding, owner by token setting</summary>",
      "### Without an owner: 1 finding",
      "<details><summary><code>svc_bi</code>: 1 finding</summary>",
      "<details><summary>The stack and the configuration: 1 finding</summary>",
      "### Waived",
    ]);
    assert.match(text, /"vendor".*owned by data-platform \(description\)/);
  });
});

describe("The CSV report with owners", () => {
  it("has the rows of one owner together", () => {
    const rows = write(csvReport, OWNED_USERS, { findings: [STACK_FINDING] }, header)
      .trim()
      .split("\r\n")
      .slice(1);
    assert.deepEqual(
      rows.map((row) => {
        const cells = row.split(",");
        return `${cells[0] ?? ""} ${cells[2] ?? ""}: ${cells.slice(-2).join(", ")}`;
      }),
      [
        "finding svc_bi: data-platform, user setting",
        "finding svc_bi: data-platform, description",
        "finding svc_bi: #night-shift, token setting",
        "user ada: ada@example.com, email",
        "finding svc_bi: , ",
        "user grace: , ",
        "finding : , ",
        "summary : , ",
      ],
    );
  });
});

describe("The SARIF report with owners", () => {
  it("has the owner as a property, and in the message, which code hosts show", () => {
    const { runs } = JSON.parse(write(sarifReport, OWNED_USERS, {}, header)) as {
      runs: { results: { message: { text: string }; properties: object }[] }[];
    };
    const [first] = runs[0]?.results ?? [];
    assert.deepEqual((first?.properties as { owner?: unknown }).owner, {
      name: "data-platform",
      foundBy: "user setting",
    });
    assert.match(first?.message.text ?? "", / \[owned by data-platform \(user setting\)\]$/);
  });
});
