import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PolicyConfig } from "../../../../policies/configuration/configuration";
import { Collector } from "../../../../reports/html/collect";
import { controls } from "../../../../reports/html/view/controls";
import { NOBODY } from "../../../../reports/html/view/finding";
import { LISTED_OWNERS, ownersSection } from "../../../../reports/html/view/owners";
import { EVERYTHING, select, viewOfHash } from "../../../../reports/html/view/selection";
import { timelineLegend } from "../../../../reports/html/view/timeline";
import { usersList } from "../../../../reports/html/view/users";
import { scaleOf } from "../../../../reports/html/view/scale";
import { endlessToken, userToken, waiver } from "../../support";
import { type Holder, htmlOf, judge, largeAudit, smallAudit } from "../html-fixture";

const config: PolicyConfig = {
  owners: { users: { "svc_*": "platform", ada: "research" }, tokens: [{ token: "night", owner: "#night" }] },
};
const HOLDERS: readonly Holder[] = [
  {
    username: "svc_etl",
    tokens: [endlessToken({ id: "night" }), endlessToken({ id: "day" }), userToken({ id: "ok" })],
  },
  { username: "ada", tokens: [userToken({ id: "laptop" })] },
  { username: "bob", tokens: [endlessToken({ id: "b" })] },
];

function dataOf(holders = HOLDERS, settings = config) {
  const { header, users, closing } = judge(holders, { config: settings });
  const collector = new Collector(header);
  for (const user of users) collector.user(user);
  return collector.end(closing).data;
}

const words = (markup: string) =>
  markup
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

describe("the owners on the page", () => {
  it("are listed with what they have to do, nobody last, and who has nothing to do is counted", () => {
    assert.equal(
      words(ownersSection(dataOf()).text),
      "Who has to do what " +
        "platform by user setting 2 mandatory Tokens must expire 1 Few read_write tokens per user 1 " +
        "#night by token setting 1 mandatory Tokens must expire 1 " +
        "Without an owner 1 mandatory Tokens must expire 1 " +
        "1 other owner with nothing to do.",
    );
  });

  it("have nothing to do for what is waived", () => {
    const waivers = [waiver({ user: "bob" })];
    assert.doesNotMatch(words(ownersSection(dataOf(HOLDERS, { ...config, waivers })).text), /Without an owner/);
  });

  it("are listed up to a limit, and the others counted", () => {
    const holders = Array.from({ length: LISTED_OWNERS + 2 }, (_, n): Holder => ({
      username: `u${n}`,
      email: `u${n}@example.com`,
      tokens: [endlessToken({ id: `t${n}` })],
    }));
    const text = words(ownersSection(dataOf(holders, { owners: {} })).text);
    assert.equal(text.match(/by email/g)?.length, LISTED_OWNERS);
    assert.match(text, /And 2 more owners, whom the filter names\.$/);
  });

  it("are not there where the settings name none", () => {
    const page = htmlOf(smallAudit());
    assert.doesNotMatch(
      page.replace(/<(style|script)[^]*?<\/\1>/g, ""),
      /Who has to do what|[Nn]o owner|filter-owner|All owners/,
    );
    assert.ok(!controls(dataOf(HOLDERS, {})).text.includes("filter-owner"));
  });

  it("stand beside users, and beside findings that have another", () => {
    const data = dataOf();
    const etl = select(data, { ...EVERYTHING, q: "svc_etl" }).users;
    const text = words(usersList(data, etl, scaleOf(data)).text);
    assert.match(text, /^svc_etl owner platform by user setting/);
    assert.equal(text.match(/owner platform/g)?.length, 1);
    assert.equal(text.match(/owner #night by token setting/g)?.length, 1);
    const bob = select(data, { ...EVERYTHING, q: "bob" }).users;
    assert.match(words(usersList(data, bob, scaleOf(data)).text), /^bob no owner/);
  });

  it("can be chosen", () => {
    const options = [...controls(dataOf()).text.matchAll(/<option value="([^"]*)"/g)].map(([, value]) => value);
    for (const owner of ["platform", "research", "#night", NOBODY]) assert.ok(options.includes(owner), owner);
  });

  for (const { owner, users, findings } of [
    { owner: "platform", users: { svc_etl: ["day", "ok"] }, findings: 2 },
    { owner: "#night", users: { svc_etl: ["night"] }, findings: 1 },
    { owner: "research", users: { ada: ["laptop"] }, findings: 0 },
    { owner: NOBODY, users: { bob: ["b"] }, findings: 1 },
    { owner: "nobody", users: {}, findings: 0 },
  ]) {
    it(`select their users, tokens and findings: ${JSON.stringify(owner)}`, () => {
      const data = dataOf();
      const view = viewOfHash(`#${new URLSearchParams({ owner }).toString()}`);
      const selection = select(data, view);
      const shown = selection.users.map(({ place, tokens }) => {
        const user = data.users[place] ?? assert.fail();
        return [user.name, tokens.map((at) => user.tokens[at]?.name).sort()];
      });
      // A token without findings is shown with those of the user's own owner.
      assert.deepEqual(Object.fromEntries(shown), users);
      assert.equal(selection.findings.length, findings);
    });
  }

  it("are found by the search", () => {
    assert.equal(select(dataOf(), { ...EVERYTHING, q: "#night" }).findings.length, 1);
  });

  it("are listed quickly for many", () => {
    const { header, users, closing } = largeAudit(20_000, { config: { owners: { users: { "svc_*": "platform" } } } });
    const collector = new Collector(header);
    for (const user of users) collector.user(user);
    assert.match(words(ownersSection(collector.end(closing).data).text), /platform by user setting/);
  });
});

describe("the limits of groups on the page", () => {
  it("are told among the settings of the rule, and the legend says that they are not drawn", () => {
    const groups: PolicyConfig["groups"] = [
      { name: "robots", users: ["svc_*"], rules: { "max-token-age": { maxDays: 7 } } },
    ];
    const data = dataOf(HOLDERS, { groups });
    const rule = data.rules.find(({ name }) => name === "max-token-age");
    assert.deepEqual(rule?.settings.at(-1), ["for group robots", `{"maxDays":7}`]);
    assert.match(words(timelineLegend(data).text), /limits of groups are not drawn/);
    assert.doesNotMatch(words(timelineLegend(dataOf()).text), /groups/);
  });
});
