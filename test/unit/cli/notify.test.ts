import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { execa } from "execa";
import { describe, it } from "mocha";
import { ROOT } from "../../../tools/sandbox";
import { addNotifyCommand } from "../../../cli/notify-command";
import { runNotify } from "../../../cli/run-notify";
import { JSON_VERSION } from "../../../reports/json";
import { closingOf, day, headerOf, newPlace, query, record, type Run, token, usersOf } from "../history/support";
import { QUICK, useReceiver } from "../notices/support";
import { failureOf, temporaryFile } from "../support";
import { runCommand } from "./run-command";

const SETTINGS = `
owners: { email: false, users: { etl: data, web: web } }
notify:
  channels:
    data: { type: slack, urlVariable: DATA_URL }
    admins: { type: teams, urlVariable: ADMINS_URL }
  routes: [{ owner: data, channels: [data, admins] }]
  fallback: [admins]
`;

describe("motherduck-tokens notify", () => {
  const receiver = useReceiver();
  const users = {
    etl: [token("a", { expireAt: day(5) })],
    web: [token("b", { expireAt: day(5) })],
    eve: [token("c", { expireAt: day(5) })],
  };
  const reportText = (run: Run) =>
    JSON.stringify({ version: JSON_VERSION, audit: headerOf(run), users: usersOf(run), ...closingOf(run) });

  async function setUp(run: Run = { now: 0, users }) {
    const history = newPlace();
    await record(history, { now: 0, users });
    receiver.received.length = 0;
    receiver.answer = () => ({ status: 200 });
    const config = temporaryFile("settings.yaml", SETTINGS);
    const report = temporaryFile("report.json", reportText(run));
    const env = { DATA_URL: `${receiver.url}/data/very-secret`, ADMINS_URL: `${receiver.url}/admins/very-secret` };
    const printed = { out: "", err: "" };
    const io = (text: "out" | "err") => ({ write: (part: string) => ((printed[text] += part), true) });
    const notify = (options: object = {}, more: NodeJS.ProcessEnv = {}, stdin = Readable.from([])) => {
      Object.assign(printed, { out: "", err: "" });
      return runNotify(
        { report, history, config, now: Date.parse(day(0)), ...options },
        { stdin, stdout: io("out"), stderr: io("err"), env: { ...env, ...more } } as never,
        QUICK,
      );
    };
    return { history, config, report, env, printed, notify };
  }
  const paths = () => receiver.received.map(({ path }) => path.split("/")[1]);

  it("sends each owner's notices once over each channel, and keeps that in the ledger", async () => {
    const { history, notify, printed } = await setUp();
    assert.equal(await notify(), 0);
    assert.deepEqual(paths(), ["data", "admins", "admins", "admins"]);
    assert.equal(
      printed.out,
      'Sent 1 notice over data to "data".\nSent 1 notice over admins to "data".\n' +
        'Sent 1 notice over admins to "web".\nSent 1 notice over admins to the fallback, as nobody owns it.\n',
    );
    const rows = await query(history, "SELECT channel, owner, kind, days, username FROM token_ledger.notices_sent");
    assert.deepEqual(
      rows.map((row) => Object.values(row).join(" ")),
      ["admins data expiring 7 etl", "admins web expiring 7 web", "admins  expiring 7 eve", "data data expiring 7 etl"],
    );
    assert.equal(await notify(), 0);
    assert.equal(printed.out, "Nothing is due.\n");
    assert.equal(receiver.received.length, 4);
    assert.ok(!readFileSync(history).includes("very-secret"));
  });

  it("tries again what a channel did not accept, and only that, and says who did not get what", async () => {
    const { notify, printed } = await setUp();
    receiver.answer = (path) => ({ status: path.startsWith("/data") ? 400 : 200 });
    assert.equal(await notify(), 2);
    assert.equal(
      printed.err,
      'motherduck-tokens: not sent: 1 notice over data to "data": it answered 400. The next run tries again.\n',
    );
    receiver.answer = () => ({ status: 200 });
    receiver.received.length = 0;
    assert.equal(await notify(), 0);
    assert.deepEqual(paths(), ["data"]);
  });

  it("does not go on trying a channel that is down", async () => {
    const { notify, printed } = await setUp();
    receiver.answer = (path) => ({ status: path.startsWith("/admins") ? 404 : 200 });
    assert.equal(await notify(), 2);
    assert.deepEqual(paths(), ["data", "admins"]);
    assert.equal(printed.err.match(/over admins .*it answered 404/g)?.length, 3);
  });

  it("prints with --dry-run who would get what, and needs no secret, sends and records nothing", async () => {
    const { notify, printed, history } = await setUp();
    assert.equal(await notify({ dryRun: true }, { DATA_URL: "", ADMINS_URL: "" }), 0);
    assert.match(printed.out, /^1 notice over data to "data":\n {2}Token "a" \(a\) of etl expires within 5 days, at /);
    assert.deepEqual(receiver.received, []);
    assert.deepEqual(await query(history, "FROM token_ledger.notices"), []);
  });

  it("sends nothing where a secret is missing, or where the ledger is", async () => {
    const { notify } = await setUp();
    const error = await failureOf(() => notify({}, { ADMINS_URL: "" }));
    assert.equal(error.message, "nothing was sent: set ADMINS_URL, which the channel admins needs.");
    const history = newPlace();
    assert.match((await failureOf(() => notify({ history }))).message, /there is no such file/);
    assert.ok(!existsSync(history));
    assert.deepEqual(receiver.received, []);
  });

  it("exits with 2 for a report that is incomplete, and calls nothing gone that was not read", async () => {
    const { notify, printed } = await setUp();
    await notify();
    receiver.received.length = 0;
    const failures = [{ subject: "etl", username: "etl", message: "MotherDuck answered 500" }];
    const report = temporaryFile("partial.json", reportText({ now: 0, users: { web: [], eve: users.eve }, failures }));
    assert.equal(await notify({ report }), 2);
    assert.match(printed.err, /the report is incomplete \(1 failure\)/);
    assert.deepEqual(paths(), ["admins"]);
    assert.match(receiver.received[0]?.body ?? "", /of web is not there any more/);
  });

  it("reads a report from standard input, and refuses what is none or is about some owners", async () => {
    const { notify } = await setUp();
    const stdin = (text: string) => Readable.from([Buffer.from(text)]);
    assert.equal(await notify({ report: "-" }, {}, stdin(reportText({ now: 0, users }))), 0);
    assert.equal(receiver.received.length, 4);
    await assert.rejects(() => notify({ report: "-" }, {}, stdin("{")), /standard input: it is not valid JSON/);
    const some = reportText({ now: 0, users, header: { owners: ["data"] } });
    await assert.rejects(() => notify({ report: "-" }, {}, stdin(some)), /without --owner/);
    const config = temporaryFile("without-notify.yaml", "preset: strict\n");
    await assert.rejects(() => notify({ config }), /with the key notify/);
  });

  it("takes --now with --dry-run only", async () => {
    const { history, config, report, env } = await setUp();
    const args = ["notify", "--report", report, "--history", history, "--config", config, "--now", day(0)];
    await assert.rejects(() => runCommand(addNotifyCommand as never, args, env), /--now requires --dry-run/);
    const { stdout, exitCode } = await runCommand(addNotifyCommand as never, [...args, "--dry-run"], env);
    assert.equal(exitCode, 0);
    assert.match(stdout, /expires within 5 days/);
  });

  it("runs as a command, in which no secret shows", async () => {
    const { history, config, report, env } = await setUp();
    receiver.answer = (path) => ({ status: path.startsWith("/admins") ? 401 : 200 });
    const args = ["notify", "--report", report, "--history", history, "--config", config];
    const { exitCode, all } = await execa(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", "cli/main.ts", ...args],
      { cwd: ROOT, env, reject: false, all: true },
    );
    assert.equal(exitCode, 2, all);
    // The tokens of this report expired long ago.
    assert.match(all, /^Sent 1 notice over data to "data"\.$/m);
    assert.match(all, /not sent: 1 notice over admins to "web": it answered 401/);
    assert.ok(!all.includes("very-secret"));
  });
});
