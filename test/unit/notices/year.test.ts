import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "mocha";
import { runNotify } from "../../../cli/run-notify";
import { JSON_VERSION } from "../../../reports/json";
import { closingOf, day, headerOf, newPlace, query, record, type Run, token, usersOf } from "../history/support";
import { temporaryFile } from "../support";
import { QUICK, atDay, useReceiver } from "./support";

const NIGHTS = 365;
const USERS = 200;
const OWNERS = 8;
const THRESHOLDS = [30, 14, 7, 3, 1];
const KEY = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

/** A number from 0 to 1 that is the same for the same place: mulberry32, over a hash of the place. */
function chance(...place: readonly (string | number)[]): number {
  let seed = [...place.join("/")].reduce(
    (hash, character) => Math.imul(hash ^ character.charCodeAt(0), 16777619),
    2166136261,
  );
  seed = Math.imul(seed ^ (seed >>> 15), seed | 1);
  seed ^= seed + Math.imul(seed ^ (seed >>> 7), seed | 61);
  return ((seed ^ (seed >>> 14)) >>> 0) / 2 ** 32;
}

const range = (length: number) => [...Array(length).keys()];

/** A user's tokens, one after the other: most are replaced some days before or after their expiry. */
function tokensOf(user: number) {
  const tokens: { id: string; expiry: number; until: number; from: number }[] = [];
  for (let from = -200 * chance("first", user); from < NIGHTS;) {
    const number = tokens.length;
    const expiry = from + 180 + 120 * chance("life", user, number);
    const until = expiry + 12 - 40 * chance("end", user, number);
    tokens.push({ id: `t${user}-${number}`, expiry, until, from });
    from = until;
  }
  return tokens;
}

const organization = range(USERS).map((user) => ({
  name: `user${user}`,
  owner: user % OWNERS,
  tokens: tokensOf(user),
}));
const isRead = (night: number, user: number) => chance("read", night, user) > 0.01;
const isUp = (night: number, owner: number) => chance("up", night, owner) > 0.15;
const isCrash = (night: number) => chance("crash", night) < 0.1;

/** What has to arrive, by owner and token, in order: written without the code that is tested. */
function expectedNotices(): string[] {
  return organization.flatMap(({ owner, tokens }, user) =>
    tokens.flatMap(({ id, expiry, from, until }) => {
      const got: string[] = [];
      let last = Infinity;
      for (let night = Math.max(0, Math.ceil(from)); night < NIGHTS; night += 1) {
        if (!isRead(night, user) || !isUp(night, owner)) continue;
        if (night >= until) {
          if (last < Infinity) got.push(`owner${owner} ${id} gone`);
          break;
        }
        const reached = night >= expiry ? 0 : Math.min(...THRESHOLDS.filter((days) => expiry - night <= days));
        if (reached < last) got.push(`owner${owner} ${id} ${reached === 0 ? "expired" : `expiring ${reached}`}`);
        last = Math.min(last, reached);
      }
      return got;
    }),
  );
}

describe("a year of an organization of 200 users", () => {
  const receiver = useReceiver();

  it("brings every notice once to its owner, through users who are not read, channels that fail and runs that break off", async () => {
    const history = newPlace();
    await record(history, { now: 0, users: {} });
    const names = range(OWNERS).map((owner) => `owner${owner}`);
    const entries = names.map((name) => [name, { type: "webhook", urlVariable: name, secretVariable: "KEY" }] as const);
    const config = temporaryFile(
      "settings.json",
      JSON.stringify({
        owners: { users: Object.fromEntries(organization.map(({ name, owner }) => [name, `owner${owner}`])) },
        notify: { channels: Object.fromEntries(entries), routes: names.map((owner) => ({ owner, channels: [owner] })) },
      }),
    );
    const urls = Object.fromEntries(names.map((name) => [name, `${receiver.url}/${name}`] as const));
    const env = { KEY, ...urls };
    const report = temporaryFile("report.json", "");
    let night = 0;
    const refused = new Set<unknown>();
    const accepted: { path: string; body: string }[] = [];
    receiver.answer = (path) => {
      const { body = "" } = receiver.received.pop() ?? {};
      if (!isUp(night, Number(path.slice("/owner".length)))) {
        refused.add(path);
        return { status: [400, 404, 503][night % 3] ?? 503 };
      }
      accepted.push({ path, body });
      return { status: 204 };
    };

    let crashes = 0;
    for (night = 0; night < NIGHTS; night += 1) {
      const run: Run = {
        now: night,
        users: Object.fromEntries(
          organization
            .filter((_, user) => isRead(night, user))
            .map(({ name, tokens }) => [
              name,
              tokens
                .filter(({ from, until }) => from <= night && night < until)
                .map(({ id, expiry }) => token(id, { expireAt: day(expiry) })),
            ]),
        ),
        failures: organization
          .filter((_, user) => !isRead(night, user))
          .map(({ name }) => ({ subject: name, username: name, message: "MotherDuck answered 500" })),
      };
      const text = {
        version: JSON_VERSION,
        audit: { ...headerOf(run), scope: "everybody" },
        users: usersOf(run),
        ...closingOf(run),
      };
      writeFileSync(report, JSON.stringify(text));
      const notify = (crashAfter: number) => {
        let written = 0;
        const stdout = {
          write: () => {
            if (written++ >= crashAfter) throw new Error("crashed");
            return true;
          },
        };
        const io = { stdin: process.stdin, stdout, stderr: { write: () => true }, env };
        return runNotify({ report, history, config, now: atDay(night) }, io as never, QUICK);
      };
      if (isCrash(night)) {
        await assert.rejects(() => notify(0), /^Error: crashed$/);
        crashes += 1;
      }
      refused.clear();
      assert.equal(await notify(Infinity), refused.size > 0 || run.failures?.length ? 2 : 0, `night ${night}`);
    }

    const got = accepted.flatMap(({ path, body }) => {
      const { owner, notices } = JSON.parse(body) as {
        owner: string;
        notices: { kind: string; days?: number; tokenId: string }[];
      };
      assert.equal(path, `/${owner}`);
      return notices.map(({ kind, days, tokenId }) =>
        [owner, tokenId, kind, days].filter((part) => part !== undefined).join(" "),
      );
    });
    const expected = expectedNotices();
    assert.ok(expected.length > 1000 && crashes > 20, `${expected.length} notices, ${crashes} crashes`);
    assert.deepEqual(got.sort(), expected.sort());
    const [row] = await query(history, "SELECT count(*)::INTEGER AS rows FROM token_ledger.notices_sent");
    assert.equal(row?.rows, expected.length);
  }).timeout(600_000);
});
