import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type AuditHeader, type AuditClosing, FAILURE_CAUSES, type JudgedUser } from "../../../audit/result";
import { openmetricsReport } from "../../../reports/openmetrics";
import {
  type Labels,
  type Metric,
  readMetrics,
  type Sample,
  writeMetrics,
} from "../../../reports/openmetrics/exposition";
import type { ReportChoices } from "../../../reports/report";
import { tokensMustExpire } from "../../../policies/rules";
import { at, endlessToken, NOW, userToken } from "../support";
import {
  auditHeader,
  changes,
  closingOf,
  FAILURE,
  HOSTILE_NAMES,
  HOSTILE_USER,
  judged,
  OWNED_USERS,
  STACK_FINDING,
  USERS,
} from "./fixture";

const LAST_RUN = "motherduck_audit_last_run_timestamp_seconds";
const LAST_COMPLETE = "motherduck_audit_last_complete_run_timestamp_seconds";
const EXPIRATION = "motherduck_token_expiration_timestamp_seconds";
const CREATION = "motherduck_token_creation_timestamp_seconds";

interface Audit {
  readonly users?: readonly JudgedUser[];
  readonly closing?: Partial<Omit<AuditClosing, "summary">>;
  readonly header?: Partial<AuditHeader>;
  readonly choices?: ReportChoices;
  readonly earlier?: string;
}

function writeReport({ users = USERS, closing = {}, header, choices, earlier }: Audit): {
  text: string;
  notes: readonly string[];
} {
  const about = auditHeader(header);
  const writer = openmetricsReport(
    about,
    { color: false, ...(earlier !== undefined && { earlier: () => earlier }) },
    choices,
  );
  const text = users.map((user) => writer.user(user)).join("") + writer.end(closingOf(users, closing, about));
  return { text, notes: writer.notes?.() ?? [] };
}

/** The samples of a report by metric. */
function metricsOf(audit: Audit): ReadonlyMap<string, readonly Sample[]> {
  return readMetrics(writeReport(audit).text) ?? assert.fail("they cannot be read");
}

/** The value of one sample; `undefined` where there is none with just these labels. */
function valueOf(
  metrics: ReadonlyMap<string, readonly Sample[]>,
  name: string,
  labels: Labels = {},
): number | undefined {
  const isWanted = (sample: Sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
  const samples = (metrics.get(name) ?? []).filter(isWanted);
  assert.ok(samples.length < 2, `${name} ${JSON.stringify(labels)} is not one sample`);
  return samples[0]?.value;
}

const seconds = (days: number) => NOW / 1000 + days * 86_400;
const zerosIn = (samples: readonly Sample[] = []) => samples.filter(({ value }) => value === 0).length;

describe("The openmetrics report", () => {
  it("counts users, tokens and findings", () => {
    const metrics = metricsOf({ closing: { findings: [STACK_FINDING] } });
    assert.deepEqual(metrics.get("motherduck_users"), [
      { labels: { account: "person" }, value: 2 },
      { labels: { account: "service_account" }, value: 1 },
      { labels: { account: "unknown" }, value: 0 },
    ]);
    const tokens = metrics.get("motherduck_tokens")?.filter(({ value }) => value > 0);
    assert.deepEqual(tokens, [
      { labels: { type: "read_write", expires: "3d" }, value: 1 },
      { labels: { type: "read_write", expires: "30d" }, value: 3 },
      { labels: { type: "read_write", expires: "never" }, value: 2 },
    ]);
    const findings = metrics.get("motherduck_findings")?.filter(({ value }) => value > 0);
    assert.deepEqual(
      findings?.map(({ labels, value }) => [...Object.values(labels), value]),
      [
        ["max-token-lifetime", "mandatory", "open", 1],
        ["tokens-must-expire", "mandatory", "open", 1],
        ["tokens-must-expire", "mandatory", "waived", 1],
        ["token-expiring-soon", "advisory", "open", 1],
        ["inventory-covered", "mandatory", "open", 1],
      ],
    );
  });

  it("has a zero where a complete audit found nothing: of each enabled rule, and of each type and expiry", () => {
    const metrics = metricsOf({ users: [] });
    const rules = auditHeader().rules.filter(({ enforcementLevel }) => enforcementLevel !== "disabled").length;
    assert.equal(zerosIn(metrics.get("motherduck_findings")), rules * 3);
    assert.equal(zerosIn(metrics.get("motherduck_tokens")), 2 * 9);
    assert.equal(valueOf(metrics, "motherduck_findings", { rule: "max-token-age", status: "open" }), undefined);
  });

  it("has no zero of an incomplete audit but for what failed: nobody knows", () => {
    const metrics = metricsOf({ closing: { failures: [FAILURE] } });
    assert.equal(valueOf(metrics, "motherduck_audit_complete"), 0);
    for (const name of ["motherduck_users", "motherduck_tokens", "motherduck_findings"]) {
      assert.equal(zerosIn(metrics.get(name)), 0, name);
      assert.ok((metrics.get(name)?.length ?? 0) > 0, name);
    }
    assert.equal(valueOf(metrics, "motherduck_findings", { rule: "max-token-lifetime" }), 1);
  });

  it("has no zero of a rule that could not judge somebody", () => {
    const rule = "deprovisioned-user-has-tokens";
    const metrics = metricsOf({ closing: { notJudged: [{ rule, users: 1, reason: "nobody knows" }] } });
    assert.equal(valueOf(metrics, "motherduck_audit_rule_gap", { rule }), 1);
    assert.equal(valueOf(metrics, "motherduck_audit_rule_gap", { rule: "inventory-covered" }), 0);
    assert.deepEqual(
      metrics.get("motherduck_findings")?.filter(({ labels }) => labels.rule === rule),
      [],
    );
    assert.equal(valueOf(metrics, "motherduck_audit_complete"), 1);
  });

  it("calls findings known where only new ones count", () => {
    const metrics = metricsOf({ header: { failOnNew: true } });
    assert.equal(valueOf(metrics, "motherduck_findings", { rule: "max-token-lifetime", status: "known" }), 1);
    assert.equal(valueOf(metrics, "motherduck_findings", { rule: "max-token-lifetime", status: "open" }), 0);
  });

  it("counts what failed by cause, and causes without one as other", () => {
    const failures = [
      FAILURE,
      FAILURE,
      ...FAILURE_CAUSES.map((cause) => ({ ...FAILURE, cause })),
      { subject: "s", message: "m" },
    ];
    const metrics = metricsOf({ closing: { failures } });
    const counts = Object.fromEntries(
      (metrics.get("motherduck_audit_failures") ?? []).map(({ labels, value }) => [labels.cause, value]),
    ) as Record<string, number>;
    assert.deepEqual(counts, {
      ...Object.fromEntries(FAILURE_CAUSES.map((cause) => [cause, 1])),
      forbidden: 3,
      other: 1,
    });
    assert.deepEqual(
      metricsOf({})
        .get("motherduck_audit_failures")
        ?.filter(({ value }) => value > 0),
      [],
    );
  });

  it("counts new findings where a ledger compared them with an earlier run, without waived ones", () => {
    const rule = "tokens-must-expire";
    const since = changes();
    const [opened] = since.opened;
    assert.ok(opened);
    const metrics = metricsOf({
      closing: { sinceLastRun: { ...since, opened: [opened, { ...opened, isWaived: true }] } },
    });
    assert.equal(valueOf(metrics, "motherduck_new_findings", { rule, level: "mandatory" }), 1);
    assert.equal(valueOf(metrics, "motherduck_new_findings", { rule: "inventory-covered" }), 0);
    assert.equal(metricsOf({}).has("motherduck_new_findings"), false);
    const { previousRun, ...first } = since;
    assert.ok(previousRun);
    assert.equal(metricsOf({ closing: { sinceLastRun: first } }).has("motherduck_new_findings"), false);
  });

  describe("has dates of tokens that have not expired", () => {
    const early = userToken({ id: "early", expireAt: at(2), createdTs: at(-20) });
    const users = [
      judged("ada", [early, userToken({ id: "late", expireAt: at(50), createdTs: at(-30) })]),
      judged("grace", [
        userToken({ id: "gone", expireAt: at(0), createdTs: at(-300) }),
        endlessToken({ id: "endless", createdTs: at(-40) }),
        userToken({ id: "scaling", tokenType: "read_scaling", expireAt: at(9), createdTs: at(-10) }),
        userToken({ id: "odd", tokenType: "read_only_2", expireAt: "soon", createdTs: "once" }),
      ]),
    ];

    it("by type, the first of each", () => {
      const metrics = metricsOf({ users });
      assert.deepEqual(metrics.get(EXPIRATION), [
        { labels: { type: "read_write" }, value: seconds(2) },
        { labels: { type: "read_scaling" }, value: seconds(9) },
      ]);
      assert.deepEqual(metrics.get(CREATION), [
        { labels: { type: "read_write" }, value: seconds(-40) },
        { labels: { type: "read_scaling" }, value: seconds(-10) },
      ]);
      const counts = metrics.get("motherduck_tokens")?.filter(({ value }) => value > 0) ?? [];
      assert.deepEqual(
        counts.map(({ labels }) => `${labels.type} ${labels.expires}`),
        [
          "read_write expired",
          "read_write 3d",
          "read_write later",
          "read_write never",
          "read_scaling 14d",
          "other unknown",
        ],
      );
    });

    it("by user, where that is asked for", () => {
      assert.deepEqual(metricsOf({ users, choices: { metricLabels: "user" } }).get(EXPIRATION), [
        { labels: { user: "ada", type: "read_write" }, value: seconds(2) },
        { labels: { user: "grace", type: "read_scaling" }, value: seconds(9) },
      ]);
    });

    it("by token, where that is asked for", () => {
      const metrics = metricsOf({ users, choices: { metricLabels: "token" } });
      assert.deepEqual(metrics.get(EXPIRATION), [
        { labels: { user: "ada", token: "early", token_id: "early", type: "read_write" }, value: seconds(2) },
        { labels: { user: "grace", token: "scaling", token_id: "scaling", type: "read_scaling" }, value: seconds(9) },
        { labels: { user: "ada", token: "late", token_id: "late", type: "read_write" }, value: seconds(50) },
      ]);
      assert.equal(metrics.get(CREATION)?.length, 4);
    });

    it("by owner, where that is asked for: what nobody owns has no such label", () => {
      const metrics = metricsOf({ users: OWNED_USERS, choices: { metricLabels: "owner" } });
      assert.deepEqual(metrics.get(EXPIRATION), [
        { labels: { type: "read_write" }, value: seconds(3) },
        { labels: { owner: "#night-shift", type: "read_write" }, value: seconds(30) },
        { labels: { owner: "ada@example.com", type: "read_write" }, value: seconds(30) },
      ]);
    });

    it("by owner up to a limit, and counts each owner once that is left out, whoever's tokens come in between", () => {
      const many = Array.from({ length: 60 }, (_, n) => {
        const owner = { name: `owner${n % 20}`, foundBy: "user setting" } as const;
        const token = userToken({ id: `${n}`, createdTs: at(-n - 1), expireAt: at(100 + ((n * 7) % 60)) });
        return { ...judged(`user${n}`, [token]), tokens: [{ ...token, owner }] };
      });
      const audit: Audit = { users: many, choices: { metricLabels: "owner", metricLimit: 3 } };
      const firstOf = (name: string, key: "expireAt" | "createdTs") =>
        Math.min(
          ...many.flatMap(({ tokens: [token] }) =>
            token?.owner.name === name ? Date.parse(token[key] ?? "") / 1000 : [],
          ),
        );
      const names = Array.from({ length: 20 }, (_, n) => `owner${n}`);
      const earliest = names.sort((a, b) => firstOf(a, "expireAt") - firstOf(b, "expireAt")).slice(0, 3);
      const metrics = metricsOf(audit);
      for (const [metric, key] of [
        [EXPIRATION, "expireAt"],
        [CREATION, "createdTs"],
      ] as const) {
        assert.deepEqual(
          metrics.get(metric)?.map(({ labels: { owner }, value }) => [owner, value]),
          earliest.map((name) => [name, firstOf(name, key)]),
        );
      }
      assert.equal(valueOf(metrics, "motherduck_audit_series_left_out"), 17);
      assert.deepEqual(writeReport(audit).notes, [
        "the metrics have no dates of 17 owners, those that expire last: --metric-limit is 3.",
      ]);
    });

    it("up to a limit: what expires first stays, and the rest is counted and told", () => {
      const audit: Audit = { users, choices: { metricLabels: "token", metricLimit: 2 } };
      const metrics = metricsOf(audit);
      assert.deepEqual(
        metrics.get(EXPIRATION)?.map(({ labels }) => labels.token_id),
        ["early", "scaling"],
      );
      assert.deepEqual(
        metrics.get(CREATION)?.map(({ labels }) => labels.token_id),
        ["early", "scaling"],
      );
      assert.equal(valueOf(metrics, "motherduck_audit_series_left_out"), 3);
      assert.deepEqual(writeReport(audit).notes, [
        "the metrics have no dates of 3 tokens, those that expire last: --metric-limit is 2.",
      ]);
      const whole = writeReport({ users, choices: { metricLabels: "user", metricLimit: 4 } });
      assert.deepEqual(whole.notes, []);
      assert.match(whole.text, /^motherduck_audit_series_left_out 0$/m);
    });

    it("and counts each user once that is left out, however many tokens they hold", () => {
      const many = Array.from({ length: 50 }, (_, n) =>
        judged(
          `user${n}`,
          Array.from({ length: 5 }, (__, m) =>
            userToken({ id: `${n}-${m}`, expireAt: at(100 + ((n * 7 + m * 13) % 60)) }),
          ),
        ),
      );
      const metrics = metricsOf({ users: many, choices: { metricLabels: "user", metricLimit: 3 } });
      assert.equal(valueOf(metrics, "motherduck_audit_series_left_out"), 47);
      const first = (user: JudgedUser) =>
        Math.min(...user.tokens.map(({ expireAt = "" }) => Date.parse(expireAt) / 1000));
      const earliest = many.map(first).sort((a, b) => a - b);
      assert.deepEqual(
        metrics.get(EXPIRATION)?.map(({ value }) => value),
        earliest.slice(0, 3),
      );
    });

    it("once of a user in two resources", () => {
      const twice = [...users, { ...users[0], urn: "urn:2" } as JudgedUser];
      assert.equal(metricsOf({ users: twice, choices: { metricLabels: "token" } }).get(EXPIRATION)?.length, 3);
    });

    it("with the organization beside a user of another than the audit's own", () => {
      const of = (organization: string) => ({
        ...judged("ada", [early]),
        origin: { apiUrl: "https://api.motherduck.com", organization },
      });
      const metrics = metricsOf({
        users: [of("acme"), of("other")],
        header: { organization: "acme" },
        choices: { metricLabels: "user" },
      });
      assert.deepEqual(
        metrics.get(EXPIRATION)?.map(({ labels }) => [labels.organization, labels.user]),
        [
          ["acme", "ada"],
          ["acme", "ada [other]"],
        ],
      );
    });
  });

  it("puts a token into one place: at each limit of days, and on both sides of it", () => {
    const places = [-1, 0, 1, 3, 7, 14, 30].map((days) =>
      [0, 1].map((more) => {
        const users = [judged("ada", [userToken({ id: "t", expireAt: at(days, more) })])];
        return metricsOf({ users })
          .get("motherduck_tokens")
          ?.find(({ value }) => value === 1)?.labels.expires;
      }),
    );
    assert.deepEqual(places, [
      ["expired", "expired"],
      ["expired", "1d"],
      ["1d", "3d"],
      ["3d", "7d"],
      ["7d", "14d"],
      ["14d", "30d"],
      ["30d", "later"],
    ]);
  });

  describe("tells when the last complete audit was", () => {
    const header = { organization: "acme", scope: "everybody" } as const;
    const failures = [FAILURE];
    const lastOf = (audit: Audit) => valueOf(metricsOf({ header, ...audit }), LAST_COMPLETE);
    const yesterday = writeReport({ header: { ...header, now: at(-1) } }).text;

    it("which is this one, if it is complete, whatever was there", () => {
      assert.equal(lastOf({}), seconds(0));
      assert.equal(lastOf({ earlier: "nonsense" }), seconds(0));
    });

    it("which is that of the file that was there, if this one is not, and in the next one, too", () => {
      const partial = writeReport({ header, closing: { failures }, earlier: yesterday });
      const metrics = readMetrics(partial.text) ?? assert.fail();
      assert.deepEqual([valueOf(metrics, LAST_RUN), valueOf(metrics, LAST_COMPLETE)], [seconds(0), seconds(-1)]);
      assert.deepEqual(partial.notes, []);
      assert.equal(
        lastOf({ header: { ...header, now: at(1) }, closing: { failures }, earlier: partial.text }),
        seconds(-1),
      );
    });

    it("which is that of the ledger, if it knows a later one", () => {
      const later = { failures, lastCompleteRun: at(-0.5) };
      assert.equal(lastOf({ closing: later }), seconds(-0.5));
      assert.equal(lastOf({ closing: later, earlier: yesterday }), seconds(-0.5));
      const older = { failures, lastCompleteRun: at(-3) };
      assert.equal(lastOf({ closing: older, earlier: yesterday }), seconds(-1));
    });

    it("which nobody knows without either", () => {
      const { text, notes } = writeReport({ header, closing: { failures } });
      assert.match(text, new RegExp(`^${LAST_COMPLETE}\\{organization="acme"\\} 0$`, "m"));
      assert.deepEqual(notes, []);
    });

    for (const [what, earlier] of Object.entries({
      "was cut off": yesterday.slice(0, -3),
      "lost its end": yesterday.replace("# EOF\n", ""),
      "has a line that is not a metric": yesterday.replace("# EOF\n", "motherduck_audit_complete one\n# EOF\n"),
      "has something behind its end": `${yesterday}${yesterday}`,
      "has the number twice": yesterday.replace(/^(motherduck_audit_last_complete_run.*)\n/m, "$1\n$1\n"),
      "has another number in place of it": yesterday.replace(new RegExp(`^(${LAST_COMPLETE}\\S+) .*`, "m"), "$1 -5"),
      "does not say what it is about": yesterday.replace(/^motherduck_audit_info.*\n/m, ""),
      "is of another organization": writeReport({ header: { ...header, organization: "other", now: at(-1) } }).text,
      "is of other users": writeReport({ header: { ...header, scope: "selection", now: at(-1) } }).text,
      "is of other evidence": writeReport({ header: { ...header, source: { kind: "state", name: "s" }, now: at(-1) } })
        .text,
      "is of the future": writeReport({ header: { ...header, now: at(0, 1) } }).text,
      "is empty": "",
      "is something else": "hello",
    })) {
      it(`is unknown after a file that ${what}`, () => {
        const { text, notes } = writeReport({ header, closing: { failures }, earlier });
        assert.match(text, new RegExp(`^${LAST_COMPLETE}\\{organization="acme"\\} 0$`, "m"));
        assert.match(notes.join("\n"), /^nobody knows when the last complete audit was: /);
      });
    }
  });

  it("names the organization in every sample, if the environment does", () => {
    for (const samples of metricsOf({ header: { organization: 'a"b\\c' } }).values()) {
      for (const { labels } of samples) assert.equal(labels.organization, 'a"b\\c');
    }
  });

  it("keeps hostile names in one label each", () => {
    const metrics = metricsOf({ users: [HOSTILE_USER], choices: { metricLabels: "token" } });
    const samples = metrics.get(CREATION) ?? [];
    assert.equal(samples.length, HOSTILE_NAMES.length);
    for (const [index, { name }] of HOSTILE_USER.tokens.entries()) {
      const { labels } = samples.find((sample) => sample.labels.token_id === `hostile-${index}`) ?? assert.fail(name);
      assert.deepEqual(labels, {
        user: HOSTILE_USER.username,
        token: name,
        token_id: `hostile-${index}`,
        type: "read_write",
      });
    }
  });

  it("cuts names of any length", () => {
    const users = [
      judged("u".repeat(10_000), [userToken({ id: "t".repeat(10_000), name: "n".repeat(10_000) })], [tokensMustExpire]),
    ];
    const { text } = writeReport({ users, choices: { metricLabels: "token" } });
    assert.ok(Math.max(...text.split("\n").map(({ length }) => length)) < 2000);
  });
});

describe("metrics as text", () => {
  it("are read as they were written, whatever the labels", () => {
    const names = fc.stringMatching(/^[a-z_]{1,8}$/);
    const labels = fc.dictionary(names, fc.string({ unit: "binary", minLength: 1 }), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    const samples = fc.array(fc.record({ labels, value: fc.integer() }, { noNullPrototype: true }), {
      minLength: 1,
      maxLength: 3,
    });
    const metrics = fc.uniqueArray(fc.record({ name: names, help: fc.constant("What it is."), samples }), {
      selector: ({ name }) => name,
      maxLength: 4,
    });
    fc.assert(
      fc.property(metrics, (written: Metric[]) => {
        const read = readMetrics(writeMetrics(written, {}));
        if (written.length === 0) assert.equal(read, undefined);
        else assert.deepEqual(read, new Map(written.map((metric) => [metric.name, metric.samples])));
      }),
    );
  });

  it("are not read from any piece of them, nor with a byte changed that matters", () => {
    const text = writeMetrics(
      [{ name: "a_b", help: "What it is.", samples: [{ labels: { c: 'd"\\\n' }, value: 1.5 }] }],
      {},
    );
    for (let length = 0; length < text.length; length++) assert.equal(readMetrics(text.slice(0, length)), undefined);
    for (const broken of [
      " 1.5 ",
      " 1.5x",
      '"} 1.5',
      '\\" 1.5',
      "{} 1.5",
      " NaN",
      ' {c="d"} 1.5',
      '{c="d",} 1.5',
      '{c="d""} 1.5',
    ]) {
      assert.equal(readMetrics(text.replace(/\{.*$/m, broken)), undefined, broken);
    }
  });
});
