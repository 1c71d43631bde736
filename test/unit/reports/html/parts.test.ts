import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseInstant } from "../../../../core/instant";
import { Collector } from "../../../../reports/html/collect";
import { controls, pager } from "../../../../reports/html/view/controls";
import { findingsList, groupByRule, unfoldFirst } from "../../../../reports/html/view/findings";
import { scaleOf } from "../../../../reports/html/view/scale";
import { EVERYTHING, paginate, select } from "../../../../reports/html/view/selection";
import { timelineLegend } from "../../../../reports/html/view/timeline";
import { usersList } from "../../../../reports/html/view/users";
import { at, endlessToken, userToken, waiver } from "../../support";
import { type Audit, type AuditOptions, type Holder, htmlOf, judge, smallAudit } from "../html-fixture";

function dataOf({ header, users, closing }: Audit) {
  const collector = new Collector(header, 1);
  for (const user of users) collector.user(user);
  return collector.end(closing).data;
}

/** What a reader sees of markup. */
const words = (markup: string) =>
  markup
    .replace(/<(style|script)[^]*?<\/\1>/g, "")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&quot;", '"')
    .replace(/\s+/g, " ");
const says = (holders: readonly Holder[], options: AuditOptions = {}) => words(htmlOf(judge(holders, options)));

describe("the parts of the HTML report", () => {
  const endless: Holder = { username: "svc_bi", tokens: [endlessToken({ id: "a" })] };

  it("tell what makes the audit fail, and where the evidence comes from", () => {
    assert.match(says([endless], { failOn: "advisory" }), /Fails on mandatory and advisory findings\./);
    const audit = judge([endless], { failOnNew: true, isKnown: () => false, configFile: "rules.yaml" });
    const text = words(htmlOf({ ...audit, header: { ...audit.header, source: { kind: "events", name: "-" } } }));
    assert.match(
      text,
      /Evidence: engine events from standard input, judged at 2026-03-01 12:00 UTC, with the settings in rules\.yaml\./,
    );
    assert.match(text, /Fails on mandatory findings that are not in the baseline\./);
    assert.match(text, /never expires\. new/);
  });

  it("tell the fact from the fix, whatever is in a name", () => {
    const tokens = ["Dr. Who", "a. b", "Create. Revoke. "].map((name) =>
      userToken({ id: name, name, createdTs: at(-10) }),
    );
    const { findings, fixes } = dataOf(judge([{ username: "Mr. X", tokens }]));
    const { text, fix } = findings.find(({ token }) => token === undefined) ?? {};
    assert.match(text ?? "", /^3 active read_write tokens exceed the limit of 2: "Create\. Revoke\. " .*\(a\. b\)\.$/);
    assert.match(fixes[fix ?? -1] ?? "", /^Revoke those that are not needed/);
  });

  it("show the fix that all findings of a rule share once, and several by number", () => {
    const of = (username: string, isServiceAccount?: boolean): Holder => ({
      ...{ username, tokens: [endlessToken({ id: "a" })] },
      ...(isServiceAccount !== undefined && { isServiceAccount }),
    });
    const [own, api] = [/Only its holder can create/g, /\(POST \/v1\/users\/\{username\}\/tokens\)/g];
    const one = says([of("ada", false), of("grace", false)]);
    assert.equal(one.match(own)?.length, 1);
    assert.doesNotMatch(one, /Fix 1/);
    const two = says([of("ada", false), of("svc_bi", true), of("grace", false)]);
    assert.deepEqual([two.match(own)?.length, two.match(api)?.length], [1, 1]);
    assert.match(
      two,
      /ada a a never expires\. Fix 1\. svc_bi a a never expires\. Fix 2\. grace a a never expires\. Fix 1\./,
    );
  });

  it("show each finding's own fix where there are too many to list", () => {
    const fixes = Array.from({ length: 10 }, (_, n) => `Mend it with tool ${n}.`);
    const audit = judge([{ username: "ada", tokens: [endlessToken({ id: "a" })] }]);
    const [user] = audit.users;
    const [finding] = user?.findings.filter(({ rule }) => rule === "tokens-must-expire") ?? [];
    assert.ok(user && finding);
    const textOf = (some: readonly string[]) =>
      words(htmlOf({ ...audit, users: [{ ...user, findings: some.map((fix) => ({ ...finding, fix })) }] }));
    assert.match(textOf(fixes), /never expires\. Mend it with tool 9\./);
    assert.match(textOf(fixes.slice(0, 9)), /never expires\. Fix 9\./);
  });

  it("name a token that MotherDuck made", () => {
    const audit = judge([{ username: "ada", tokens: [userToken({ id: "a", name: "MotherDuck Flights" })] }]);
    const users = audit.users.map((user) => ({
      ...user,
      tokens: user.tokens.map((token) => ({ ...token, isSystem: true as const })),
    }));
    const text = words(htmlOf({ ...audit, users }));
    assert.match(text, /MotherDuck Flights read_write, made by MotherDuck/);
  });

  it("mark what the baseline knows, in a card of its own where it does not count", () => {
    const counting = says([endless], { isKnown: () => true });
    assert.match(counting, /never expires\. in the baseline/);
    assert.doesNotMatch(counting, /in the baseline, do not count/);
    const excused = says([endless], { isKnown: () => true, failOnNew: true });
    assert.match(excused, /Known1in the baseline, do not count/);
    assert.match(excused, /0 Tokens must expire/);
    assert.match(excused, /1 known/);
  });

  it("show a waiver with all that is known of it, and one without a ticket", () => {
    const text = (fields: object) => says([endless], { config: { waivers: [waiver(fields)] } });
    assert.match(
      text({}),
      /waived WVR-1 until 2026-03-31, by data-platform@example\.com: The vendor cannot rotate yet/,
    );
    assert.match(text({ ticket: "SEC-1" }), /example\.com \(SEC-1\): The vendor/);
  });

  it("name who could not be judged, first, and say that on its card", () => {
    const text = says([endless], { failures: [{ subject: "svc_web", message: "The API answered 503." }] });
    assert.ok(text.indexOf("svc_web The API answered 503.") < text.indexOf("What to do first"));
    assert.match(text, /Not judged1failures, see above/);
  });

  it("say what a user is, and what is not known of it", () => {
    const account = { isServiceAccount: true, isDeprovisioned: "unknown" } as const;
    const audit = judge([{ ...endless, ...account, tokens: [endlessToken({ id: "a" })] }]);
    const [user] = audit.users;
    assert.ok(user);
    const text = words(htmlOf({ ...audit, users: [{ ...user, urn: "urn:pulumi:dev::x" }] }));
    assert.match(text, /svc_bi service account deprovisioned or not: unknown/);
    const person = { ...user, email: "<b>ada@example.com", roles: ["admin", "<i>"] };
    const html = htmlOf({ ...audit, users: [person] });
    assert.match(
      words(html),
      /svc_bi service account admin &lt;i&gt; deprovisioned or not: unknown &lt;b&gt;ada@example.com · 1 token/,
    );
    assert.match(text, /1 token · read 2026-03-01 11:59 UTC · urn:pulumi:dev::x/);
    assert.doesNotMatch(words(htmlOf({ ...audit, users: [{ ...user, fetchedAt: "once" }] })), /· read/);
  });

  it("show a token without a name, of an odd kind, and from the future", () => {
    const { name, ...nameless } = userToken({ id: "b", readOnly: true, createdTs: at(2), expireAt: at(9) });
    assert.equal(name, "b");
    const text = says([{ username: "ada", tokens: [nameless] }]);
    assert.match(text, /no name read_write, read only/);
    assert.match(text, /2026-03-03not yet created/);
  });

  it("say what is left out of a user with too many tokens", () => {
    const tokens = ["a", "b", "c"].map((id) => userToken({ id }));
    const data = dataOf(
      judge([{ username: "ada", tokens }], { config: { rules: { "max-read-write-tokens": { max: 3 } } } }),
    );
    assert.deepEqual(
      data.users.map((user) => [user.tokens.length, user.leftOut]),
      [[1, 2]],
    );
    const [page = []] = paginate(select(data, EVERYTHING).users);
    assert.match(
      words(usersList(data, page, scaleOf(data)).text),
      /1 of 3 tokens \(2 without findings not in this file\)/,
    );
  });

  it("say where nothing matches, and where there is more", () => {
    const data = dataOf(smallAudit());
    assert.match(findingsList(data, [], unfoldFirst([])).text, /No findings match\./);
    assert.match(usersList(data, [], scaleOf(data)).text, /No users or tokens match\./);
    const [user] = select(data, EVERYTHING).users;
    assert.ok(user);
    assert.match(usersList(data, [{ ...user, isContinued: true }], scaleOf(data)).text, /continued/);
    const groups = groupByRule(data);
    const folded = { isOpen: () => false, shown: () => 1 };
    assert.match(words(findingsList(data, groups, folded).text), /Show 1 more 1 of 2/);
    assert.doesNotMatch(findingsList(data, groups, folded).text, /<details[^>]* open/);
    assert.match(findingsList(data, groups, folded, true).text, /<noscript\s*>\s*<ul class="findings"/);
  });

  it("turn pages only where there are some, and not beyond them", () => {
    assert.equal(pager(1, 1).text, "");
    assert.equal(pager(1, 2).text.match(/disabled/g)?.length, 1);
    assert.equal(pager(2, 3).text.match(/disabled/g), null);
  });

  it("offer filters for what is known: accounts, the baseline", () => {
    assert.match(controls(dataOf(smallAudit({ isKnown: () => true }))).text, /In the baseline[^]*Service accounts/);
    assert.doesNotMatch(controls(dataOf(judge([endless]))).text, /Known to the baseline|Service accounts/);
  });

  it("explain the limits that there are", () => {
    const both = { read_write: 30, read_scaling: 60 };
    const data = {
      ...dataOf(judge([])),
      limits: { lifetime: both, age: { read_write: 90, read_scaling: 90 }, warnDays: 7 },
    };
    const text = words(timelineLegend(data).text);
    assert.match(text, /beyond the allowed lifetime \(30 days, read_scaling 60 days\)/);
    assert.match(text, /rotation due \(90 days\)expires soon \(7 days\)/);
    assert.doesNotMatch(words(timelineLegend({ ...data, limits: {} }).text), /days/);
  });

  it("find by type, and findings about the configuration", () => {
    const stale = waiver({ expires: "2026-01-01" });
    const data = dataOf(judge([{ ...endless, isServiceAccount: false }], { config: { waivers: [stale] } }));
    const count = (view: object) => select(data, { ...EVERYTHING, ...view }).findings.length;
    assert.equal(count({}), 2);
    assert.equal(count({ rule: "waiver-hygiene" }), 1);
    assert.equal(count({ q: "WVR-1" }), 1);
    assert.equal(count({ account: "person" }), 1);
    assert.equal(count({ type: "read_write" }), 1);
    assert.equal(count({ type: "other" }), 0);
    assert.equal(count({ status: "known" }), 0);
    assert.equal(data.now, parseInstant(at(0)));
  });
});
