import assert from "node:assert/strict";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { describe, it } from "mocha";
import { printable } from "../../../core/printable";
import { tokensMustExpire } from "../../../policies/rules";
import { markdownReport, MARKDOWN_LIMIT } from "../../../reports/markdown";
import { code, plain, sentence } from "../../../reports/markdown-text";
import { endlessToken } from "../support";
import {
  auditHeader,
  FAILURE,
  HOSTILE_NAMES,
  HOSTILE_USER,
  judged,
  STACK_FINDING,
  USERS,
  write,
  writeAll,
} from "./fixture";

const markdown = new MarkdownIt({ html: true, linkify: true });
const unescape = (html: string) =>
  html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
/** What a cell of a table shows, as HTML. */
const cell = (text: string) => /<td>(.*?)<\/td>/s.exec(markdown.render(`| a |\n| --- |\n| ${text} |\n`))?.[1] ?? "";
const bytes = (text: string) => Buffer.byteLength(text);

describe("The Markdown report", () => {
  it("says first how it ended, then what to do, then the findings", () => {
    assert.equal(
      write(markdownReport, USERS, { findings: [STACK_FINDING] }),
      `## ❌ MotherDuck tokens

**Failed: 3 mandatory findings, 1 advisory finding, 1 waived.**

Judged 3 users with 6 tokens by 14 rules. Disabled: max-token-age. Evidence: \`https://api.motherduck.com\`, judged at 2026-03-01T12:00:00.000Z.

**Do first**: tokens-must-expire (high), 1 token. Create a replacement with a ttl, switch its consumers, then revoke the token that never expires.

| Rule | Severity | Mandatory | Advisory | Known | Waived |
| --- | --- | ---: | ---: | ---: | ---: |
| \`tokens-must-expire\` | high | 1 | 0 | 0 | 1 |
| \`inventory-covered\` | high | 1 | 0 | 0 | 0 |
| \`max-token-lifetime\` | medium | 1 | 0 | 0 | 0 |
| \`token-expiring-soon\` | low | 0 | 1 | 0 | 0 |

<details><summary><code>svc_bi</code>: 3 findings</summary>

| Level | Severity | Rule | Finding |
| --- | --- | --- | --- |
| mandatory | high | \`tokens-must-expire\` | \`"dashboards"\` (b93b4bae-a030-4018-8718-59e7a1b1fcda): never expires. Create a replacement with ttl &#60;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. |
| mandatory, known | medium | \`max-token-lifetime\` | \`"nightly"\` (7c1f0000-0000-4000-8000-000000000001): lifetime 230 days exceeds 90 days. Create a replacement with ttl &#60;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. |
| advisory | low | \`token-expiring-soon\` | \`"export"\` (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2): expires in 3 days (2026-03-04T12:00:00.000Z), within 14 days. Create a replacement with ttl &#60;= 7776000 (people create theirs in their own settings), switch its consumers before that. |

</details>

<details><summary>The stack and the configuration: 1 finding</summary>

| Level | Severity | Rule | Finding |
| --- | --- | --- | --- |
| mandatory | high | \`inventory-covered\` | svc_gone: the user is expected, and has no evidence. Declare the user's tokens. |

</details>

### Waived

| Waiver | Until | Owner | Reason | Rule | Finding |
| --- | --- | --- | --- | --- | --- |
| \`WVR-2026-014\` | 2026-03-31 | <code>data-platform&#64;example.com</code> | The vendor cannot rotate yet | \`tokens-must-expire\` | svc_bi / \`"vendor"\` (84b74c35-73ae-4402-8479-58b9915218e2): never expires. Create a replacement with ttl &#60;= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. |
`,
    );
  });

  it("names in front what could not be judged", () => {
    assert.equal(
      write(markdownReport, USERS.slice(0, 1), { failures: [FAILURE] }),
      `## ⛔ MotherDuck tokens

**Incomplete: 1 failure. What could not be read or judged is not clean. No findings.**

Judged 1 user with 2 tokens by 14 rules. Disabled: max-token-age. Evidence: \`https://api.motherduck.com\`, judged at 2026-03-01T12:00:00.000Z.

**Do first**: complete the evidence: svc_etl could not be judged.

### Not judged

- \`svc_etl\`: MotherDuck answered 403: the token is not one of an admin. Use a token of a user with the Admin role.
`,
    );
  });

  it("says plainly what was judged where nothing was found", () => {
    assert.equal(
      write(markdownReport, USERS.slice(0, 1)),
      `## ✅ MotherDuck tokens

**Clean: no findings.**

Judged 1 user with 2 tokens by 14 rules. Disabled: max-token-age. Evidence: \`https://api.motherduck.com\`, judged at 2026-03-01T12:00:00.000Z.
`,
    );
  });

  it("marks known findings where only new ones count", () => {
    assert.match(writeAll(markdownReport, { failOnNew: true }), /^\| known \| medium \| `max-token-lifetime` \|/m);
  });

  it("shows names as they are, and nothing that they are not", () => {
    const html = markdown.render(write(markdownReport, [HOSTILE_USER]));
    assert.doesNotMatch(html, /<(?:a|script|em|strong[^>]|img)\b(?! )/);
    assert.doesNotMatch(html, /<a |<script/);
    for (const name of HOSTILE_NAMES.slice(1, 4)) assert.ok(unescape(html).includes(`<code>"${name}"</code>`), name);
    assert.equal(html.match(/<details>/g)?.length, html.match(/<\/details>/g)?.length);
    assert.equal(html.match(/<tr>/g)?.length, 2 + 1 + HOSTILE_NAMES.length);
  });

  it("stays below GitHub's limit with many users, and counts what it left out", () => {
    const user = (number: number) =>
      judged(`svc_${number}`, [endlessToken({ id: `${number}`, name: "日本語|`@".repeat(10) })], [tokensMustExpire]);
    const users = Array.from({ length: 6000 }, (_, number) => user(number));
    const text = write(markdownReport, users);
    assert.ok(bytes(text) < MARKDOWN_LIMIT && bytes(text) > MARKDOWN_LIMIT * 0.95, `${bytes(text)}`);
    const [, left = ""] =
      /\*\*Left out here, because a step summary ends at 1 MiB: ([\d,]+) findings\.\*\*/.exec(text) ?? [];
    assert.equal(text.match(/^\| mandatory \|/gm)?.length, 6000 - Number(left.replace(",", "")));
    assert.match(text, /^\*\*Failed: 6,000 mandatory findings\.\*\*$/m);
  });

  it("stays below the limit whatever is in it", () => {
    const huge = "@|`<".repeat(300_000);
    const [ada] = USERS;
    assert.ok(ada);
    const finding = { ...STACK_FINDING, message: huge };
    const failure = { subject: huge, message: huge };
    for (const rest of [
      { findings: [finding] },
      { failures: [failure] },
      { findings: [finding, STACK_FINDING], failures: [failure, FAILURE] },
    ]) {
      const text = write(markdownReport, [ada], rest, auditHeader({ source: { kind: "state", name: huge } }));
      assert.ok(bytes(text) < MARKDOWN_LIMIT, `${bytes(text)}`);
      assert.match(text, /Left out here/);
    }
    const many = write(markdownReport, [], { failures: Array.from({ length: 20_000 }, () => FAILURE) });
    assert.ok(bytes(many) < MARKDOWN_LIMIT);
    assert.match(many, /\*\*Incomplete: 20,000 failures\./);
    assert.match(many, /Left out here, because a step summary ends at 1 MiB: [\d,]+ failures\./);
  });
});

describe("Text in Markdown", () => {
  const Name = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc
      .array(fc.constantFrom(..."|`\\<>&@#*_~[]()!:$ \"'ax1.", "www.", "http://", "&amp;", "&#64;", "-->", "``"), {
        maxLength: 12,
      })
      .map((parts) => parts.join("")),
  );

  it("is the same text when it is read, as code", () => {
    fc.assert(
      fc.property(
        Name.map((name) => printable(name)),
        (name) => {
          const [, shown = ""] = /^<code>(.*)<\/code>$/s.exec(cell(code(name))) ?? assert.fail(cell(code(name)));
          assert.equal(unescape(shown), name);
        },
      ),
    );
  });

  it("is the same text when it is read, in a sentence, and makes no link, mention or reference", () => {
    fc.assert(
      fc.property(
        Name.map((name) => printable(name).trim()),
        (name) => {
          for (const write of [plain, sentence]) {
            const html = cell(`x ${write(name)} x`);
            assert.equal(unescape(html.replace(/<\/?code>/g, "")).replaceAll("\u200b", ""), `x ${name} x`);
            const outside = html.replace(/<code>.*?<\/code>/gs, "");
            assert.doesNotMatch(unescape(outside), /@\w|#\d|:\/\/|\bwww\./i);
          }
        },
      ),
    );
  });
});
