import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { CommanderError } from "commander";
import { before, describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import { addHistoryCommand } from "../../../cli/history-command";
import { Ledger } from "../../../history/ledger";
import { JSON_VERSION } from "../../../reports/json";
import { closingOf, day, headerOf, newPlace, query, record, type Run, token, usersOf } from "../history/support";
import { failureOf, temporaryFile } from "../support";
import { runCommand } from "./run-command";

describe("the command history", () => {
  const run = (...args: string[]) => runCommand(addHistoryCommand, ["history", ...args]);
  const ledger = newPlace();

  before(() =>
    record(ledger, { now: 1, users: { ada: [token("a"), token("b")] } }, { now: 2, users: { ada: [token("b")] } }),
  );

  it("shows what the last run changed, also without `show`", async () => {
    const { stdout } = await run("--history", ledger);
    assert.match(stdout, /^Run 2 at .*Z: 1 users of https.*\nrevoked +ada \/ a: "a"\n +after .*, by .*\n$/);
    assert.equal((await run("show", "--history", ledger)).stdout, stdout);
  });

  it("shows what was seen since a date, in another format", async () => {
    const { stdout } = await run("show", "--history", ledger, "--since", day(0), "--format", "json");
    const { events } = JSON.parse(stdout) as { events: { event: string; token_id: string | null }[] };
    assert.deepEqual(
      events.flatMap(({ event, token_id: id }) => (id === null ? [] : [event])),
      ["first_seen", "first_seen", "revoked"],
    );
  });

  /** The JSON report of an audit. */
  const reportOf = (run: Run) =>
    JSON.stringify({ version: JSON_VERSION, audit: headerOf(run), users: usersOf(run), ...closingOf(run) });

  it("says so of a ledger without a run", async () => {
    const place = newPlace();
    const empty = await Ledger.open(place, { env: {} });
    await empty.write(() => Promise.resolve());
    empty.close();
    assert.equal((await run("--history", place)).stdout, "The ledger holds no run.\nNothing changed.\n");
  });

  it("imports reports, and tells of each which run it is", async () => {
    const [place, report] = [newPlace(), temporaryFile("report.json", reportOf({ now: 1 }))];
    assert.equal((await run("import", report, "--history", place)).stdout, `${report}: recorded as run 1\n`);
    assert.equal(
      (await run("import", report, "--history", place)).stdout,
      `${report}: already in the ledger as run 1\n`,
    );
    assert.equal((await query(place, "FROM token_ledger.runs")).length, 1);
  });

  for (const { title, content, says } of [
    { title: "that is not JSON", content: "{", says: /refused\.json: it is not valid JSON\.$/ },
    {
      title: "of another kind",
      content: "{}",
      says: /refused\.json: it is not a JSON report of an audit \(version: .*\)\. Write one with --report json=<file>\.$/,
    },
    {
      title: "of the future",
      content: reportOf({ now: Date.parse("2999-01-01T00:00:00Z") }),
      says: /refused\.json: it was judged as of 2999-01-01T00:00:00\.000Z, which is still to come/,
    },
  ]) {
    it(`refuses a report ${title}, and records nothing`, async () => {
      const [place, report] = [newPlace(), temporaryFile("refused.json", content)];
      const { message } = await failureOf(() => run("import", report, "--history", place), AuditError);
      assert.match(message, says);
      assert.ok(!existsSync(place));
    });
  }

  it("refuses a report that is not there", async () => {
    const { message } = await failureOf(() => run("import", "no.json", "--history", newPlace()), AuditError);
    assert.equal(message, "no.json: it cannot be read (ENOENT).");
  });

  it("upgrades a ledger that is there, and makes none", async () => {
    const runs = await query(ledger, "FROM token_ledger.runs");
    assert.deepEqual(await run("upgrade", "--history", ledger), { stdout: "", stderr: "", exitCode: undefined });
    assert.deepEqual(await query(ledger, "FROM token_ledger.runs"), runs);
    const place = newPlace();
    const { message } = await failureOf(() => run("upgrade", "--history", place), AuditError);
    assert.equal(message, `${place}: there is no such file.`);
    assert.ok(!existsSync(place));
  });

  it("accepts the last run, or another one, and nothing where there is no ledger", async () => {
    const runs = async () => (await query(ledger, "FROM token_ledger.acceptances")).map(({ run_id: run }) => run);
    assert.match((await run("accept", "--history", ledger)).stdout, /^Run 2 of .*Z is accepted\. .*: 0\.\n$/);
    assert.match((await run("accept", "--history", ledger, "--run", "1")).stdout, /^Run 1 of /);
    assert.deepEqual(await runs(), [2, 1]);
    const place = newPlace();
    const { message } = await failureOf(() => run("accept", "--history", place), AuditError);
    assert.equal(message, `${place}: there is no such file.`);
    assert.ok(!existsSync(place));
  });

  it("takes the ledger that the settings file names", async () => {
    const settings = temporaryFile(
      "motherduck-tokens.yaml",
      `history: ${JSON.stringify(ledger)}\nrules: { mine: { max: 1 } }\n`,
    );
    const { stdout } = await run("--history", ledger);
    assert.equal((await run("--config", settings)).stdout, stdout);
    assert.equal((await run("show", "--config", settings)).stdout, stdout);
    const { stdout: named } = await runCommand(addHistoryCommand, ["history"], { MOTHERDUCK_TOKENS_CONFIG: settings });
    assert.equal(named, stdout);
    const without = temporaryFile("motherduck-tokens.yaml", "waivers: []\n");
    for (const args of [[], ["--config", without]]) {
      const { message } = await failureOf(() => run(...args), AuditError);
      assert.match(message, /^which ledger\? Name it with --history/);
    }
  });

  it("exports into a folder that is there, and into no other", async () => {
    const folder = path.join(path.dirname(ledger), "no-such-folder");
    const { message } = await failureOf(() => run("--history", ledger, "--export", folder), AuditError);
    assert.equal(message, `there is no folder ${folder}: create it first.`);
    assert.ok(!existsSync(folder));
  });

  for (const { args, says } of [
    { args: ["accept", "--history", ledger, "--run", "last"], says: /Give a run's number, such as 12/ },
    { args: ["--history", ledger, "--history", "other.duckdb"], says: /Give it only once/ },
    { args: ["--history", ledger, "--format", "xml"], says: /Allowed choices are text, json, csv, markdown/ },
    { args: ["--history", ledger, "--since", "yesterday"], says: /'--since <date>' argument 'yesterday' is invalid/ },
    { args: ["import", "--history", ledger], says: /missing required argument 'reports'/ },
  ]) {
    it(`refuses ${JSON.stringify(args.map((arg) => (arg === ledger ? "…" : arg)))}`, async () => {
      assert.match((await failureOf(() => run(...args), CommanderError)).message, says);
    });
  }
});
