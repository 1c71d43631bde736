import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { loadReport, type ReportName, REPORT_NAMES } from "../../../reports";
import { at } from "../support";
import { auditHeader, closingOf, FAILURE, HOSTILE_OWNERS, HOSTILE_USER, OWNED_USERS, USERS, write } from "./fixture";

const ROOT = path.resolve(__dirname, "../../..");

/** Metrics have numbers where the other formats have sentences. */
const IN_NUMBERS: Partial<Record<ReportName, { failure: readonly string[]; gap: readonly string[] }>> = {
  openmetrics: {
    failure: [`motherduck_audit_complete 0\n`, `motherduck_audit_failures{cause="forbidden"} 1\n`],
    gap: [`motherduck_audit_rule_gap{rule="deprovisioned-user-has-tokens"} 1\n`],
  },
};

/** A text without what a format does to lines and characters. */
function plain(name: ReportName, text: string): string {
  return name === "ical" ? text.replaceAll("\r\n ", "").replace(/\\([\\;,])/g, "$1") : text;
}

describe("The report formats", () => {
  it("are these", () => {
    const names = "text, json, sarif, junit, gitlab, github, markdown, csv, openmetrics, ical, html, plan, plan-sh";
    assert.equal(REPORT_NAMES.join(", "), names);
  });

  it("are loaded one by one, each without the libraries of the others", async () => {
    const script = `require("./reports").loadReport("json").then(() => console.log(Object.keys(require.cache).join()))`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", "-e", script],
      { cwd: ROOT },
    );
    assert.match(stdout, /reports.json\.ts/);
    assert.doesNotMatch(stdout, /csv-stringify|fast-xml-builder|picocolors|string-width|valibot|reports.sarif/);
  });

  it("have a file each", () => {
    const files = readdirSync(path.join(ROOT, "reports")).map((file) => file.replace(/\.ts$/, ""));
    for (const name of REPORT_NAMES) assert.ok(files.includes(name), name);
  });

  for (const name of REPORT_NAMES) {
    it(`say in ${name} what could not be judged, though nothing else was found`, async () => {
      const report = await loadReport(name);
      const [ada] = USERS;
      assert.ok(ada);
      const clean = plain(name, write(report, [ada]));
      const incomplete = plain(name, write(report, [ada], { failures: [FAILURE] }));
      for (const part of IN_NUMBERS[name]?.failure ?? [FAILURE.subject, "MotherDuck answered 403"]) {
        assert.ok(!clean.includes(part));
        assert.ok(incomplete.includes(part), incomplete);
      }
    });

    it(`name in ${name} a rule that could not judge, and call nothing clean`, async () => {
      const reason = "the evidence does not show whether they were deprovisioned";
      const notJudged = [{ rule: "deprovisioned-user-has-tokens", users: 1, reason }];
      const writer = (await loadReport(name))(auditHeader(), { color: false });
      const user = writer.user(USERS[0] ?? assert.fail());
      const text = plain(name, user + writer.end({ ...closingOf(USERS.slice(0, 1)), notJudged }));
      for (const part of IN_NUMBERS[name]?.gap ?? [reason]) assert.ok(text.includes(part), text);
      assert.doesNotMatch(text, /Clean|keep all rules\./);
    });

    it(`say in ${name} that something could not be judged, though only the exit code tells`, async () => {
      const [clean, incomplete] = await Promise.all(
        ([0, 2] as const).map(async (exitCode) => {
          const { summary, ...rest } = closingOf([]);
          const writer = (await loadReport(name))(auditHeader(), { color: false });
          return plain(name, writer.end({ ...rest, summary: { ...summary, exitCode } }));
        }),
      );
      const says = /not be judged|Could not judge everything|"exitCode": 2|motherduck_audit_complete 0/;
      assert.match(incomplete ?? "", says);
      assert.doesNotMatch(clean ?? "", says);
    });

    it(`hold in ${name} no character that moves a cursor or reorders text`, async () => {
      const report = await loadReport(name);
      const text = write(report, [HOSTILE_USER], {}, auditHeader(), { color: false, width: 80 });
      // eslint-disable-next-line no-control-regex -- these are the characters to find
      assert.doesNotMatch(text.replaceAll("\r\n", "\n"), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    });
  }

  // Metrics name owners only where that is asked for, and do not go with --owner.
  for (const name of REPORT_NAMES.filter((format) => format !== "openmetrics")) {
    it(`name in ${name} the owner of each finding or token and how it was found, where owners are named`, async () => {
      const header = auditHeader({ namesOwners: true });
      // Of a calendar, only what expires.
      const users = OWNED_USERS.map((user) => ({
        ...user,
        tokens: user.tokens.map((token) => ({ expireAt: at(9), ...token })),
      }));
      const text = write(await loadReport(name), users, {}, header).replaceAll("\r\n ", "");
      for (const owner of ["data-platform", "#night-shift"]) {
        assert.ok(
          [owner, owner.replace("#", "&#35;")].some((shown) => text.includes(shown)),
          text,
        );
      }
      for (const way of ["user setting", "token setting", "description"]) assert.ok(text.includes(way), text);
      assert.ok(!write(await loadReport(name), USERS).includes("night-shift"));
    });
  }

  for (const name of REPORT_NAMES.filter((format) => format !== "openmetrics")) {
    it(`say in ${name} that only some owners' findings are shown, and call nothing clean`, async () => {
      const header = auditHeader({ namesOwners: true, owners: ["data-platform"] });
      const writer = (await loadReport(name))(header, { color: false });
      const user = writer.user(USERS[0] ?? assert.fail());
      // Calendars break long lines.
      const text = (user + writer.end({ ...closingOf(USERS.slice(0, 1)), leftOut: 7 })).replaceAll(
        /\r\n |\\(?=;)/g,
        "",
      );
      if (name === "json") assert.match(text, /"owners": \[\s+"data-platform"[^]*"leftOut": 7/);
      else assert.match(text, /Only what belongs to data-platform is shown; 7 other findings are left out\./);
      assert.doesNotMatch(text, /Clean|keep all rules\./);
    });

    it(`hold in ${name} no character of an owner that moves a cursor or reorders text`, async () => {
      const header = auditHeader({ namesOwners: true });
      const text = write(await loadReport(name), [HOSTILE_OWNERS], {}, header, { color: false, width: 80 });
      // eslint-disable-next-line no-control-regex -- these are the characters to find
      assert.doesNotMatch(text.replaceAll("\r\n", "\n"), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    });
  }

  for (const name of ["text", "csv"] as const) {
    it(`write in ${name} at the end, where owners are named`, async () => {
      const writer = (await loadReport(name))(auditHeader({ namesOwners: true }), { color: false });
      for (const user of OWNED_USERS) assert.equal(writer.user(user), "");
      const end = writer.end(closingOf(OWNED_USERS));
      for (const { username } of USERS) assert.ok(end.includes(username), end);
    });
  }

  for (const name of ["text", "json", "csv", "junit"] as const) {
    it(`write in ${name} about a user at once`, async () => {
      const writer = (await loadReport(name))(auditHeader(), { color: false });
      for (const user of USERS) assert.ok(writer.user(user).includes(user.username));
      const end = writer.end(closingOf(USERS));
      for (const { username } of USERS) assert.ok(!end.includes(username), end);
    });
  }
});
