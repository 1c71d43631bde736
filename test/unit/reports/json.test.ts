import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { jsonReport } from "../../../reports/json";
import { userToken } from "../support";
import {
  auditHeader,
  closingOf,
  FAILURE,
  HOSTILE_USER,
  judged,
  OWNED_USERS,
  STACK_FINDING,
  USERS,
  write,
  writeAll,
} from "./fixture";
import { isJsonReport, readJson } from "./validators";

describe("The JSON report", () => {
  it("holds everything, by its published schema", () => {
    const rest = { findings: [STACK_FINDING], failures: [FAILURE] };
    assert.deepEqual(readJson(writeAll(jsonReport)), {
      version: 1,
      audit: auditHeader(),
      users: USERS,
      ...closingOf(USERS, rest),
    });
  });

  it("is a document of its own with one user, with none, and with all that may be absent", () => {
    assert.deepEqual(readJson(write(jsonReport, [HOSTILE_USER])).users, [HOSTILE_USER]);
    assert.deepEqual(readJson(write(jsonReport, [])).users, []);
    const header = auditHeader({
      configFile: "rules.yaml",
      location: "infra/Pulumi.yaml",
      failOn: "none",
      failOnNew: true,
    });
    const users = [{ ...HOSTILE_USER, isDeprovisioned: "unknown" as const }];
    const report = readJson(write(jsonReport, users, {}, header));
    assert.deepEqual([report.audit, report.users], [header, users]);
  });

  it("has the owner of each user, token and finding, by its published schema", () => {
    assert.deepEqual(
      readJson(write(jsonReport, OWNED_USERS, {}, auditHeader({ namesOwners: true }))).users,
      OWNED_USERS,
    );
    const [, { tokens } = assert.fail()] = OWNED_USERS;
    const text = write(jsonReport, OWNED_USERS);
    const [way = ""] = /"foundBy":"token setting"/.exec(text) ?? assert.fail();
    assert.equal(tokens[0]?.owner?.foundBy, "token setting");
    assert.throws(() => readJson(text.replace(way, `"foundBy":"hearsay"`)), /foundBy/);
  });

  it("has a user a line", () => {
    const lines = write(jsonReport, USERS).split("\n");
    const start = lines.indexOf(`  "users": [`);
    assert.deepEqual(
      lines.slice(start + 1, start + 1 + USERS.length).map((line) => JSON.parse(line.replace(/,$/, "")) as unknown),
      USERS,
    );
  });

  it("says that it is incomplete: by failures and by the exit code", () => {
    const { failures, summary } = readJson(write(jsonReport, USERS.slice(0, 1), { failures: [FAILURE] }));
    assert.deepEqual([failures, summary.failures, summary.exitCode], [[FAILURE], 1, 2]);
  });

  it("cannot be read when it is cut off", () => {
    const text = write(jsonReport, USERS).trimEnd();
    for (let length = 0; length < text.length; length += 7)
      assert.throws(() => void JSON.parse(text.slice(0, length)), SyntaxError);
  });

  it("keeps any name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const user = judged("ada", [userToken({ id: "1", name })]);
        assert.deepEqual(readJson(write(jsonReport, [user])).users, [user]);
      }),
    );
  });
});

describe("The JSON report's schema", () => {
  it("rejects anything but a report", () => {
    const report = () => JSON.parse(writeAll(jsonReport)) as Record<string, unknown>;
    assert.ok(isJsonReport(report()));
    for (const key of Object.keys(report())) {
      const rest = report();
      delete rest[key];
      assert.ok(!isJsonReport(rest), key);
    }
    assert.ok(!isJsonReport({ ...report(), version: 2 }));
    assert.ok(!isJsonReport({ ...report(), failures: [{ subject: "ada" }] }));
    assert.ok(!isJsonReport({ ...report(), users: [{ username: "ada", tokens: [] }] }));
    assert.ok(!isJsonReport({ ...report(), findings: [{ ...STACK_FINDING, fingerprint: "1" }] }));
  });

  it("lets later versions of the package add keys", () => {
    assert.ok(isJsonReport({ ...(JSON.parse(writeAll(jsonReport)) as object), more: 1 }));
  });
});
