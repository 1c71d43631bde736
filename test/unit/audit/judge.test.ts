import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import { type Baseline, formatBaseline, parseBaseline } from "../../../audit/baseline";
import { describeRules } from "../../../audit/judge";
import type { EvidenceItem } from "../../../audit/evidence-source";
import type { FailOn, Finding } from "../../../audit/result";
import type { UserToken } from "../../../core/user-token";
import { resolveConfiguration } from "../../../policies/configuration/configuration";
import { rules } from "../../../policies/rules";
import { at, endlessToken, failureOf, onByDefault, userToken, waiver, without } from "../support";
import { judgeWith, urnOf, userItem } from "./support";

const GOOD = userItem("ada", [userToken({ id: "good" })]);
const ENDLESS = userItem("svc_bi", [endlessToken({ id: "endless" })]);
const NAMELESS = userItem("bob", [userToken({ id: "nameless", name: " " })]);

describe("the audit's judge", () => {
  it("gives a user with its findings, and what they are about", () => {
    const user = judgeWith().take({ ...ENDLESS, urn: urnOf("bi") } as typeof ENDLESS);
    const [finding, ...others] = user?.findings ?? [];
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...finding, message: "", fingerprint: "" },
      {
        rule: "tokens-must-expire",
        severity: "high",
        enforcementLevel: "mandatory",
        fact: "never expires",
        fix: "Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.",
        remedy: { action: "replace", tokenType: "read_write", maxTtlSeconds: 7_776_000 },
        message: "",
        username: "svc_bi",
        tokenId: "endless",
        tokenName: "endless",
        urn: urnOf("bi"),
        origin: { apiUrl: "https://api.motherduck.com" },
        fingerprint: "",
      },
    );
    assert.match(finding?.message ?? "", /^svc_bi \/ "endless" \(endless\): never expires/);
    assert.match(finding?.fingerprint ?? "", /^[0-9a-f]{64}$/);
  });

  it("marks the tokens that MotherDuck made itself, and spares them where the settings say so", () => {
    const made = endlessToken({ id: "f", name: "MotherDuck Flights" });
    const item = userItem("ada", [made, endlessToken({ id: "own" })]);
    for (const [systemTokens, level] of [
      ["judged", "mandatory"],
      ["advisory", "advisory"],
    ] as const) {
      const judge = judgeWith({ systemTokens });
      const { tokens, findings } = judge.take(item) ?? assert.fail();
      assert.deepEqual(
        tokens.map(({ id, isSystem }) => [id, isSystem]),
        [
          ["f", true],
          ["own", undefined],
        ],
      );
      assert.deepEqual(
        findings.map(({ tokenId, enforcementLevel }) => [tokenId, enforcementLevel]),
        [
          ["f", level],
          ["own", "mandatory"],
        ],
      );
      assert.deepEqual(judge.close().summary[level], level === "mandatory" ? 2 : 1);
    }
  });

  it("judges names as they are, and gives them in a form that is safe to print and that tells them apart", () => {
    const tokens = ["a\tb", "a\\u0009b", "\u200b"].map((name) =>
      userToken({ id: `id of ${name}`, name, expireAt: "no\n" }),
    );
    const config = { waivers: [waiver({ user: "ada\t", token: "a\tb" })] };
    const judge = judgeWith({ ...config, rules: { "tokens-must-expire": "mandatory", "max-token-age": "disabled" } });
    const user = judge.take(userItem("ada\t", tokens));
    assert.equal(user?.username, "ada\\u0009");
    assert.deepEqual(
      user.tokens.map(({ id, name, expireAt }) => [id, name, expireAt]),
      [
        ["id of a\\u0009b", "a\\u0009b", "no\\u000a"],
        ["id of a\\u005cu0009b", "a\\u005cu0009b", "no\\u000a"],
        ["id of \\u200b", "\\u200b", "no\\u000a"],
      ],
    );
    const ofRule = (name: string) => user.findings.filter(({ rule }) => rule === name);
    assert.deepEqual(
      ofRule("tokens-must-expire").map(({ tokenName, waiver: held }) => [tokenName, held?.id]),
      [
        ["a\\u0009b", "WVR-1"],
        ["a\\u005cu0009b", undefined],
        ["\\u200b", undefined],
      ],
    );
    assert.deepEqual(
      ofRule("token-name-required").map(({ tokenId }) => tokenId),
      ["id of \\u200b"],
    );
    assert.deepEqual(ofRule("unique-token-names"), []);
    const texts = user.findings.flatMap((finding) => Object.values({ ...finding } as Record<string, unknown>));
    for (const text of texts) if (typeof text === "string") assert.doesNotMatch(text, /[\t\n\u200b]/);
    assert.equal(new Set(user.findings.map(({ fingerprint }) => fingerprint)).size, user.findings.length);
  });

  it("counts users, tokens, findings by level, and waived ones apart", () => {
    const judge = judgeWith({ waivers: [waiver({ user: "svc_bi", token: "endless" })] });
    const users = [GOOD, ENDLESS, NAMELESS, userItem("carl", [endlessToken({ id: "c" })])].map((item) =>
      judge.take(item),
    );
    assert.equal(users[1]?.findings[0]?.waiver?.id, "WVR-1");
    assert.equal(
      users[1]?.findings[0]?.enforcementLevel,
      "mandatory",
      "its own level, not what the waiver makes of it",
    );
    assert.deepEqual(judge.close().summary, {
      users: 4,
      tokens: 4,
      mandatory: 1,
      advisory: 1,
      waived: 1,
      known: 0,
      failures: 0,
      exitCode: 1,
    });
  });

  describe("the exit code", () => {
    for (const { title, items, failOn, exitCode } of [
      { title: "nothing found", items: [GOOD], failOn: "mandatory", exitCode: 0 },
      { title: "a mandatory finding", items: [GOOD, ENDLESS], failOn: "mandatory", exitCode: 1 },
      { title: "an advisory finding", items: [NAMELESS], failOn: "mandatory", exitCode: 0 },
      { title: "an advisory finding, to fail on those", items: [NAMELESS], failOn: "advisory", exitCode: 1 },
      { title: "a mandatory finding, to fail on advisory ones", items: [ENDLESS], failOn: "advisory", exitCode: 1 },
      { title: "findings that shall not count", items: [ENDLESS, NAMELESS], failOn: "none", exitCode: 0 },
    ] satisfies { title: string; items: (typeof GOOD)[]; failOn: FailOn; exitCode: number }[]) {
      it(`is ${exitCode} for ${title}`, () => {
        const judge = judgeWith({}, { failOn });
        for (const item of items) judge.take(item);
        assert.equal(judge.close().summary.exitCode, exitCode);
      });
    }

    it("is 2 where something could not be read, whatever was found and shall count", () => {
      for (const failOn of ["mandatory", "advisory", "none"] as const) {
        const judge = judgeWith({}, { failOn });
        judge.take(ENDLESS);
        judge.take({ kind: "failure", failure: { subject: "bob", message: "403" } });
        assert.equal(judge.close().summary.exitCode, 2);
      }
    });

    it("is 2 without any evidence, and says so", () => {
      const { summary, failures } = judgeWith().close();
      assert.deepEqual([summary.exitCode, summary.failures, failures.length], [2, 1, 1]);
      assert.match(failures[0]?.message ?? "", /there is no evidence/);
    });
  });

  describe("with a baseline", () => {
    const known = () => {
      const findings = judgeWith().take(ENDLESS)?.findings ?? [];
      assert.equal(findings.length, 1);
      return parseBaseline("b.json", formatBaseline(findings));
    };

    it("marks the findings that it knows, and counts them all the same", () => {
      const judge = judgeWith({}, { baseline: known() });
      assert.equal(judge.take(ENDLESS)?.findings[0]?.isKnown, true);
      assert.equal(judge.take(userItem("svc_bi", [endlessToken({ id: "another" })]))?.findings[0]?.isKnown, false);
      assert.equal(judge.close().summary.mandatory, 2);
    });

    it("counts new ones only, where only new ones shall count", () => {
      const old = judgeWith({}, { baseline: known(), failOnNew: true });
      old.take(ENDLESS);
      assert.deepEqual(pick(old.close().summary), { mandatory: 0, known: 1, exitCode: 0 });
      const more = judgeWith({}, { baseline: known(), failOnNew: true });
      more.take(userItem("svc_bi", [endlessToken({ id: "endless" }), endlessToken({ id: "new" })]));
      assert.deepEqual(pick(more.close().summary), { mandatory: 1, known: 1, exitCode: 1 });
    });

    const tokens = (number: number, fields: Partial<UserToken> = {}) =>
      Array.from({ length: number }, (_, index) => userToken({ id: `t${index}`, ...fields }));
    for (const { title, rule, settings = {}, before, fewer, more } of [
      {
        title: "more read_write tokens",
        rule: "max-read-write-tokens",
        before: tokens(4),
        fewer: tokens(3),
        more: [tokens(8), [...tokens(3), userToken({ id: "new" })]],
      },
      {
        title: "more tokens",
        rule: "max-tokens-per-user",
        settings: { max: 1 },
        before: tokens(3, { tokenType: "read_scaling" }),
        fewer: tokens(2, { tokenType: "read_scaling" }),
        more: [tokens(4, { tokenType: "read_scaling" })],
      },
      {
        title: "another name that is used twice, or once more",
        rule: "unique-token-names",
        before: tokens(3, { name: "a" }),
        fewer: tokens(2, { name: "a" }),
        more: [tokens(4, { name: "a" }), tokens(3, { name: "b" })],
      },
      {
        title: "another fault of a token's fields",
        rule: "token-fields-consistent",
        before: tokens(1, { tokenType: "odd", createdTs: at(9) }),
        fewer: tokens(1, { tokenType: "odd" }),
        more: [tokens(1, { tokenType: "odder" }), tokens(1, { createdTs: "never" })],
      },
    ] satisfies {
      title: string;
      rule: string;
      settings?: object;
      before: UserToken[];
      fewer: UserToken[];
      more: UserToken[][];
    }[]) {
      it(`does not know ${title}, and knows fewer`, () => {
        const config = { rules: { [rule]: { enforcementLevel: "mandatory" as const, ...settings } } };
        const judgeTokens = (list: UserToken[], baseline?: Baseline) =>
          judgeWith(config, baseline && { baseline })
            .take(userItem("svc_bi", list))
            ?.findings.filter((finding) => finding.rule === rule) ?? [];
        const accepted = judgeTokens(before);
        assert.ok(accepted.length > 0);
        const baseline = parseBaseline("b.json", formatBaseline(accepted));
        const isKnown = (list: UserToken[]) => judgeTokens(list, baseline).map((finding) => finding.isKnown);
        assert.deepEqual([isKnown(before), isKnown(fewer)], [[true], [true]]);
        for (const list of more) assert.deepEqual(isKnown(list), [false]);
      });
    }

    it("does not know another fault of a waiver: one that had no owner, and then ends", () => {
      const faults = (expires: string, baseline?: Baseline) => {
        const waivers = [without(waiver({ expires }), "owner")];
        const judge = judgeWith({ waivers }, baseline && { baseline });
        judge.take(GOOD);
        return judge.close().findings;
      };
      const baseline = parseBaseline("b.json", formatBaseline(faults("2026-03-31")));
      assert.deepEqual(
        faults("2026-02-01", baseline).map(({ isKnown, parts }) => [isKnown, ...(parts ?? [])]),
        [
          [false, "it expired on 2026-02-01"],
          [true, "it has no owner"],
        ],
      );
    });

    it("does not know more tokens of a user of whom it cannot be told whether they were deprovisioned", () => {
      const unknown = (number: number) => userItem("ada", tokens(number), { isListingExpected: true, roles: [] });
      const accepted = judgeWith().take(unknown(1))?.findings ?? [];
      const baseline = parseBaseline("b.json", formatBaseline(accepted));
      const isKnown = (number: number) =>
        judgeWith({}, { baseline })
          .take(unknown(number))
          ?.findings.map((finding) => finding.isKnown);
      assert.deepEqual([isKnown(1), isKnown(2)], [[true], [false]]);
    });

    const pick = ({ mandatory, known, exitCode }: { mandatory: number; known: number; exitCode: number }) => ({
      mandatory,
      known,
      exitCode,
    });
  });

  it("tells which rule could not judge whom: evidence that does not say whether users were deprovisioned", () => {
    const judge = judgeWith();
    judge.take(GOOD);
    judge.take(userItem("bob", [], { isDeprovisioned: false, roles: [] }));
    judge.take(userItem("eve", [], { isListingExpected: true }));
    const { notJudged, summary } = judge.close();
    const reason = "the evidence does not show whether they were deprovisioned";
    assert.deepEqual(notJudged, [
      { rule: "admin-tokens-limited", users: 1, reason: "the evidence does not include roles" },
      { rule: "deprovisioned-user-has-tokens", users: 1, reason },
    ]);
    assert.equal(summary.exitCode, 0);
    const rules = { "deprovisioned-user-has-tokens": "disabled", "admin-tokens-limited": "disabled" } as const;
    const without = judgeWith({ rules });
    without.take(GOOD);
    assert.equal(without.close().notJudged, undefined);
  });

  describe("where everybody was asked for", () => {
    const perUser = { svc_etl: 1, svc_bi: 3 };
    const config = {
      rules: { "read-scaling-only": { users: ["svc_bii", "bo*", "team_*"] }, "max-read-write-tokens": { perUser } },
      waivers: [waiver({ id: "W", user: "zo\u00eb" })],
    };
    const notes = (options: object, fail = false) => {
      const judge = judgeWith(config, options);
      for (const name of ["svc_bi", "bob", "zoe\u0308"]) judge.take(userItem(name, []));
      if (fail) judge.fail({ subject: "ada", message: "403" });
      return judge.close().findings;
    };

    it("notes the names in settings that match nobody, and what they may be meant for", () => {
      const found = notes({ isEverybody: true });
      assert.deepEqual(
        found.map(({ rule, enforcementLevel, message }) => `${enforcementLevel} ${rule}: ${message}`),
        [
          `advisory waiver-hygiene: waiver W: "zo\u00eb" matches nobody in the organization, and looks like "zoe\u0308", whose accents are written with other characters (Unicode NFC and NFD). Correct it, or remove it.`,
          `advisory max-read-write-tokens: the settings of max-read-write-tokens: "svc_etl" matches nobody in the organization. Correct it, or remove it.`,
          `advisory read-scaling-only: the settings of read-scaling-only: "svc_bii" matches nobody in the organization (did you mean "svc_bi"?). Correct it, or remove it.`,
          `advisory read-scaling-only: the settings of read-scaling-only: "team_*" matches nobody in the organization. Correct it, or remove it.`,
        ],
      );
      assert.equal(new Set(found.map(({ fingerprint }) => fingerprint)).size, 4);
    });

    it("says nothing of it where only some were, or somebody could not be read", () => {
      assert.deepEqual(notes({}), []);
      assert.deepEqual(notes({ isEverybody: true }, true), []);
    });
  });

  describe("rules about the whole", () => {
    it("finds an expected user without evidence, and a waiver that nothing matches", () => {
      const judge = judgeWith({
        rules: { "inventory-covered": { users: ["ada", "zoe"] } },
        waivers: [waiver({ user: "ada" })],
      });
      judge.take(GOOD);
      const { findings, summary } = judge.close();
      assert.deepEqual(
        findings.map(({ rule, username }) => [rule, username]),
        [
          ["inventory-covered", undefined],
          ["waiver-hygiene", undefined],
        ],
      );
      assert.equal(summary.mandatory, 2);
    });

    it("tells two waivers apart, for the baseline", () => {
      const judge = judgeWith({ waivers: [waiver({ id: "A", user: "ada" }), waiver({ id: "B", user: "ada" })] });
      judge.take(GOOD);
      assert.equal(new Set(judge.close().findings.map(({ fingerprint }) => fingerprint)).size, 2);
    });

    it("calls nobody missing where only some users were asked for", () => {
      const judge = judgeWith({ rules: { "inventory-covered": { users: ["zoe"] } } }, { isSelection: true });
      judge.take(GOOD);
      assert.deepEqual(judge.close().findings, []);
    });

    it("does not call a waiver unused, nor a user surely missing, where something could not be read", () => {
      const judge = judgeWith({
        rules: { "inventory-covered": { users: ["zoe"] } },
        waivers: [waiver({ user: "ada" })],
      });
      judge.take(GOOD);
      judge.fail({ subject: "zoe", message: "403" });
      assert.deepEqual(
        judge.close().findings.map(({ rule, enforcementLevel }) => [rule, enforcementLevel]),
        [["inventory-covered", "advisory"]],
      );
    });
  });

  describe("a resource whose tokens are not known yet", () => {
    const unknown = { kind: "unknown", name: "later", urn: urnOf("later") } as const;

    it("is a finding of evidence-fresh, at the level that is set", () => {
      for (const onUnknown of ["advisory", "mandatory"] as const) {
        const judge = judgeWith({ rules: { "evidence-fresh": { onUnknown } } });
        assert.equal(judge.take(unknown), undefined);
        const { findings, summary } = judge.close();
        assert.deepEqual(
          findings.map(({ rule, enforcementLevel, urn }) => [rule, enforcementLevel, urn]),
          [["evidence-fresh", onUnknown, unknown.urn]],
        );
        assert.equal(summary.exitCode, onUnknown === "mandatory" ? 1 : 0);
      }
    });

    it("is reported by the next rule where evidence-fresh is disabled, as in the pack", () => {
      const judge = judgeWith({ rules: { "evidence-fresh": "disabled" } });
      judge.take(unknown);
      assert.equal(judge.close().findings[0]?.rule, onByDefault[1]?.name);
    });
  });

  describe("a resource whose ignoreChanges keeps the users of an earlier run", () => {
    const kept = { kind: "kept", name: "bi", urn: urnOf("bi"), path: "username" } as const;

    it("is a finding of evidence-fresh, at the level that is set, beside those of its users", () => {
      for (const [config, level] of [
        [{}, "advisory"],
        [{ rules: { "evidence-fresh": { onIgnoreChanges: "mandatory" } } }, "mandatory"],
        [{ preset: "strict" }, "mandatory"],
      ] as const) {
        const judge = judgeWith(config);
        assert.equal(judge.take(kept), undefined);
        judge.take(GOOD);
        const { findings } = judge.close();
        assert.deepEqual(
          findings.map(({ rule, enforcementLevel, urn, message }) => [
            rule,
            enforcementLevel,
            urn,
            message.slice(0, 35),
          ]),
          [["evidence-fresh", level, kept.urn, 'bi: ignoreChanges has "username", s']],
        );
      }
    });
  });

  it("does not take one fault of a resource for another that the baseline knows", () => {
    const about = { name: "bi", urn: urnOf("bi") };
    const faults = [
      { kind: "unknown", ...about },
      { kind: "kept", path: "username", ...about },
      { kind: "kept", path: "*", ...about },
    ] as const;
    const findingOf = (item: EvidenceItem, baseline?: Baseline) => {
      const judge = judgeWith({ preset: "strict" }, baseline && { baseline });
      judge.take(item);
      return judge.close().findings[0] as Finding;
    };
    for (const accepted of faults) {
      const baseline = parseBaseline("b.json", formatBaseline([findingOf(accepted)]));
      assert.deepEqual(
        faults.map((fault) => findingOf(fault, baseline).isKnown === true),
        faults.map((fault) => fault === accepted),
      );
    }
  });

  for (const { rule, faults } of [
    {
      rule: "evidence-origin",
      faults: [{ hasForeignProvider: true }, { origin: { apiUrl: "https://elsewhere.example" } }],
    },
    {
      rule: "evidence-verified",
      faults: [
        { own: { kind: "failed", reason: "403" } },
        { own: { kind: "leftOut" } },
        { own: { kind: "tokens", tokens: [], fetchedAt: at(0) } }, // One was put in.
        {
          own: {
            kind: "tokens",
            tokens: [userToken({ id: "good" }), endlessToken({ id: "hidden" })],
            fetchedAt: at(0),
          },
        },
      ],
    },
  ] as const) {
    it(`does not take one fault of a user's evidence for another that the baseline knows: ${rule}`, () => {
      const findingOf = (fault: object, baseline?: Baseline) => {
        const judge = judgeWith({ preset: "strict" }, baseline && { baseline });
        const user = judge.take(userItem("ada", [userToken({ id: "good" })], fault));
        return user?.findings.find((finding) => finding.rule === rule) as Finding;
      };
      for (const accepted of faults) {
        const baseline = parseBaseline("b.json", formatBaseline([findingOf(accepted)]));
        assert.deepEqual(
          faults.map((fault: object) => findingOf(fault, baseline).isKnown === true),
          faults.map((fault: object) => fault === accepted),
        );
      }
    });
  }

  it("does not take too many tokens of an administrator for roles that could not be told, which the baseline knows", () => {
    const tokens = ["a", "b", "c"].map((id) => userToken({ id, expireAt: at(1), createdTs: at(-1) }));
    const config = { preset: "strict" } as const;
    const findingsOf = (details: object, baseline?: Baseline) =>
      judgeWith(config, baseline && { baseline })
        .take(userItem("ada", tokens, { isListingExpected: true, isDeprovisioned: false, ...details }))
        ?.findings.filter(({ rule }) => rule === "admin-tokens-limited") ?? [];
    const baseline = parseBaseline("b.json", formatBaseline(findingsOf({})));
    assert.deepEqual(
      findingsOf({}, baseline).map(({ isKnown }) => isKnown),
      [true],
    );
    const [real] = findingsOf({ roles: ["admin"] }, baseline);
    assert.match(real?.fact ?? "", /exceed the limit of 1 for an administrator/);
    assert.notEqual(real?.isKnown, true);
  });

  it("judges by no rule that is disabled", () => {
    const user = judgeWith({ rules: { "tokens-must-expire": "disabled" } }).take(ENDLESS);
    assert.deepEqual(user?.findings, []);
  });

  it("does not start with all rules disabled: nothing would be judged", async () => {
    const disabled = Object.fromEntries(rules.map(({ name }) => [name, "disabled" as const]));
    const error = await failureOf(() => judgeWith({ rules: disabled }), AuditError);
    assert.match(error.message, /all rules about users are disabled/);
  });

  it("describes the rules as they are configured, settings included", () => {
    const config = { rules: { "max-read-write-tokens": { max: 7, enforcementLevel: "advisory" as const } } };
    const described = describeRules(resolveConfiguration({ name: "test", config }));
    assert.deepEqual(
      described.map(({ name }) => name),
      rules.map(({ name }) => name),
    );
    const rule = described.find(({ name }) => name === "max-read-write-tokens");
    assert.deepEqual([rule?.enforcementLevel, rule?.settings.max], ["advisory", 7]);
  });
});
