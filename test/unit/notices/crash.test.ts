import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { runNotify } from "../../../cli/run-notify";
import { JSON_VERSION } from "../../../reports/json";
import { ROOT } from "../../../tools/sandbox";
import { closingOf, day, headerOf, newPlace, query, record, type Run, token, usersOf } from "../history/support";
import { temporaryFile } from "../support";
import { type MailServer, startMailServer } from "./mail-server";
import { QUICK, useReceiver } from "./support";

const KEY = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
/** Expired, whenever this runs. */
const users = { etl: [token("a", { expireAt: day(-1) })], web: [token("b", { expireAt: day(-1) })] };

/** A ledger with a run, its report, and the settings for it, with one channel for everybody. */
async function setUp(channel: object) {
  const history = newPlace();
  const run: Run = { now: 0, users };
  await record(history, run);
  const settings = {
    owners: { users: { etl: "etl@example.com", web: "web@example.com" } },
    notify: { channels: { c: channel }, fallback: ["c"] },
  };
  const text = { version: JSON_VERSION, audit: headerOf(run), users: usersOf(run), ...closingOf(run) };
  const options = {
    history,
    config: temporaryFile("settings.json", JSON.stringify(settings)),
    report: temporaryFile("report.json", JSON.stringify(text)),
  };
  return {
    options,
    /** Runs it to the end. */
    notify: (env: NodeJS.ProcessEnv) => {
      const nowhere = { write: () => true };
      return runNotify(options, { stdin: process.stdin, stdout: nowhere, stderr: nowhere, env } as never, QUICK);
    },
    /** The tokens that the ledger has notices about. */
    recorded: async () => {
      const rows = await query(history, "SELECT token_id FROM token_ledger.notices ORDER BY ALL");
      return rows.map(({ token_id }) => token_id);
    },
  };
}

describe("notify, where it cannot know whether a message was accepted", function () {
  this.timeout(60_000);
  const receiver = useReceiver();
  let mail: MailServer;
  before(async () => {
    mail = await startMailServer();
  });
  after(() => mail.stop());
  beforeEach(() => {
    receiver.received.length = 0;
    receiver.answer = () => ({ status: 200 });
  });
  const env = () => ({ KEY, HOOK: `${receiver.url}/hook` });
  const HOOK = { type: "webhook", urlVariable: "HOOK", secretVariable: "KEY" };

  /** Runs it in a process of its own, until that is killed: by `kill-at.ts`, or by the receiver before it answers. */
  async function notifyUntilKilled(options: Record<string, string>, killAt: string): Promise<void> {
    const loaded = ["ts-node/register/transpile-only", path.join(__dirname, "kill-at.ts")];
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const args = [...loaded.flatMap((module) => ["-r", module]), "cli/main.ts", "notify", ...flags];
    const child = spawn(process.execPath, args, {
      ...{ cwd: ROOT, stdio: "ignore" as const },
      env: { ...process.env, ...env(), KILL_AT: killAt },
    });
    receiver.answer = () => {
      if (killAt === "accepted") child.kill("SIGKILL");
      return { status: 200 };
    };
    assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
    receiver.answer = () => ({ status: 200 });
  }
  const requests = () =>
    receiver.received.map(({ headers, body }) => {
      const { notices } = JSON.parse(body) as { notices: { id: string; tokenId: string }[] };
      return { id: headers["webhook-id"], notices: notices.map(({ id, tokenId }) => `${tokenId} ${id}`) };
    });

  for (const [killAt, when] of [
    ["accepted", "before the answer reaches it"],
    ["answered", "after the answer, before the record"],
    ["recording", "in the midst of the record"],
  ] as const) {
    it(`sends again what was accepted, with the same identity, and nothing else, after it was killed ${when}`, async () => {
      const { options, notify, recorded } = await setUp(HOOK);
      await notifyUntilKilled(options, killAt);
      const [first, ...others] = requests();
      assert.deepEqual([others, await recorded()], [[], []]);
      assert.equal(await notify(env()), 0);
      const [, again, last] = requests();
      assert.deepEqual(again, first);
      assert.notEqual(last?.id, first?.id);
      assert.deepEqual(await recorded(), ["a", "b"]);
      assert.equal(await notify(env()), 0);
      assert.equal(requests().length, 3);
    });
  }

  it("repeats nothing that is recorded, though it was killed before it said so", async () => {
    const { options, notify, recorded } = await setUp(HOOK);
    await notifyUntilKilled(options, "recorded");
    assert.deepEqual(await recorded(), ["a"]);
    assert.equal(await notify(env()), 0);
    assert.deepEqual(
      requests().map(({ notices }) => notices.map((notice) => notice[0])),
      [["a"], ["b"]],
    );
    assert.deepEqual(await recorded(), ["a", "b"]);
  });

  it("sends a mail again under the same Message-ID after it was killed", async () => {
    const { options, notify } = await setUp({
      ...{ type: "smtp", host: "127.0.0.1", port: mail.port, tls: "none" },
      from: "tokens@example.com",
    });
    await notifyUntilKilled(options, "answered");
    assert.equal(await notify({}), 0);
    const ids = mail.mails.map(({ to, text }) => `${to.join()} ${/^Message-ID: (.*)\r$/m.exec(text)?.[1]}`);
    assert.equal(ids.length, 3);
    assert.equal(ids[1], ids[0]);
    assert.match(ids[2] ?? "", /^web@example\.com </);
  });

  it("takes an answer that is lost for none: it sends again, in the same run and in the next, with the same identity", async () => {
    const { notify, recorded } = await setUp(HOOK);
    receiver.answer = () => ({ status: 200, lost: true });
    assert.equal(await notify(env()), 2);
    const tried = requests();
    assert.equal(tried.length, 3);
    assert.deepEqual(await recorded(), []);
    receiver.answer = () => ({ status: 200 });
    assert.equal(await notify(env()), 0);
    assert.deepEqual(requests().slice(0, 4), Array(4).fill(tried[0]));
    assert.deepEqual(await recorded(), ["a", "b"]);
  });
});
