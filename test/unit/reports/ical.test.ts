import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import ICAL from "ical.js";
import { describe, it } from "mocha";
import type { AuditHeader, Failure, JudgedUser } from "../../../audit/result";
import { EXPIRY_THRESHOLDS } from "../../../core/expiry-thresholds";
import { ICAL_LIMIT, icalReport } from "../../../reports/ical";
import { nameShownToken } from "../../../reports/vocabulary/names";
import { at, endlessToken, userToken } from "../support";
import { auditHeader, closingOf, FAILURE, HOSTILE_USER, judged, OWNED_USERS, USERS, write } from "./fixture";
import { HOSTILE_NAMES } from "./hostile";

/** Reads a calendar, and holds it to RFC 5545: its lines, and what a calendar, an event and an alarm must have. */
function read(text: string) {
  assert.ok(text.endsWith("END:VCALENDAR\r\n"));
  for (const line of text.split("\r\n")) {
    assert.ok(Buffer.byteLength(line) <= 75, line);
    assert.doesNotMatch(line, /[\r\n]/);
  }
  const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
  assert.equal(calendar.name, "vcalendar");
  for (const name of ["prodid", "version", "method"]) assert.equal(calendar.getAllProperties(name).length, 1, name);
  const known = [
    "prodid",
    "version",
    "method",
    "name",
    "x-wr-calname",
    "x-wr-caldesc",
    "refresh-interval",
    "x-published-ttl",
  ];
  assert.deepEqual(
    calendar
      .getAllProperties()
      .map(({ name }) => name)
      .sort(),
    known.sort(),
  );
  assert.ok(calendar.getAllSubcomponents().every(({ name }) => name === "vevent"));
  const events = calendar.getAllSubcomponents("vevent").map((component) => {
    for (const name of ["uid", "dtstamp", "dtstart", "summary", "description"]) {
      assert.equal(component.getAllProperties(name).length, 1, name);
    }
    const event = new ICAL.Event(component);
    const alarms = component.getAllSubcomponents("valarm").map((alarm) => {
      assert.equal(alarm.getFirstPropertyValue("action"), "DISPLAY");
      return String(alarm.getFirstPropertyValue("trigger"));
    });
    return {
      uid: event.uid,
      start: event.startDate.toJSDate().toISOString(),
      isWholeDay: event.startDate.isDate,
      summary: event.summary,
      description: event.description,
      stamp: String(component.getFirstPropertyValue("dtstamp")),
      alarms,
    };
  });
  assert.equal(new Set(events.map(({ uid }) => uid)).size, events.length, "a UID is there twice");
  return {
    events,
    about: String(calendar.getFirstPropertyValue("x-wr-caldesc")),
    name: String(calendar.getFirstPropertyValue("name")),
  };
}

const readReport = (
  users: readonly JudgedUser[],
  failures: readonly Failure[] = [],
  header: Partial<AuditHeader> = {},
) => read(write(icalReport, users, { failures }, auditHeader(header)));

describe("The calendar of expiries", () => {
  it("has an event at each expiry, the next one first, and none of a token that never expires", () => {
    const { events, about } = readReport(USERS);
    assert.deepEqual(
      events.map(({ start, summary }) => [start, summary]),
      [
        [at(3), `svc_bi: token "export" (4cf1213b-982f-4ab7-8b91-36c04d3c2aa2) expires`],
        [at(30), `ada: token "laptop" (ada-1) expires`],
        [at(30), `ada: token "ci" (ada-2) expires`],
        [at(30), `svc_bi: token "nightly" (7c1f0000-0000-4000-8000-000000000001) expires`],
      ],
    );
    assert.match(
      events[0]?.description ?? "",
      /^User: svc_bi\nToken: "export" .*, read_write\nCreated: .*\nExpires: 2026-03-04T/,
    );
    assert.match(about, /^Failed: 2 mandatory findings, .* Judged 3 users with 6 tokens by 14 rules\./);
  });

  it("warns at each threshold, the first warning in front", () => {
    const [event] = readReport(USERS).events;
    assert.deepEqual(event?.alarms, ["-P30D", "-P14D", "-P7D", "-P3D", "-P1D"]);
    assert.equal(event?.alarms.length, EXPIRY_THRESHOLDS.length);
  });

  it("gives a token the same event in every run, later in its stamp, also where its name or date is another", () => {
    const token = userToken({ id: "t", expireAt: at(20) });
    const [first] = readReport([judged("ada", [token])]).events;
    const renamed = { ...token, name: "new name", expireAt: at(40) };
    const [second] = readReport([judged("ada", [userToken({ id: "s" }), renamed])], [], { now: at(1) }).events.slice(
      -1,
    );
    assert.equal(second?.uid, first?.uid);
    assert.deepEqual([first?.start, second?.start], [at(20), at(40)]);
    assert.ok((second?.stamp ?? "") > (first?.stamp ?? ""));
    assert.match(second?.summary ?? "", /"new name"/);
  });

  it("has events of their own for users of one name in two organizations", () => {
    const of = (organization: string) => ({
      ...judged("ada", [userToken({ id: "t" })]),
      origin: { apiUrl: "https://api.motherduck.com", organization },
    });
    const { events } = readReport([of("acme"), of("other")]);
    assert.deepEqual(
      events.map(({ summary }) => summary.split(":")[0]),
      ["ada [acme]", "ada [other]"],
    );
  });

  it("has one event of a token that two resources hold", () => {
    const user = judged("ada", [userToken({ id: "t" })]);
    assert.equal(readReport([user, { ...user, urn: "urn:2" }]).events.length, 1);
  });

  it("begins with a whole day that says who is missing, where an audit is incomplete", () => {
    const failures = [FAILURE, ...Array.from({ length: 20 }, (_, n) => ({ subject: `user${n}`, message: "not read" }))];
    const { events, about } = readReport(USERS, failures);
    const [first] = events;
    assert.deepEqual([first?.isWholeDay, first?.start.slice(0, 10), events.length], [true, at(0).slice(0, 10), 5]);
    assert.match(first?.summary ?? "", /^Incomplete: /);
    assert.match(
      first?.description ?? "",
      /^Not judged: svc_etl: MotherDuck answered 403: .*user8: not read and 11 more$/,
    );
    assert.match(about, /^Incomplete: 21 failures\./);
    const [again] = readReport([], [FAILURE], { now: at(1) }).events;
    assert.equal(again?.uid, first?.uid, "the next incomplete audit moves it");
    assert.ok(readReport(USERS).events.every(({ isWholeDay }) => !isWholeDay));
  });

  it("keeps what expires next where there are too many, and says how many are left out", () => {
    const tokens = Array.from({ length: ICAL_LIMIT + 5 }, (_, n) => userToken({ id: `t${n}`, expireAt: at(2000 - n) }));
    const gone = userToken({ id: "gone", expireAt: at(-1) });
    const header = auditHeader();
    const users = [judged("ada", [gone, ...tokens])];
    const writer = icalReport(header, { color: false });
    const text = users.map((user) => writer.user(user)).join("") + writer.end(closingOf(users));
    const { events, about } = read(text);
    assert.equal(events.length, ICAL_LIMIT);
    assert.match(events[0]?.summary ?? "", /"t1004"/);
    assert.ok(
      events.every(({ summary }) => !summary.includes('"gone"')),
      "what has expired goes first",
    );
    assert.match(about, /6 tokens left out, those that expire last: a calendar has 1,000 tokens\.$/);
    assert.deepEqual(writer.notes?.(), ["6 tokens left out, those that expire last: a calendar has 1,000 tokens."]);
  });

  it("leaves hostile names in the one text that they belong to", () => {
    const users = [
      { ...HOSTILE_USER, tokens: HOSTILE_USER.tokens.map((token) => ({ ...token, expireAt: at(9) })) },
      ...[...HOSTILE_NAMES, "BEGIN:VEVENT", "a\r\nBEGIN:VALARM\r\nEND:VALARM", "a\\nb;c,d:e\\", `"DQUOTE"`].map(
        (name, n) => judged(`${name}${n}`, [userToken({ id: `h${n}`, name })]),
      ),
    ];
    const { events, name } = readReport(users, [{ subject: "a;b,c\\n", message: "x\\;" }], {
      organization: `a;b,c"d\\e:f`,
    });
    assert.equal(name, `MotherDuck tokens of a;b,c"d\\e:f`);
    assert.equal(events[0]?.description, "Not judged: a;b,c\\n: x\\;");
    const summaries = new Set(events.map(({ summary }) => summary));
    for (const { username, tokens } of users) {
      for (const token of tokens) {
        assert.ok(summaries.has(`${username}: token ${nameShownToken(token)} expires`), username);
      }
    }
  });

  it("says where owners are named whose each token is, by which calendars filter, and in its name whose all are", () => {
    const text = write(icalReport, OWNED_USERS, {}, auditHeader({ namesOwners: true }));
    const calendar = new ICAL.Component(ICAL.parse(text) as unknown[]);
    const owners = calendar.getAllSubcomponents("vevent").map((event) => {
      const [, owner] = /^Owner: (.*)$/m.exec(String(event.getFirstPropertyValue("description"))) ?? [];
      return [event.getFirstPropertyValue("categories"), owner];
    });
    assert.deepEqual(owners, [
      [null, undefined],
      ["ada@example.com", "ada@example.com, by email"],
      ["ada@example.com", "ada@example.com, by email"],
      ["#night-shift", "#night-shift, by token setting"],
    ]);
    assert.equal(readReport(USERS).name, "MotherDuck tokens");
    const { name } = readReport([], [], { organization: "acme", owners: ["data-*", "bi"] });
    assert.equal(name, "MotherDuck tokens of acme: data-*, bi");
  });

  it("has no event of a date that cannot be read", () => {
    const users = [judged("ada", [userToken({ id: "t", expireAt: "soon" }), endlessToken({ id: "e" })])];
    assert.deepEqual(readReport(users).events, []);
  });

  it("is the same in every time zone", async () => {
    const script = `
      const { icalReport } = require("./reports/ical");
      const { FAILURE, USERS, write } = require("./test/unit/reports/fixture");
      process.stdout.write(write(icalReport, USERS, { failures: [FAILURE] }));`;
    const run = promisify(execFile);
    const [one, other] = await Promise.all(
      ["Pacific/Kiritimati", "Pacific/Niue"].map(async (TZ) => {
        const args = ["-r", "ts-node/register/transpile-only", "-e", script];
        return (await run(process.execPath, args, { env: { ...process.env, TZ } })).stdout;
      }),
    );
    assert.equal(one, other);
    assert.ok(one?.includes("DTSTART;VALUE=DATE:20260301\r\n"));
  });
});
