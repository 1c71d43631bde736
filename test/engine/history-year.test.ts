import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { simulateYear } from "../../bench/history-year";
import { newPlace, query } from "../unit/history/support";

const NIGHTS = 365;

describe("a year of nightly audits, 30 % of them with users who could not be read", () => {
  it("has no false event: each has its deed within its window, and no deed is told twice", async () => {
    const place = newPlace();
    const { deeds } = await simulateYear(place, {
      users: 8,
      tokensPerUser: 5,
      nights: NIGHTS,
      churn: 0.02,
      failing: 0.3,
    });
    const rows = await query(
      place,
      "SELECT event, token_id, after_run, run_id FROM token_ledger.events WHERE token_id IS NOT NULL AND after_run IS NOT NULL AND event <> 'replaced'",
    );
    const left = new Map(deeds.map((deed) => [`${deed.kind} ${deed.tokenId}`, deed]));
    for (const { event, token_id: tokenId, after_run: after, run_id: run } of rows) {
      const key = `${String(event)} ${String(tokenId)}`;
      const deed = left.get(key);
      // Runs are counted from 1, nights from 0.
      assert.ok(deed && deed.night + 1 > Number(after) && deed.night + 1 <= Number(run), `${key}: ${after} to ${run}`);
      left.delete(key);
    }
    // What is left was never seen: made and revoked between two reads, or not read since.
    const seen = new Set((await query(place, "SELECT token_id FROM token_ledger.tokens")).map((row) => row.token_id));
    const last = await query(
      place,
      `SELECT token_id FROM token_ledger.tokens WHERE is_current AND last_seen_run < ${NIGHTS}`,
    );
    const unread = new Set(last.map((row) => row.token_id));
    const missed = [...left.values()].filter(
      ({ tokenId, kind }) => seen.has(tokenId) && !(kind === "revoked" && unread.has(tokenId)),
    );
    assert.deepEqual(missed, []);
    assert.ok(rows.length > NIGHTS, String(rows.length));
    assert.deepEqual(await query(place, "FROM token_ledger.findings_over_time WHERE closed_as <> 'fixed'"), []);
  }).timeout(600_000);
});
