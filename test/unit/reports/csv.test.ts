import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { printable } from "../../../core/printable";
import { CSV_COLUMNS, csvReport } from "../../../reports/csv";
import { endlessToken } from "../support";
import { tokensMustExpire } from "../../../policies/rules";
import {
  auditHeader,
  FAILURE,
  HOSTILE_NAMES,
  HOSTILE_USER,
  judged,
  STACK_FINDING,
  USERS,
  write,
  writeAll,
} from "./fixture";
import { readCsv } from "./validators";

describe("The CSV report", () => {
  it("has a row a finding, a user without one, and a failure, and a last one that says how it ended", () => {
    const rows = readCsv(writeAll(csvReport)).map(({ kind, status, username, rule, token_name }) =>
      [kind, status, username, rule, token_name].join("|"),
    );
    assert.deepEqual(rows, [
      "user|clean|ada||",
      "finding|mandatory|svc_bi|tokens-must-expire|dashboards",
      "finding|waived|svc_bi|tokens-must-expire|vendor",
      "finding|mandatory|svc_bi|max-token-lifetime|nightly",
      "finding|advisory|svc_bi|token-expiring-soon|export",
      "user|clean|grace||",
      "finding|mandatory||inventory-covered|",
      "failure|not judged|svc_etl||",
      "summary|exit code 2|||",
    ]);
  });

  it("is RFC 4180, to the letter", () => {
    assert.equal(
      write(csvReport, USERS.slice(0, 1), { failures: [FAILURE] }),
      [
        CSV_COLUMNS.join(","),
        "user,clean,ada,2,,,,,,,,,,,,,,,,false,,2026-03-01T12:00:00.000Z,,,,,,,,,,",
        "failure,not judged,svc_etl,,,,,,,,,,,svc_etl: MotherDuck answered 403: the token is not one of an admin. Use a token of a user with the Admin role.,,,,,,,,,,,,,,,,,,",
        "summary,exit code 2,,2,,,,,,,,,,Incomplete: 1 failure. What could not be read or judged is not clean. No findings. Judged 1 user with 2 tokens by 14 rules. Disabled: max-token-age.,,,,,,,,,,,,,,,,,,",
        "",
      ].join("\r\n"),
    );
  });

  it("tells all about a finding, its token and its waiver", () => {
    const row = readCsv(write(csvReport, USERS)).find(({ status }) => status === "waived");
    const { fingerprint, message, ...cells } = row ?? assert.fail();
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.match(message, /^svc_bi \/ "vendor" .*never expires/);
    assert.deepEqual(cells, {
      kind: "finding",
      status: "waived",
      username: "svc_bi",
      tokens: "4",
      rule: "tokens-must-expire",
      severity: "high",
      enforcement_level: "mandatory",
      known: "false",
      token_id: "84b74c35-73ae-4402-8479-58b9915218e2",
      token_name: "vendor",
      token_type: "read_write",
      token_created: "2026-02-19T06:08:00.000Z",
      token_expires: "never",
      waiver_id: "WVR-2026-014",
      waiver_owner: "data-platform@example.com",
      waiver_expires: "2026-03-31",
      waiver_ticket: "SEC-421",
      waiver_reason: "The vendor cannot rotate yet",
      service_account: "true",
      deprovisioned: "",
      fetched_at: "2026-03-01T12:00:00.000Z",
      urn: "",
      organization: "",
      api_url: "",
      token_description: "",
      email: "",
      roles: "",
      system_token: "false",
      owner: "",
      owner_found_by: "",
    });
  });

  it("tells which tokens MotherDuck made itself", () => {
    const user = judged("ada", [endlessToken({ id: "1" }), endlessToken({ id: "2" })], [tokensMustExpire]);
    const tokens = user.tokens.map((token) => (token.id === "1" ? { ...token, isSystem: true as const } : token));
    const rows = readCsv(write(csvReport, [{ ...user, tokens }]));
    assert.deepEqual(
      rows.map(({ kind, system_token }) => [kind, system_token]),
      [
        ["finding", "true"],
        ["finding", "false"],
        ["summary", ""],
      ],
    );
  });

  it("tells a user's e-mail address and roles, with and without findings", () => {
    const person = { email: "ada@example.com", roles: ["admin", "=role"] };
    const users = [judged("ada", []), judged("eve", [endlessToken({ id: "1" })], [tokensMustExpire])];
    const rows = readCsv(
      write(
        csvReport,
        users.map((user) => ({ ...user, ...person })),
      ),
    );
    assert.deepEqual(
      rows.slice(0, 2).map(({ username, email, roles }) => [username, email, roles]),
      ["ada", "eve"].map((username) => [username, "ada@example.com", "admin, =role"]),
    );
  });

  it("marks known findings where only new ones count", () => {
    const rows = readCsv(write(csvReport, USERS, { findings: [STACK_FINDING] }, auditHeader({ failOnNew: true })));
    assert.deepEqual(
      rows.filter(({ status }) => status === "known").map(({ rule, known }) => [rule, known]),
      [["max-token-lifetime", "true"]],
    );
  });

  it("gives a spreadsheet no formula", () => {
    const names = readCsv(write(csvReport, [HOSTILE_USER])).map((row) => row.token_name);
    assert.equal(names[0], `'${HOSTILE_NAMES[0]}`);
    fc.assert(
      fc.property(fc.constantFrom("=", "+", "-", "@", "\t", "\r"), fc.string({ unit: "grapheme" }), (start, rest) => {
        const user = judged(
          start + rest,
          [endlessToken({ id: "1", name: start + rest, description: start + rest })],
          [tokensMustExpire],
        );
        const [row] = readCsv(write(csvReport, [user]));
        assert.ok(row?.username, "a row to look at");
        for (const cell of Object.values(row)) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
      }),
    );
  });

  it("keeps any name, save that a formula's has an apostrophe in front", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const user = judged("ada", [endlessToken({ id: "1", name })], [tokensMustExpire]);
        const text = Buffer.from(write(csvReport, [user])).toString();
        // Half a character is none in UTF-8.
        assert.equal(
          readCsv(text)[0]?.token_name.replace(/^'(?=[=+\-@＝＋－＠])/, ""),
          printable(name, Infinity).toWellFormed(),
        );
      }),
    );
  });
});
