import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Baseline, formatBaseline, parseBaseline } from "../../../audit/baseline";
import type { AuditClosing, JudgedUser } from "../../../audit/result";
import { DEFAULT_SETTINGS } from "../../../client/settings";
import { MOTHERDUCK_API } from "../../../core/identity";
import type { Origin } from "../../../core/provenance";
import type { PolicyConfig } from "../../../policies/configuration/configuration";
import { loadReport, REPORT_NAMES } from "../../../reports";
import { auditHeader } from "../reports/fixture";
import { endlessToken, waiver } from "../support";
import { judgeWith, userItem } from "./support";

const API = MOTHERDUCK_API;
const A: Origin = { apiUrl: "https://a.example" };
const B: Origin = { apiUrl: "https://b.example" };
const ACME: Origin = { apiUrl: API, organization: "acme" };
const OTHER: Origin = { apiUrl: API, organization: "other" };

/** A user of one name, with one token, in each of these organizations. */
function judge(
  origins: readonly (Origin | undefined)[],
  config: PolicyConfig = {},
  baseline?: Baseline,
): { users: JudgedUser[]; closing: AuditClosing } {
  const judge = judgeWith(config, baseline && { baseline, failOnNew: true });
  const users = origins.flatMap(
    (origin) => judge.take(userItem("svc", [endlessToken({ id: "t1" })], origin && { origin })) ?? [],
  );
  return { users, closing: judge.close() };
}

const finding = ({ users }: { users: JudgedUser[] }, index = 0) =>
  users[index]?.findings.find(({ rule }) => rule !== "evidence-origin") ?? assert.fail();

describe("users of one name in two organizations", () => {
  for (const { title, one, another } of [
    { title: "at two addresses", one: A, another: B },
    { title: "that are named", one: ACME, another: OTHER },
    { title: "of which one is named", one: ACME, another: { apiUrl: API } },
    { title: "of one name at two addresses", one: ACME, another: { ...A, organization: "acme" } },
    { title: "of which the evidence of one tells nothing", one: ACME, another: undefined },
  ]) {
    it(`have findings of their own, ${title}`, () => {
      const { users } = judge([one, another]);
      assert.notEqual(finding({ users }, 0).fingerprint, finding({ users }, 1).fingerprint);
      assert.equal(finding(judge([one])).fingerprint, finding({ users }, 0).fingerprint);
    });

    it(`are not known by each other's baseline, ${title}`, () => {
      const baseline = parseBaseline("b.json", formatBaseline(judge([one]).users.flatMap(({ findings }) => findings)));
      assert.deepEqual(judge([one], {}, baseline).closing.summary.exitCode, 0);
      assert.deepEqual(judge([another], {}, baseline).closing.summary.exitCode, 1);
    });
  }

  it("are waived by the waivers of their own organization alone", () => {
    const waivedBy = (origin: Origin | undefined, config: PolicyConfig) => finding(judge([origin], config)).waiver?.id;
    const mine = { waivers: [waiver({ user: "svc", organization: "acme" })] };
    assert.deepEqual(
      [ACME, OTHER, A, undefined].map((origin) => waivedBy(origin, mine)),
      ["WVR-1", undefined, undefined, undefined],
    );
    const unnamed = { waivers: [waiver({ user: "svc" })] };
    assert.deepEqual(
      [ACME, OTHER, A, undefined].map((origin) => waivedBy(origin, unnamed)),
      [undefined, undefined, "WVR-1", "WVR-1"],
    );
    const home = { organization: "acme", ...unnamed };
    assert.deepEqual(
      [ACME, OTHER, A, undefined].map((origin) => waivedBy(origin, home)),
      ["WVR-1", undefined, undefined, undefined],
    );
  });

  it("are a fault of a waiver that cannot tell them apart", () => {
    const config = { waivers: [waiver({ user: "svc" })] };
    assert.deepEqual(judge([A, A], config).closing.findings, []);
    const { findings, summary } = judge([A, B], config).closing;
    assert.match(
      findings[0]?.message ?? "",
      /it holds for users of 2 organizations that it cannot tell apart; name each/,
    );
    assert.deepEqual([findings.length, findings[0]?.rule, summary.exitCode], [1, "waiver-hygiene", 1]);
  });

  it("leave a waiver of another organization alone: it is not unused here", () => {
    const unused = (organization: string) => {
      const waivers = [waiver({ user: "svc", rule: "no-expired-tokens", organization })];
      return judge([ACME], { waivers }).closing.findings.map(({ rule }) => rule);
    };
    assert.deepEqual([unused("acme"), unused("other")], [["waiver-hygiene"], []]);
  });

  it("do not stand in for an expected user of the default organization", () => {
    const missing = (origin: Origin | undefined, organization?: string) => {
      const rules = { "inventory-covered": { users: ["svc"] } };
      const config = { rules, ...(organization !== undefined && { organization }) };
      return judge([origin], config).closing.findings.length;
    };
    assert.deepEqual(
      [missing(undefined), missing(A), missing(ACME), missing(ACME, "acme"), missing(OTHER, "acme")],
      [0, 0, 1, 0, 1],
    );
  });

  it("make findings about the whole those of the one organization that was judged", () => {
    const config = { rules: { "inventory-covered": { users: ["gone"] } } };
    const print = (origin: Origin) => judge([origin], config).closing.findings[0]?.fingerprint;
    assert.notEqual(print(A), print(B));
  });

  // These tokens never expire, so that a calendar has nothing of them; its own tests have others.
  for (const name of REPORT_NAMES.filter((format) => format !== "ical")) {
    it(`are told apart in ${name}`, async () => {
      const { users, closing } = judge([ACME, OTHER]);
      const header = auditHeader({ source: { kind: "state", name: "s" } });
      // Metrics name users where somebody asks for it.
      const writer = (await loadReport(name))(header, { color: false }, { metricLabels: "user" });
      const text = users.map((user) => writer.user(user)).join("") + writer.end(closing);
      assert.match(text, /\bacme\b/);
      assert.match(text, /\bother\b/);
    });
  }

  it("at MotherDuck's own address, which is the client's default, need no name", () => {
    assert.equal(API, DEFAULT_SETTINGS.apiUrl);
  });
});
