import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { waiver } from "../support";
import { finding, findingsOf, newPlace, query, record, token } from "./support";

const A = token("a");
const FOUND = { tokens: [A], findings: [finding("ada", "a")] };
const CLEAN = { tokens: [A], findings: [] };

describe("the ledger's findings", () => {
  it("are new, and fixed, where the same rule looked again; a return is a finding of its own", async () => {
    const place = newPlace();
    await record(place, ...[CLEAN, FOUND, FOUND, CLEAN, FOUND].map((ada, now) => ({ now, users: { ada } })));
    assert.deepEqual(await findingsOf(place), ["new 2 fixed 4 ada/a", "new 5 ada/a"]);
    const [fix] = await query(place, "SELECT at_least_days, at_most_days, closed_by_at FROM token_ledger.time_to_fix");
    assert.equal(fix?.at_least_days, 1);
    assert.ok(Math.abs(Number(fix?.at_most_days) - 3) < 0.01, String(fix?.at_most_days));
  });

  it("have an age, that of the first run that had them", async () => {
    const place = newPlace();
    await record(place, ...[0, 1, 2].map((now) => ({ now, users: { ada: FOUND } })));
    const rows = await query(
      place,
      "SELECT username, open_since, days_open, opened_as FROM token_ledger.open_findings",
    );
    assert.deepEqual(rows, [
      { username: "ada", open_since: "2026-01-01 02:00:00", days_open: 2, opened_as: "first_seen" },
    ]);
  });

  it("tell by whom they are waived, and a waiver is no fix", async () => {
    const place = newPlace();
    const waived = {
      tokens: [A],
      findings: [finding("ada", "a", { waiver: waiver({ id: "W-1", owner: "bi@example.com" }) })],
    };
    await record(place, { now: 0, users: { ada: FOUND } }, { now: 1, users: { ada: waived } });
    assert.deepEqual(await findingsOf(place), ["first_seen 1 ada/a"]);
    const rows = await query(
      place,
      "SELECT is_waived, waiver_id, waiver_owner, waiver_expires FROM token_ledger.open_findings",
    );
    assert.deepEqual(rows, [
      { is_waived: true, waiver_id: "W-1", waiver_owner: "bi@example.com", waiver_expires: "2026-03-31" },
    ]);
    const trend = await query(
      place,
      "SELECT run_id, level, findings FROM token_ledger.finding_trend WHERE findings > 0 ORDER BY run_id",
    );
    assert.deepEqual(trend, [
      { run_id: 1, level: "mandatory", findings: 1 },
      { run_id: 2, level: "waived", findings: 1 },
    ]);
  });

  describe("are not fixed", () => {
    it("by a failed read, nor by a selection of others; the trend carries them on", async () => {
      const place = newPlace();
      const bob = [token("b")];
      await record(
        place,
        { now: 0, users: { ada: FOUND, bob } },
        { now: 1, users: { bob }, failing: ["ada"] },
        { now: 2, users: { bob }, scope: "selection" },
      );
      assert.deepEqual(await findingsOf(place), ["first_seen 1 ada/a"]);
      const trend = await query(
        place,
        "SELECT run_id, findings, users_not_read FROM token_ledger.finding_trend ORDER BY run_id",
      );
      assert.deepEqual(trend, [
        { run_id: 1, findings: 1, users_not_read: 0 },
        { run_id: 2, findings: 1, users_not_read: 1 },
        { run_id: 3, findings: 1, users_not_read: 1 },
      ]);
      const tokens = await query(
        place,
        "SELECT run_id, sum(tokens)::INTEGER AS tokens FROM token_ledger.token_trend GROUP BY 1 ORDER BY 1",
      );
      assert.deepEqual(
        tokens.map(({ tokens }) => tokens),
        [2, 2, 2],
      );
    });

    for (const { title, changed } of [
      {
        title: "by another setting of the rule",
        changed: { config: { rules: { "tokens-must-expire": { graceDays: 9 } } } },
      },
      { title: "by a rule that is disabled", changed: { config: { rules: { "tokens-must-expire": "disabled" } } } },
      { title: "by another version of this package", changed: { header: { version: "2.0.0" } } },
      { title: "by other evidence", changed: { source: { kind: "state", name: "stack.json" }, scope: "stack" } },
      { title: "by a clock that went back", changed: { now: -30 } },
    ] as const) {
      it(title, async () => {
        const place = newPlace();
        const origin = { origin: { apiUrl: "https://api.example.com" } };
        await record(
          place,
          { now: 0, users: { ada: { ...FOUND, ...origin } } },
          { now: 1, users: { ada: { ...CLEAN, ...origin } }, ...changed },
        );
        assert.deepEqual(await findingsOf(place), ["first_seen 1 not_comparable 2 ada/a"]);
        assert.equal((await query(place, "FROM token_ledger.time_to_fix")).length, 0);
      });
    }

    it("by evidence that does not show who is deprovisioned", async () => {
      const place = newPlace();
      const listed = { isDeprovisioned: true, isServiceAccount: false };
      await record(
        place,
        { now: 0, users: { ada: { ...FOUND, ...listed } } },
        { now: 1, users: { ada: CLEAN }, scope: "selection" },
      );
      assert.deepEqual(await findingsOf(place), ["first_seen 1 not_comparable 2 ada/a"]);
    });

    it("by a level that changed: it is the same finding", async () => {
      const place = newPlace();
      const advisory = { tokens: [A], findings: [finding("ada", "a", { enforcementLevel: "advisory" })] };
      const config = { rules: { "tokens-must-expire": "advisory" } } as const;
      await record(place, { now: 0, users: { ada: FOUND } }, { now: 1, users: { ada: advisory }, config });
      assert.deepEqual(await findingsOf(place), ["first_seen 1 ada/a"]);
      const rows = await query(
        place,
        "SELECT DISTINCT run_id, settings_changed FROM token_ledger.finding_trend ORDER BY 1",
      );
      assert.deepEqual(
        rows.map(({ settings_changed: changed }) => changed),
        [false, true],
      );
    });

    it("by the user's leaving", async () => {
      const place = newPlace();
      await record(
        place,
        { now: 0, users: { ada: FOUND, bob: [token("b")] } },
        { now: 1, users: { bob: [token("b")] } },
      );
      assert.deepEqual(await findingsOf(place), ["first_seen 1 user_gone 2 ada/a"]);
    });

    it("about the stack, where something failed, or in an audit of another scope", async () => {
      const place = newPlace();
      const stack = { ...finding("zoe", undefined, { rule: "inventory-covered" }), username: undefined as never };
      const users = { ada: CLEAN };
      await record(
        place,
        { now: 0, users, findings: [stack] },
        { now: 1, users, failing: ["zoe"] },
        { now: 2, users, scope: "selection" },
      );
      assert.deepEqual(await findingsOf(place), ["first_seen 1 the stack"]);
      await record(place, { now: 3, users });
      assert.deepEqual(await findingsOf(place), ["first_seen 1 fixed 4 the stack"]);
    });
  });
});
