import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "mocha";
import { Collector } from "../../../../reports/html/collect";
import type { PageData } from "../../../../reports/html/model";
import { renderPage } from "../../../../reports/html/page";
import { at, endlessToken, userToken, waiver } from "../../support";
import { type Audit, type AuditOptions, type Holder, htmlOf, judge, largeAudit, smallAudit } from "../html-fixture";
import { hostileAudit } from "../hostile";
import { assertHtml } from "../validators";

/** What is between two marks. */
function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  assert.ok(from >= 0, start);
  return text.slice(from + start.length, text.indexOf(end, from + start.length));
}

const dataOf = (html: string) =>
  JSON.parse(between(html, `<script type="application/json" id="data">`, "</script>")) as PageData;

function collect({ header, users, closing }: Audit, quietLimit?: number) {
  const collector = new Collector(header, quietLimit);
  for (const user of users) collector.user(user);
  return collector.end(closing);
}

describe("the HTML report", () => {
  it("is the same text for the same audit", () => {
    assert.equal(htmlOf(smallAudit()), htmlOf(smallAudit()));
  });

  it("is valid HTML, whatever names hold", async () => {
    await assertHtml(htmlOf(smallAudit()));
    await assertHtml(htmlOf(hostileAudit()));
  });

  it("lets nothing be loaded or run but its own script and style, which it names by hash", () => {
    const html = htmlOf(smallAudit());
    const policy = between(html, `<meta http-equiv="Content-Security-Policy" content="`, `"`);
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    assert.deepEqual(policy.split("; "), [
      "default-src 'none'",
      `script-src ${hash(between(html, "<script>", "</script>"))}`,
      `style-src ${hash(between(html, "<style>", "</style>"))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    assert.doesNotMatch(
      html,
      /<(link|img|iframe|object|embed|base)\b|\s(src|srcset|style|on\w+)=|@import|url\((?!"?#)/,
    );
  });

  it("keeps its data within its element, whatever names say", () => {
    const html = htmlOf(hostileAudit());
    assert.equal(html.match(/<script/g)?.length, 2);
    assert.equal(html.match(/<\/script/g)?.length, 2);
    assert.equal(html.match(/<style/g)?.length, 1);
    assert.ok(dataOf(html).users.some(({ name }) => name.includes("<script>")));
  });

  it("is small: below 3 MB for 5,000 tokens", () => {
    const bytes = Buffer.byteLength(htmlOf(largeAudit(5000)));
    assert.ok(bytes < 3_000_000, `${bytes} bytes`);
  });

  it("holds all findings, whatever is left out, and says how much that is", () => {
    const audit = largeAudit(500);
    const { data, facts } = collect(audit, 20);
    const findings = audit.users.flatMap((user) => user.findings);
    assert.equal(data.findings.length, findings.length);
    const kept = data.users.reduce((sum, { tokens }) => sum + tokens.length, 0);
    assert.equal(kept + facts.leftOut, 500);
    assert.ok(facts.leftOut > 50, JSON.stringify(facts.leftOut));
    assert.equal(
      Object.values(facts.totals.ends).reduce((sum, n) => sum + n),
      500,
    );
    const html = renderPage(data, facts).replace(/\s+/g, " ");
    assert.ok(html.includes(`Left out to keep it small: ${facts.leftOut} tokens without findings.`));
  });

  it("names every user, also those without tokens or with none that is kept, and without a script, too", () => {
    const holders = Array.from({ length: 200 }, (_, n): Holder => ({
      username: `user-${n}.`,
      tokens: n % 2 === 0 ? [] : [userToken({ id: `t${n}` })],
    }));
    const { data, facts } = collect(judge(holders), 4);
    assert.deepEqual([data.users.length, facts.leftOut], [200, 96]);
    const html = renderPage(data, facts).replace(/<script[^]*?<\/script>/g, "");
    for (const { username } of holders) {
      assert.ok(html.includes(`<bdi>${username}</bdi>`), username);
    }
  });

  it("tells a fact once: without who and which token, and the same way to fix it in one place", () => {
    const { data } = collect(
      judge([{ username: "svc_bi", tokens: [endlessToken({ id: "a" }), endlessToken({ id: "b" })] }]),
    );
    assert.deepEqual(
      data.findings.map(({ text, token, fix }) => [text, token, fix]),
      [
        ["never expires.", 0, 0],
        ["never expires.", 1, 0],
      ],
    );
    assert.deepEqual(data.fixes, [
      "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
    ]);
  });

  it("puts what to do first at the top: users and findings", () => {
    const { data } = collect(smallAudit());
    assert.deepEqual(
      data.users.map(({ name }) => name),
      ["linus", "svc_bi", "grace", "ada", "svc_etl"],
    );
    assert.equal(data.rules[data.findings[0]?.rule ?? -1]?.name, "deprovisioned-user-has-tokens");
    assert.equal(data.findings.at(-1)?.waiver, 0);
  });

  it("draws against the limits that the rules are set to, and none of rules that do not judge", () => {
    const rules = {
      "max-token-lifetime": { maxDays: 30, byType: { read_scaling: 60 } },
      "max-token-age": "disabled",
      "token-expiring-soon": { warnDays: 7 },
    } as const;
    const { data } = collect(judge([], { config: { rules } }));
    assert.deepEqual(data.limits, { lifetime: { read_write: 30, read_scaling: 60 }, warnDays: 7 });
  });

  it("keeps a finding of a rule that it does not know", () => {
    const audit = smallAudit();
    const [first, ...rest] = audit.users;
    assert.ok(first);
    const finding = { ...first.findings[0]!, rule: "from-the-future", severity: "critical" } as const;
    const html = htmlOf({ ...audit, users: [{ ...first, findings: [finding] }, ...rest] });
    assert.match(html, /from-the-future/);
  });

  it("keeps what cannot be read as it came: dates, types", () => {
    const odd = userToken({ id: "x", createdTs: "soon", expireAt: "never", tokenType: "admin", readOnly: true });
    const html = htmlOf(judge([{ username: "ada", tokens: [odd] }]));
    assert.deepEqual(dataOf(html).users[0]?.tokens, [
      { id: "x", name: "x", type: "admin", readOnly: true, created: "soon", expires: "never" },
    ]);
    assert.match(html, /age unknown/);
    assert.match(html, /is not a date/);
  });
});

describe("the verdict of the HTML report", () => {
  const verdict = (holders: readonly Holder[], options: AuditOptions = {}) => {
    const { tone, word, detail } = collect(judge(holders, options)).facts.verdict;
    return [tone, `${word}: ${detail}`];
  };
  const good: Holder = { username: "ada", tokens: [userToken({ id: "a" })] };
  const bad: Holder = { username: "svc_bi", tokens: [endlessToken({ id: "b" })] };
  const meh: Holder = { username: "bob", tokens: [userToken({ id: "c", createdTs: at(-60), expireAt: at(5) })] };
  const failures = [{ subject: "svc_web", message: "The API answered 503." }];

  for (const { holders, options, expected } of [
    { holders: [good], options: {}, expected: ["pass", "Clean: No findings."] },
    {
      holders: [],
      options: {},
      expected: ["warn", "Nothing was judged: There are no users in the evidence. No findings."],
    },
    { holders: [good, bad], options: {}, expected: ["fail", "Failed: 1 mandatory finding."] },
    { holders: [meh], options: {}, expected: ["pass", "Passed: 1 advisory finding."] },
    { holders: [meh], options: { failOn: "advisory" }, expected: ["fail", "Failed: 1 advisory finding."] },
    {
      holders: [bad],
      options: { failOn: "none" },
      expected: ["warn", "Passed: 1 mandatory finding. No finding fails this audit."],
    },
    {
      holders: [bad, meh],
      options: { failures },
      expected: [
        "fail",
        "Incomplete: 1 failure. What could not be read or judged is not clean. 1 mandatory finding, 1 advisory finding.",
      ],
    },
    {
      holders: [bad],
      options: { config: { waivers: [waiver()] } },
      expected: ["pass", "Passed: No findings but 1 waived."],
    },
    {
      holders: [bad],
      options: { failOnNew: true, isKnown: () => true },
      expected: ["pass", "Passed: No findings but 1 known."],
    },
  ] satisfies { holders: Holder[]; options: AuditOptions; expected: string[] }[]) {
    it(`says "${expected[1]}"`, () => assert.deepEqual(verdict(holders, options), expected));
  }
});
