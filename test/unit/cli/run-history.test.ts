import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import type { AuditClosing, JudgedUser } from "../../../audit/result";
import { findContradiction } from "../../../cli/audit-options";
import { findFileConflict } from "../../../cli/find-file-conflict";
import { findLedger } from "../../../cli/find-ledger";
import { runAudit } from "../../../cli/run-audit";
import { acceptFindings, importReports, showHistory, upgradeLedger } from "../../../cli/run-history";
import { Ledger } from "../../../history/ledger";
import { ANSWERS } from "../../../history/views";
import { failureOf, temporaryFile, useStandIn, wireToken } from "../support";
import { newPlace, query } from "../history/support";

function settingsFile(text: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "motherduck-tokens-settings-")), "motherduck-tokens.yaml");
  writeFileSync(file, `${text}\n`);
  return file;
}

describe("a ledger on the command line", () => {
  const api = useStandIn();
  const DEFAULTS = { accounts: "all", failOn: "none", location: "Pulumi.yaml", quiet: true } as const;
  const audit = (options: object) =>
    runAudit({ ...DEFAULTS, all: true, ...options }, { ...ioOf(), env: api.standIn.env });
  function ioOf() {
    return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  }
  async function show(history: string, options: object = {}): Promise<string> {
    let text = "";
    const stdout = { write: (part: string) => ((text += part), true) } as unknown as NodeJS.WriteStream & { fd: 1 };
    await showHistory({ history, format: "text", ...options }, { stdout, env: {} });
    return text;
  }

  it("records an audit, and tells what the next one changed", async () => {
    const history = newPlace();
    assert.equal(await audit({ history }), 0);
    const gone = api.standIn.users.svc_etl?.pop();
    assert.equal(await audit({ history }), 0);
    const text = await show(history);
    assert.match(text, /^Run 2 at .*Z: 5 users of http/);
    assert.match(text, new RegExp(`(revoked|ended) +svc_etl / ${gone?.id}`));
    for (const format of ["json", "csv"]) assert.ok((await show(history, { format })).includes("svc_etl"));
    assert.ok((await show(history, { format: "markdown" })).includes("svc\\_etl"));
    const { events } = JSON.parse(await show(history, { format: "json", since: 0 })) as { events: unknown[] };
    assert.ok(events.length > 5);
    assert.ok(!readFileSync(history).includes(api.standIn.token), "the API token in the ledger");
  });

  it("tells in its reports what is new and what is fixed since the last run", async () => {
    const [history, file] = [newPlace(), temporaryFile("since.json", "")];
    const report = [{ format: "json", file }] as const;
    const read = () => JSON.parse(readFileSync(file, "utf8")) as AuditClosing & { users: JudgedUser[] };
    await audit({ history, report });
    const before = read();
    assert.deepEqual(before.sinceLastRun?.fixed, []);
    assert.deepEqual(
      new Set(Object.values(before.sinceLastRun.findings).map(({ standing }) => standing)),
      new Set(["unknown"]),
    );
    assert.equal(before.trend?.length, 1);
    const gone = before.users.flatMap(({ findings }) => findings).find(({ tokenId }) => tokenId !== undefined);
    const tokens = api.standIn.users[gone?.username ?? ""];
    assert.ok(gone && tokens);
    const endless = wireToken("0e9d1c5e-0000-4000-8000-000000000001");
    tokens.splice(
      tokens.findIndex(({ id }) => id === gone.tokenId),
      1,
      endless,
    );
    let text = "";
    const stdout = {
      write: (part: string, done?: () => void) => ((text += part), done?.(), true),
      on: () => stdout,
    } as never;
    await runAudit(
      { ...DEFAULTS, quiet: false, all: true, history, report },
      { ...ioOf(), stdout, env: api.standIn.env },
    );
    const { sinceLastRun, trend } = read();
    assert.equal(sinceLastRun?.previousRun?.runId, 1);
    assert.ok(sinceLastRun.opened.some(({ rule, tokenId }) => rule === "tokens-must-expire" && tokenId === endless.id));
    assert.ok(sinceLastRun.fixed.some(({ fingerprint }) => fingerprint === gone.fingerprint));
    assert.equal(trend?.length, 2);
    // In CI, reports are coloured.
    text = stripVTControlCharacters(text);
    assert.match(text, new RegExp(`\\n  new    tokens-must-expire: .*${endless.id}`));
    assert.match(text, new RegExp(`\\n  fixed  ${gone.rule}: .*${gone.tokenId}`));
  });

  it("that cannot tell what changed makes the audit incomplete, and records nothing", async () => {
    const [history, file] = [newPlace(), temporaryFile("unread.json", "")];
    await audit({ history });
    const ledger = await Ledger.open(history, { env: {} });
    await ledger.write(() => ledger.database.run("DROP VIEW token_ledger.findings_over_time"));
    ledger.close();
    assert.equal(await audit({ history, report: [{ format: "json", file }] }), 2);
    const { failures, sinceLastRun } = JSON.parse(readFileSync(file, "utf8")) as AuditClosing;
    assert.match(failures[0]?.message ?? "", /^not recorded: .*findings_over_time/);
    assert.equal(sinceLastRun, undefined);
    assert.equal((await query(history, "FROM token_ledger.runs")).length, 1);
  });

  describe("with --fail-on-new", () => {
    const failing = { failOn: "mandatory", failOnNew: true } as const;
    const endless = wireToken("0e9d1c5e-0000-4000-8000-000000000002");
    /** An audit's exit code, its JSON report, and what it printed on standard error. */
    async function judge(options: object, env: NodeJS.ProcessEnv = {}) {
      const file = temporaryFile("new.json", "");
      let stderr = "";
      const io = { ...ioOf(), stderr: { write: (part: string) => ((stderr += part), true) } as never };
      const report = [{ format: "json", file }] as const;
      const code = await runAudit(
        { ...DEFAULTS, all: true, ...failing, report, ...options },
        { ...io, env: { ...api.standIn.env, ...env } },
      );
      const { users, summary, failures } = JSON.parse(readFileSync(file, "utf8")) as AuditClosing & {
        users: JudgedUser[];
      };
      const findings = users.flatMap((user) => user.findings);
      return { code, stderr, findings, summary, failures };
    }
    async function accept(history: string, run?: number): Promise<string> {
      let text = "";
      const stdout = { write: (part: string) => ((text += part), true) } as never;
      await acceptFindings({ history, ...(run !== undefined && { run }) }, { stdout, env: {} });
      return text;
    }

    it("fails until a run is accepted, then for what that run had not, night after night", async () => {
      const history = newPlace();
      const first = await judge({ history });
      assert.equal(first.code, 1);
      assert.match(
        first.stderr,
        /every finding is new, because no run was accepted.* history accept --history .*ledger/,
      );
      const [{ n: accepted } = {}] = await query(
        history,
        "SELECT count(*)::INTEGER AS n FROM token_ledger.open_findings",
      );
      assert.match(await accept(history), new RegExp(`^Run 1 of .*Z is accepted\\. .*: ${accepted}\\.\\n$`));
      const second = await judge({ history });
      assert.deepEqual([second.code, second.stderr, second.summary.mandatory], [0, "", 0]);
      assert.ok(second.summary.known > 0);
      api.standIn.users.ada?.push(endless);
      for (const night of [3, 4]) {
        const later = await judge({ history });
        assert.equal(later.code, 1, `run ${night}`);
        assert.ok(later.findings.some(({ tokenId, isKnown }) => tokenId === endless.id && isKnown === false));
      }
      await accept(history);
      assert.equal((await judge({ history })).code, 0);
      await accept(history, 1);
      assert.equal((await judge({ history })).code, 1);
    });

    it("prefers a baseline", async () => {
      const history = newPlace();
      const baseline = temporaryFile("accepted.json", "");
      assert.equal((await judge({ history, failOnNew: false, writeBaseline: baseline })).code, 1);
      assert.equal((await judge({ history, baseline })).code, 0);
    });

    it("takes the ledger of the settings file", async () => {
      const config = settingsFile("history: ledger.duckdb");
      const history = path.join(path.dirname(config), "ledger.duckdb");
      assert.equal((await judge({ config, failOnNew: false })).code, 1);
      await accept(history);
      assert.equal((await judge({ config })).code, 0);
      const { message } = await failureOf(() => judge({ config, history: false }), AuditError);
      assert.match(message, /--fail-on-new needs a --baseline or a ledger/);
    });

    it("needs a baseline or a ledger", async () => {
      const { message } = await failureOf(() => judge({}), AuditError);
      assert.match(message, /--fail-on-new needs a --baseline or a ledger/);
    });

    it("judges nothing where the ledger cannot tell what is known", async () => {
      const history = newPlace();
      await judge({ history });
      await accept(history);
      const ledger = await Ledger.open(history, { env: {} });
      await ledger.write(() => ledger.database.run("DROP TABLE token_ledger.acceptances"));
      ledger.close();
      const { code, failures, findings } = await judge({ history });
      assert.deepEqual([code, findings], [2, []]);
      assert.match(failures[0]?.message ?? "", /acceptances/);
    });
  });

  it("exports the views as Parquet", async () => {
    const history = newPlace();
    await audit({ history });
    const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-parquet-"));
    await show(history, { export: folder });
    assert.deepEqual(readdirSync(folder).sort(), ANSWERS.map(({ name }) => `${name}.parquet`).sort());
    const [row] = await query(history, `SELECT count(*)::INTEGER AS n FROM read_parquet('${folder}/tokens.parquet')`);
    assert.ok(Number(row?.n) > 0);
  });

  it("imports reports, each once, and knows those that were recorded", async () => {
    const [history, report] = [newPlace(), temporaryFile("earlier.json", "")];
    await audit({ report: [{ format: "json", file: report }] });
    const silent = { stdout: { write: () => true } as unknown as NodeJS.WriteStream & { fd: 1 }, env: {} };
    await importReports([report, report], { history }, silent);
    assert.equal((await query(history, "FROM token_ledger.runs")).length, 1);
    const recorded = newPlace();
    await audit({ history: recorded, report: [{ format: "json", file: report }] });
    await importReports([report], { history: recorded }, silent);
    assert.equal((await query(recorded, "FROM token_ledger.runs")).length, 1);
    const other = temporaryFile("other.json", "{}");
    const { message } = await failureOf(() => importReports([other], { history }, silent), AuditError);
    assert.match(message, /other\.json: it is not a JSON report of an audit/);
    await upgradeLedger({ history });
  });

  it("that cannot be written makes the audit incomplete, and its report says why", async () => {
    const report = temporaryFile("refused.json", "");
    const history = temporaryFile("no.duckdb", "no database");
    assert.equal(await audit({ history, report: [{ format: "json", file: report }] }), 2);
    const { failures } = JSON.parse(readFileSync(report, "utf8")) as { failures: { message: string }[] };
    assert.match(failures[0]?.message ?? "", /no\.duckdb: it is not a DuckDB database/);
  });

  it("that takes another organization's audit makes it incomplete, and its report says why", async () => {
    const [history, report] = [newPlace(), temporaryFile("another.json", "")];
    await audit({ history });
    api.standIn.users = { ada: [wireToken("of-another-organization")] };
    assert.equal(await audit({ history, report: [{ format: "json", file: report }] }), 2);
    const { failures, summary } = JSON.parse(readFileSync(report, "utf8")) as AuditClosing;
    assert.deepEqual([failures.length, summary.failures, summary.exitCode], [1, 1, 2]);
    assert.match(failures[0]?.message ?? "", /^not recorded: .*it may be of another organization/);
    assert.equal((await query(history, "FROM token_ledger.runs")).length, 1);
  });

  it("keeps of each run whom it was about, so that nobody else counts as gone", async () => {
    const [history, state] = [newPlace(), temporaryFile("empty-state.json", `{"deployment":{"resources":[]}}`)];
    await audit({ history });
    await audit({ history, accounts: "humans" });
    await audit({ history, all: undefined, user: ["ada"] });
    await audit({ history, all: undefined, state });
    assert.deepEqual(
      (await query(history, "SELECT scope FROM token_ledger.runs ORDER BY run_id")).map(({ scope }) => scope),
      ["everybody", "selection", "selection", "stack"],
    );
  });

  it("does not go with --now", () => {
    assert.match(findContradiction({ ...DEFAULTS, all: true, history: "a", now: 1 }) ?? "", /--history and --now/);
    assert.equal(findContradiction({ ...DEFAULTS, all: true, history: false, now: 1 }), undefined);
  });

  it("is not a file that a report would be written to", async () => {
    const history = newPlace();
    await audit({ history });
    const report = [{ format: "json", file: `${path.dirname(history)}/./${path.basename(history)}` }] as const;
    assert.match(
      findFileConflict({ history, report, quiet: true }, {}) ?? "",
      /one file, which would be written twice/,
    );
    assert.equal(findFileConflict({ history: "md:governance", report, quiet: true }, {}), undefined);
    const config = settingsFile(`history: ${history}`);
    assert.match((await failureOf(() => audit({ config, report }), AuditError)).message, /would be written twice/);
    assert.equal((await query(history, "FROM token_ledger.runs")).length, 1);
  });

  describe("that the settings file names", () => {
    it("is found from the file's own folder, and --no-history leaves it alone", async () => {
      const config = settingsFile("history: tokens.duckdb");
      const place = path.join(path.dirname(config), "tokens.duckdb");
      assert.equal(await audit({ config, history: false }), 0);
      assert.ok(!existsSync(place));
      assert.equal(await audit({ config }), 0);
      assert.equal((await query(place, "FROM token_ledger.runs")).length, 1);
    });

    it("yields to --history", async () => {
      const config = settingsFile("history: tokens.duckdb");
      const history = newPlace();
      assert.equal(await audit({ config, history }), 0);
      assert.ok(!existsSync(path.join(path.dirname(config), "tokens.duckdb")));
      assert.equal((await query(history, "FROM token_ledger.runs")).length, 1);
    });

    it("is in the current folder where the settings are in the environment", () => {
      const env = { MOTHERDUCK_TOKENS_CONFIG_TEXT: "history: a.duckdb" };
      assert.equal(findLedger({}, "a.duckdb", env), path.resolve("a.duckdb"));
      assert.equal(
        findLedger({}, "../a.duckdb", { MOTHERDUCK_TOKENS_CONFIG: "/etc/tokens/rules.yaml" }),
        "/etc/a.duckdb",
      );
      assert.equal(findLedger({ config: "/etc/rules.yaml" }, "md:governance", {}), "md:governance");
    });

    it("makes an audit as of another time incomplete, which says what to do", async () => {
      const config = settingsFile("history: md:governance?secret");
      const report = temporaryFile("now.json", "");
      assert.equal(await audit({ config, now: 1, report: [{ format: "json", file: report }] }), 2);
      const { failures } = JSON.parse(readFileSync(report, "utf8")) as AuditClosing;
      assert.match(failures[0]?.message ?? "", /^the settings name a ledger \(md:governance\).*Add --no-history\.$/);
    });

    it("makes an audit of some owners incomplete, which says what to do, and is not written to", async () => {
      const config = settingsFile("history: tokens.duckdb\nowners: { users: { '*': everybody } }");
      const report = temporaryFile("owner.json", "");
      const run = (more: object) =>
        audit({ config, owner: ["everybody"], report: [{ format: "json", file: report }], ...more });
      assert.equal(await run({}), 2);
      const { failures } = JSON.parse(readFileSync(report, "utf8")) as AuditClosing;
      assert.match(failures[0]?.message ?? "", /^the settings name a ledger .*--owner leaves out.*Add --no-history\.$/);
      assert.equal(await run({ history: false }), 0);
      assert.ok(!existsSync(path.join(path.dirname(config), "tokens.duckdb")));
    });

    it("is a text, and nothing else", async () => {
      for (const text of ["history: 1", 'history: ""', "history: [a]"]) {
        const report = temporaryFile("mistake.json", "");
        const config = settingsFile(text);
        assert.equal(await audit({ config, report: [{ format: "json", file: report }] }), 2);
        const { failures } = JSON.parse(readFileSync(report, "utf8")) as AuditClosing;
        assert.match(failures[0]?.message ?? "", /motherduck-tokens\.yaml:1: history/);
      }
    });
  });
});
