import assert from "node:assert/strict";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Readable, Writable } from "node:stream";
import { afterEach, beforeEach, describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import { AuditError } from "../../../audit/audit-error";
import type { AuditClosing, AuditHeader, JudgedUser } from "../../../audit/result";
import type { AuditOptions } from "../../../cli/audit-options";
import type { UserToken } from "../../../core/user-token";
import { runAudit } from "../../../cli/run-audit";
import { loadOrganization } from "../../../tools/stand-in/organization";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { urnOf, USER_TOKENS } from "../audit/support";
import { ENCODINGS } from "../encodings";
import { at, failureOf, temporaryFile, useStandIn, userToken, wireToken } from "../support";

type Report = AuditClosing & { audit: AuditHeader; users: JudgedUser[] };

describe("an audit", () => {
  const api = useStandIn();
  let env: NodeJS.ProcessEnv;
  let stderr: string;
  const reportFile = temporaryFile("report.json", "before");

  beforeEach(() => {
    env = api.standIn.env;
    stderr = "";
    writeFileSync(reportFile, "before");
  });
  afterEach(() => {
    api.standIn.users = loadOrganization().users;
  });

  /** Runs an audit and reads its JSON report. */
  async function audit(
    options: Partial<AuditOptions>,
    stdin: Readable = process.stdin,
  ): Promise<{ code: number; report: Report }> {
    const report = [{ format: "json", file: reportFile }] as const;
    const defaults = { accounts: "all", failOn: "mandatory", location: "Pulumi.yaml", quiet: true, report } as const;
    const io = {
      stdin,
      stdout: streamTo(() => undefined),
      stderr: streamTo((text) => (stderr += text)),
    };
    const code = await runAudit({ ...defaults, ...options }, { ...io, env });
    return { code, report: JSON.parse(readFileSync(reportFile, "utf8")) as Report };
  }
  const namesOf = ({ users }: Report) => users.map(({ username }) => username);
  const rulesOf = ({ users }: Report) => users.flatMap(({ findings }) => findings.map(({ rule }) => rule));
  const settings = (content: object) => temporaryFile("settings.json", JSON.stringify(content));

  describe("of the live API", () => {
    it("judges everybody, and tells who they are", async () => {
      const { code, report } = await audit({ all: true });
      assert.deepEqual(namesOf(report), Object.keys(api.standIn.users).sort());
      assert.deepEqual(rulesOf(report), ["max-read-write-tokens", "tokens-must-expire"]);
      assert.equal(code, 1);
      assert.deepEqual(report.audit.source, { kind: "api", name: api.standIn.url });
      assert.deepEqual(
        report.users.map(({ isServiceAccount, isDeprovisioned }) => [isServiceAccount, isDeprovisioned]),
        report.users.map(({ username }) => [username.startsWith("svc_"), username === "linus"]),
      );
    });

    it("judges people, or service accounts", async () => {
      assert.deepEqual(namesOf((await audit({ all: true, accounts: "humans" })).report), ["ada", "grace", "linus"]);
      assert.deepEqual(namesOf((await audit({ all: true, accounts: "serviceAccounts" })).report), [
        "svc_bi",
        "svc_etl",
      ]);
    });

    it("judges by groups, and shows what one owner has to do", async () => {
      const config = settings({
        groups: [{ name: "robots", accounts: "serviceAccounts", rules: { "tokens-must-expire": "advisory" } }],
        owners: { users: { "svc_*": "data-platform" } },
      });
      const { code, report } = await audit({ all: true, config, owner: ["data-platform"] });
      assert.deepEqual([code, namesOf(report)], [0, ["svc_bi", "svc_etl"]]);
      const [finding, ...others] = report.users.flatMap(({ findings }) => findings);
      assert.deepEqual([finding?.rule, finding?.enforcementLevel], ["tokens-must-expire", "advisory"]);
      assert.deepEqual(finding?.owner, { name: "data-platform", foundBy: "user setting" });
      assert.deepEqual([others, report.leftOut, report.audit.owners], [[], 1, ["data-platform"]]);
      assert.deepEqual(report.audit.rules.find(({ name }) => name === "tokens-must-expire")?.groups, [
        { name: "robots", accounts: "serviceAccounts", config: "advisory" },
      ]);
    });

    it("fails where nobody has the owner", async () => {
      const { code, report } = await audit({ all: true, owner: ["nobody"] });
      assert.deepEqual(
        [code, report.failures.map(({ subject }) => subject), namesOf(report)],
        [2, ["--owner nobody"], []],
      );
    });

    it("asks the listing for what groups and owners need, also for a user who is named", async () => {
      const rules = { "deprovisioned-user-has-tokens": "disabled", "admin-tokens-limited": "disabled" };
      const group = { name: "robots", accounts: "serviceAccounts", rules: {} };
      for (const { content, isAsked } of [
        { content: { rules }, isAsked: false },
        { content: { rules, groups: [group] }, isAsked: true },
        { content: { rules, groups: [{ ...group, accounts: undefined, users: ["svc_*"] }] }, isAsked: false },
        { content: { rules, owners: {} }, isAsked: true },
      ]) {
        const { report } = await audit({ user: ["ada"], config: settings(content) });
        assert.equal(report.users[0]?.isServiceAccount, isAsked ? false : undefined, JSON.stringify(content));
      }
    });

    it("judges the users that are named, each once, and tells what the listing says of them", async () => {
      const { code, report } = await audit({ user: ["svc_etl", "ada", "ada"] });
      assert.deepEqual([code, namesOf(report)], [0, ["svc_etl", "ada"]]);
      // Two requests list: those who are there, and those who were deprovisioned.
      assert.deepEqual([api.standIn.requests.length, api.standIn.readsOf("ada")], [4, 1]);
      assert.deepEqual(
        report.users.map(({ isServiceAccount, isDeprovisioned }) => [isServiceAccount, isDeprovisioned]),
        [
          [true, false],
          [false, false],
        ],
      );
      assert.equal(report.notJudged, undefined);
    });

    it("finds the active token of a user who was deprovisioned and is asked for by name", async () => {
      api.standIn.users.linus = [wireToken("left-behind", { expire_at: at(3650) })];
      const { code, report } = await audit({ user: ["linus"] });
      assert.ok(rulesOf(report).includes("deprovisioned-user-has-tokens"), rulesOf(report).join());
      assert.equal(code, 1);
    });

    it("says so for each user where the API token may not list: that is not clean", async () => {
      api.standIn.scriptListing(ERRORS.forbidden);
      const { code, report } = await audit({ user: ["ada"] });
      assert.deepEqual([code, rulesOf(report)], [1, ["deprovisioned-user-has-tokens"]]);
      assert.match(report.users[0]?.findings[0]?.message ?? "", /it is not known whether this user is deprovisioned/);
    });

    it("judges who can be read, and is not complete, where the listing fails", async () => {
      api.standIn.scriptListing(ERRORS.internal);
      const { code, report } = await audit({ user: ["ada"] });
      assert.deepEqual([code, namesOf(report)], [2, ["ada"]]);
      assert.deepEqual(
        report.failures.map(({ subject }) => subject),
        ["the listing of users"],
      );
    });

    it("does not list where no rule needs it, and says that the rule did not judge", async () => {
      const one = { "deprovisioned-user-has-tokens": "disabled" } as const;
      const both = { ...one, "admin-tokens-limited": "disabled" } as const;
      for (const [rules, requests] of [
        [both, 1],
        [one, 1 + 3],
      ] as const) {
        const { code } = await audit({ user: ["ada"], config: settings({ rules }) });
        assert.deepEqual([code, api.standIn.requests.length], [0, requests]);
      }
    });

    it("judges the users that a pattern matches", async () => {
      assert.deepEqual(namesOf((await audit({ user: ["svc_*", "ada"] })).report), ["ada", "svc_bi", "svc_etl"]);
    });

    for (const { user, missing } of [
      { user: ["a*", "zed"], missing: [["zed", "zed"]] },
      { user: ["ada", "zed"], missing: [["zed", "zed"]] },
      { user: ["ada", "team_*"], missing: [["team_*", undefined]] },
      {
        user: ["ada", "ada", "team_*", "zed", "zed"],
        missing: [
          ["team_*", undefined],
          ["zed", "zed"],
        ],
      },
    ]) {
      it(`judges who is there, and names who is not: ${user.join(" ")}`, async () => {
        const { code, report } = await audit({ user });
        assert.deepEqual([code, namesOf(report)], [2, ["ada"]]);
        assert.deepEqual(
          report.failures.map(({ subject, username }) => [subject, username]),
          missing,
        );
        for (const { message } of report.failures) assert.match(message, /in (the|this) organization/);
      });
    }

    it("names users that could not be read, judges the rest, and ends with 2", async () => {
      api.standIn.script("svc_etl", ERRORS.forbidden);
      const { code, report } = await audit({ all: true });
      assert.deepEqual(namesOf(report), ["ada", "grace", "linus", "svc_bi"]);
      assert.deepEqual([code, report.failures.map(({ subject }) => subject)], [2, ["svc_etl"]]);
      assert.match(report.failures[0]?.message ?? "", /403 FORBIDDEN/);
    });

    it("does not ask for everybody where the API refuses its token", async () => {
      const names = Array.from({ length: 100 }, (_, index) => `user${index}`);
      env = { ...env, MOTHERDUCK_ADMIN_TOKEN: "wrong" };
      const { code, report } = await audit({ user: names, concurrency: 2 });
      assert.deepEqual([code, report.failures.length], [2, 101]);
      assert.ok(api.standIn.requests.length < 12, String(api.standIn.requests.length));
      assert.match(report.failures.at(-1)?.message ?? "", /not asked for, after 5 reads in a row had failed/);
      assert.match(
        stderr,
        /^motherduck-tokens: the listing of users: .*\n(motherduck-tokens: user\d: .*\n){9}motherduck-tokens: and 91 more\n$/,
      );
    });

    it("reads no more users at the same time than it is told", async () => {
      api.standIn.latencyMs = 20;
      await audit({ all: true, concurrency: 2 });
      assert.equal(api.standIn.mostAtOnce, 2);
    });

    it("takes a user who is deprovisioned and unknown to the API for one without tokens, not for a clean read of others", async () => {
      api.standIn.script("linus", ERRORS.notFound);
      assert.deepEqual((await audit({ user: ["l*"] })).report.failures, []);
      api.standIn.script("linus", ERRORS.internal);
      assert.equal((await audit({ user: ["l*"] })).code, 2);
    });

    it("dates the evidence at its own beginning", async () => {
      // When the stand-in's tokens have expired.
      const now = Date.now() + 100 * DAY;
      const { report } = await audit({ user: ["ada"], now });
      assert.deepEqual([report.audit.now, report.users[0]?.fetchedAt], [new Date(now).toISOString(), report.audit.now]);
      assert.ok(rulesOf(report).includes("no-expired-tokens"), rulesOf(report).join());
    });

    it("shows its API token nowhere", async () => {
      api.standIn.script("ada", { status: 403, body: { message: api.standIn.token, code: api.standIn.token } });
      await audit({ all: true });
      assert.ok(!readFileSync(reportFile, "utf8").includes(api.standIn.token));
    });
  });

  describe("of what a stack or a preview recorded", () => {
    const recorded = (tokens: readonly UserToken[]) => ({
      urn: urnOf("ada"),
      type: USER_TOKENS,
      inputs: { username: "ada", tokens, fetchedAt: new Date().toISOString() },
    });
    const token = userToken({ id: "a", name: "a", expireAt: new Date(Date.now() + 30 * DAY).toISOString() });
    const stateOf = (...tokens: UserToken[]) =>
      temporaryFile("state.json", JSON.stringify({ deployment: { resources: [recorded(tokens)] } }));
    const eventsOf = (...tokens: UserToken[]) => {
      const { urn, type, inputs } = recorded(tokens);
      const events = [
        { resourcePreEvent: { metadata: { op: "create", urn, type, new: { inputs } }, planning: true } },
        { summaryEvent: { resourceChanges: { create: 1 }, result: "succeeded" } },
        { cancelEvent: {} },
      ];
      const lines = events.map((event, sequence) => JSON.stringify({ sequence, ...event }));
      return temporaryFile("events.jsonl", lines.join("\n"));
    };
    const verifying = (level: string) => {
      const rules = { "evidence-verified": level, "evidence-origin": { apiUrls: [api.standIn.url] } };
      return settings({ rules });
    };

    beforeEach(() => {
      const wire = wireToken("a", { name: "a", created_ts: token.createdTs, expire_at: token.expireAt ?? "" });
      api.standIn.users = { ada: [wire, wireToken("b", { name: "b" })] };
    });

    for (const [kind, write] of [
      ["state", stateOf],
      ["events", eventsOf],
    ] as const) {
      it(`reads nothing from the API where nothing has to be verified: ${kind}`, async () => {
        const { report } = await audit({ [kind]: write(token), config: verifying("disabled") });
        assert.deepEqual(report.audit.source.kind, kind);
        assert.deepEqual(
          report.users.map(({ username, tokens }) => [username, tokens]),
          [["ada", [token]]],
        );
        assert.equal(api.standIn.requests.length, 0);
      });

      it(`finds what the API tells and the evidence does not: ${kind}`, async () => {
        const { code, report } = await audit({ [kind]: write(token), config: verifying("mandatory") });
        const messages = report.users.flatMap(({ findings }) => findings).map(({ message }) => message);
        assert.equal(code, 1);
        assert.ok(
          messages.some((message) => message.includes('the evidence is not what the API tells: missing "b" (b).')),
          messages.join("\n"),
        );
      });
    }

    it("comes from standard input, too", async () => {
      const { report } = await audit({ state: "-", config: verifying("disabled") }, createReadStream(stateOf(token)));
      assert.deepEqual([report.audit.source, namesOf(report)], [{ kind: "state", name: "-" }, ["ada"]]);
      const broken = await audit({ state: "-" }, createReadStream(__filename));
      assert.match(broken.report.failures[0]?.message ?? "", /^standard input: it is not valid JSON/);
    });
  });

  describe("that cannot begin", () => {
    for (const { title, options, changed, says } of [
      {
        title: "without an API token",
        options: { all: true },
        changed: { MOTHERDUCK_ADMIN_TOKEN: "" },
        says: /no MotherDuck API token/,
      },
      {
        title: "with a settings file that is missing",
        options: { all: true, config: "no.yaml" },
        says: /no\.yaml: the settings/,
      },
      {
        title: "with a state that is missing",
        options: { state: "no.json" },
        says: /no\.json: it cannot be read \(ENOENT\)/,
      },
      { title: "with events that are missing", options: { events: "no.jsonl" }, says: /no\.jsonl: it cannot be read/ },
      {
        title: "with a baseline that is missing",
        options: { all: true, baseline: "b.json" },
        says: /b\.json: the baseline cannot/,
      },
    ] satisfies { title: string; options: Partial<AuditOptions>; changed?: Record<string, string>; says: RegExp }[]) {
      it(`ends with 2, and a report that says why: ${title}`, async () => {
        env = { ...env, ...changed };
        const { code, report } = await audit(options);
        assert.deepEqual([code, report.users, report.summary.exitCode], [2, [], 2]);
        assert.match(report.failures[0]?.message ?? "", says);
        assert.match(stderr, says);
        assert.equal(api.standIn.requests.length, 0);
      });
    }

    it("tells a mistake in the settings file with its line", async () => {
      const config = temporaryFile("wrong.yaml", "rules:\n  tokens-must-expire: { graceDay: 1 }\n");
      const { report } = await audit({ all: true, config });
      assert.match(report.failures[0]?.message ?? "", /wrong\.yaml:2: .*did you mean graceDays/);
    });
  });

  describe("with a settings file", () => {
    it("judges by its levels and waivers", async () => {
      const waivers = [
        {
          id: "WVR-1",
          rule: "tokens-must-expire",
          user: "svc_bi",
          reason: "The vendor cannot rotate",
          owner: "bi@example.com",
          expires: new Date(Date.now() + 10 * DAY).toISOString().slice(0, 10),
        },
      ];
      const config = settings({ rules: { "max-read-write-tokens": "advisory" }, waivers });
      const { code, report } = await audit({ all: true, config });
      const { mandatory, advisory, waived } = report.summary;
      assert.deepEqual({ code, mandatory, advisory, waived }, { code: 0, mandatory: 0, advisory: 1, waived: 1 });
      assert.equal(report.audit.configFile, config);
    });

    it("takes custom rules from a module: their findings, levels, settings and waivers are those of the others", async () => {
      const rules = "examples/custom-policy-pack/rules.ts";
      const name = "tokens-carry-the-service-name";
      const found = (report: Report) =>
        report.users.flatMap(({ username, findings }) =>
          findings.filter(({ rule }) => rule === name).map(() => username),
        );
      const { report } = await audit({ all: true, rules });
      const holders = [...new Set(found(report))];
      assert.ok(holders.length > 0 && holders.every((username) => username.startsWith("svc_")));
      assert.equal(report.audit.rules.find((rule) => rule.name === name)?.enforcementLevel, "advisory");
      const config = settings({ rules: { [name]: { prefix: "nobody_" } } });
      assert.deepEqual(found((await audit({ all: true, rules, config })).report), []);
      const without = await audit({ all: true, config });
      assert.equal(without.code, 2);
      assert.match(without.report.failures[0]?.message ?? "", /there is no rule tokens-carry-the-service-name/);
    });

    it("are the pack's own where no other file is named, with an absolute path as there", async () => {
      const strict = settings({ rules: { "max-tokens-per-user": { max: 0, enforcementLevel: "mandatory" } } });
      env = { ...env, MOTHERDUCK_TOKENS_CONFIG: strict };
      const { report } = await audit({ all: true });
      assert.ok(rulesOf(report).includes("max-tokens-per-user"));
      assert.equal(report.audit.configFile, strict);
      const other = await audit({ all: true, config: settings({}) });
      assert.ok(!rulesOf(other.report).includes("max-tokens-per-user"));
      env = { ...env, MOTHERDUCK_TOKENS_CONFIG: "settings.json" };
      const relative = await audit({ all: true });
      assert.equal(relative.code, 2);
      assert.match(
        relative.report.failures[0]?.message ?? "",
        /settings\.json: give the settings file with an absolute/,
      );
    });

    it("are the pack's own text where the environment holds one, and not both of it and a file", async () => {
      const text = "rules: { max-tokens-per-user: { max: 0, enforcementLevel: mandatory } }";
      env = { ...env, MOTHERDUCK_TOKENS_CONFIG: "", MOTHERDUCK_TOKENS_CONFIG_TEXT: text };
      const { report } = await audit({ all: true });
      assert.ok(rulesOf(report).includes("max-tokens-per-user"));
      assert.equal(report.audit.configFile, "MOTHERDUCK_TOKENS_CONFIG_TEXT");
      env = { ...env, MOTHERDUCK_TOKENS_CONFIG: settings({}) };
      const both = await audit({ all: true });
      assert.equal(both.code, 2);
      assert.match(both.report.failures[0]?.message ?? "", /are both set\. Keep one of them\./);
    });

    it("calls an expected user missing with --all, and not with --user", async () => {
      const config = settings({ rules: { "inventory-covered": { users: ["zoe"] } } });
      assert.deepEqual(
        (await audit({ all: true, config })).report.findings.map(({ rule }) => rule),
        ["inventory-covered"],
      );
      const { report } = await audit({ user: ["ada"], config });
      assert.deepEqual(report.findings, []);
      assert.deepEqual(report.notJudged, [{ rule: "inventory-covered", reason: "not everybody was asked for" }]);
    });
  });

  describe("with a baseline", () => {
    const baseline = temporaryFile("baseline.json", "");

    it("fails on new findings only", async () => {
      assert.equal((await audit({ all: true, writeBaseline: baseline })).code, 1);
      const again = await audit({ all: true, baseline, failOnNew: true });
      assert.deepEqual([again.code, again.report.summary.known], [0, 2]);
      api.standIn.users.svc_etl?.forEach((token) => delete token.expire_at);
      const later = await audit({ all: true, baseline, failOnNew: true });
      assert.equal(later.code, 1);
      assert.deepEqual(
        later.report.users.flatMap(({ findings }) => findings.map(({ username, isKnown }) => `${username} ${isKnown}`)),
        ["grace true", "svc_bi true", "svc_etl false", "svc_etl false"],
      );
    });

    for (const { title, encode } of ENCODINGS.read) {
      it(`reads it as ${title}, and the settings, too`, async () => {
        await audit({ all: true, writeBaseline: baseline });
        writeFileSync(baseline, encode(readFileSync(baseline, "utf8")));
        const config = temporaryFile("settings.json", "");
        writeFileSync(config, encode(JSON.stringify({ rules: { "max-tokens-per-user": { max: 0 } } })));
        const { code, report } = await audit({ all: true, baseline, config, failOnNew: true });
        assert.deepEqual([code, report.summary.known], [0, 2]);
        assert.ok(rulesOf(report).includes("max-tokens-per-user"));
      });
    }

    for (const { title, encode, says } of ENCODINGS.refused) {
      it(`names the cause where it cannot be read, nor the settings: ${title}`, async () => {
        writeFileSync(baseline, encode('{"é":1}'));
        const config = temporaryFile("settings.json", "");
        writeFileSync(config, encode('{"é":1}'));
        const { code, report } = await audit({ all: true, baseline, config });
        const messages = report.failures.map(({ message }) => message);
        assert.equal(code, 2);
        for (const [index, file] of [config, baseline].entries()) {
          assert.ok(messages[index]?.startsWith(`${file}: `), messages[index]);
          assert.match(messages[index] ?? "", says);
        }
      });
    }

    it("is not written where something could not be judged", async () => {
      writeFileSync(baseline, "before");
      api.standIn.script("ada", ERRORS.forbidden);
      assert.equal((await audit({ all: true, writeBaseline: baseline })).code, 2);
      assert.equal(readFileSync(baseline, "utf8"), "before");
    });

    it("cannot be written over a folder", async () => {
      const folder = temporaryFile("x.txt", "").replace(/\/x\.txt$/, "");
      const { message } = await failureOf(() => audit({ all: true, writeBaseline: folder }), AuditError);
      assert.ok(message.startsWith(`${folder}: the baseline cannot be written (EISDIR)`), message);
    });
  });

  it("is no success where standard output takes no text", async () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(new Error("full")) });
    const io = { stdin: process.stdin, stdout: stdout as NodeJS.WriteStream, stderr: streamTo(() => undefined), env };
    const options = { user: ["ada"], accounts: "all", failOn: "mandatory", location: "Pulumi.yaml" } as const;
    const { message } = await failureOf(() => runAudit(options, io), AuditError);
    assert.match(message, /^standard output: the report cannot be written/);
  });

  it("leaves the old report where a new one cannot be written", async () => {
    const report = [
      { format: "json", file: reportFile },
      { format: "csv", file: "/no/such/folder/a.csv" },
    ] as const;
    const { message } = await failureOf(() => audit({ all: true, report }), AuditError);
    assert.match(message, /^\/no\/such\/folder\/a\.csv: the report cannot be written \(ENOENT\)/);
    assert.equal(readFileSync(reportFile, "utf8"), "before");
    assert.ok(!existsSync("/no/such/folder"));
  });
});

function streamTo(take: (text: string) => void): NodeJS.WriteStream {
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    take(chunk.toString());
    done();
  };
  return new Writable({ write }) as unknown as NodeJS.WriteStream;
}
