import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import { AuditError } from "../../../audit/audit-error";
import { failureOf } from "../support";
import { API, begin, day, eventsOf, newPlace, query, record, START, token } from "./support";

const A = token("a");
const B = token("b");

describe("the ledger's events", () => {
  it("tell what was there first, what was made and what was revoked, each with its window", async () => {
    const place = newPlace();
    const made = token("b", { createdTs: day(0.5) });
    await record(
      place,
      { now: 0, users: { ada: [A] } },
      { now: 1, users: { ada: [A, made] } },
      { now: 2, users: { ada: [A] } },
    );
    assert.deepEqual(await eventsOf(place), ["0>1 first_seen ada/a", "1>2 created ada/b", "2>3 revoked ada/b"]);
    const [{ after_at: after, by_at: by } = {}] = await query(
      place,
      "FROM token_ledger.events WHERE event = 'revoked'",
    );
    assert.deepEqual([after, by], ["2026-01-02 02:00:00", "2026-01-03 02:01:00"]);
  });

  it("do not call a token created that was made before the run that did not see it", async () => {
    const place = newPlace();
    await record(place, { now: 0, users: { ada: [A] } }, { now: 1, users: { ada: [A, B] } });
    assert.deepEqual((await eventsOf(place)).at(-1), "1>2 first_seen ada/b");
  });

  it("tell an end whose cause is not certain from a revocation, and an expiry from both", async () => {
    const place = newPlace();
    const soon = token("soon", { expireAt: day(1.5) });
    const listed = token("listed", { expireAt: day(0.5) });
    const later = token("later", { expireAt: day(90) });
    await record(
      place,
      { now: 0, users: { ada: [A, listed, soon, later] } },
      { now: 1, users: { ada: [A, listed, soon, later] } },
      { now: 2, users: { ada: [A] } },
    );
    assert.deepEqual((await eventsOf(place)).slice(4), [
      "1>2 expired ada/listed",
      "2>3 ended ada/soon",
      "2>3 removed ada/listed",
      "2>3 revoked ada/later",
    ]);
  });

  it("tell what a token was renamed from, what else changed, and what it was replaced by", async () => {
    const place = newPlace();
    const renamed = { ...A, name: "other" };
    const changed = { ...renamed, expireAt: day(50) };
    const successor = token("b", { name: "other", createdTs: day(2.5) });
    await record(
      place,
      { now: 0, users: { ada: [A] } },
      { now: 1, users: { ada: [renamed] } },
      { now: 2, users: { ada: [changed] } },
      { now: 3, users: { ada: [changed, successor] } },
      { now: 4, users: { ada: [successor] } },
    );
    const rows = await query(
      place,
      "SELECT event, before, successor_id FROM token_ledger.events WHERE event IN ('renamed', 'changed', 'replaced') ORDER BY run_id",
    );
    assert.deepEqual(rows, [
      { event: "renamed", before: "a", successor_id: null },
      { event: "changed", before: "read_write, created 2025-12-01T00:00:00Z, never expires", successor_id: null },
      { event: "replaced", before: null, successor_id: "b" },
    ]);
  });

  describe("are never claimed", () => {
    it("for a user who could not be read: the window grows instead", async () => {
      const place = newPlace();
      await record(
        place,
        { now: 0, users: { ada: [A, B], bob: [token("c")] } },
        { now: 1, users: { bob: [token("c")] }, failing: ["ada"] },
        { now: 2, users: { bob: [token("c")] }, failing: ["ada"] },
        { now: 3, users: { ada: [A], bob: [token("c")] } },
      );
      assert.deepEqual((await eventsOf(place)).slice(3), ["1>4 revoked ada/b"]);
      assert.deepEqual(await eventsOf(place, "event = 'user_gone'"), []);
    });

    it("for those whom a selection left out", async () => {
      const place = newPlace();
      await record(
        place,
        { now: 0, users: { ada: [A, B], bob: [token("c")] } },
        { now: 1, users: { ada: [A] }, scope: "selection" },
      );
      assert.deepEqual((await eventsOf(place)).slice(3), ["1>2 revoked ada/b"]);
      assert.equal((await query(place, "FROM token_ledger.current_tokens")).length, 2);
    });

    it("for those who are missing from a run in which anybody failed, or that ended early", async () => {
      const place = newPlace();
      await record(
        place,
        { now: 0, users: { ada: [A], bob: [token("c")] } },
        { now: 1, users: { ada: [A] }, failures: [{ subject: "the audit", message: "interrupted" }] },
        { now: 2, users: { ada: [A] }, failing: ["zoe"] },
      );
      assert.deepEqual(await eventsOf(place, "event = 'user_gone'"), []);
      await record(place, { now: 3, users: { ada: [A] } });
      assert.deepEqual(await eventsOf(place, "run_id = 4"), ["1>4 holder_gone bob/c", "1>4 user_gone bob"]);
      await record(place, { now: 4, users: { ada: [A] } }, { now: 5, users: { ada: [A], bob: [token("c")] } });
      assert.deepEqual(await eventsOf(place, "run_id > 4"), ["4>6 seen_again bob/c", "4>6 user_returned bob"]);
    });

    it("as a revocation where a deprovisioned user's tokens are gone", async () => {
      const place = newPlace();
      const ada = { isServiceAccount: false, isDeprovisioned: false };
      await record(
        place,
        { now: 0, users: { ada: { ...ada, tokens: [A] }, bob: [B] } },
        { now: 1, users: { ada: { ...ada, isDeprovisioned: true, tokens: [] }, bob: [B] } },
      );
      assert.deepEqual(await eventsOf(place, "run_id = 2"), ["1>2 ended ada/a", "1>2 user_deprovisioned ada"]);
    });

    it("between two organizations that are named", async () => {
      const place = newPlace();
      await record(
        place,
        { now: 0, users: { ada: [A] }, organization: "one" },
        { now: 1, users: { ada: [B] }, organization: "two" },
        { now: 2, users: { ada: [A] }, organization: "one" },
      );
      assert.deepEqual(await eventsOf(place), ["0>1 first_seen ada/a", "0>2 first_seen ada/b"]);
    });

    it("between two organizations that nobody named: the second one is refused", async () => {
      const place = newPlace();
      await record(place, { now: 0, users: { ada: [A] } });
      const { message } = await failureOf(() => record(place, { now: 1, users: { ada: [B], zoe: [] } }), AuditError);
      assert.match(message, /none of this audit's tokens is in this ledger.*MOTHERDUCK_ORGANIZATION/);
      assert.deepEqual(await eventsOf(place), ["0>1 first_seen ada/a"]);
      assert.equal((await query(place, "FROM token_ledger.users WHERE username = 'zoe'")).length, 0);
    });

    it("where the clock went back: the order is that of recording", async () => {
      const place = newPlace();
      const expiring = token("b", { expireAt: day(9) });
      await record(
        place,
        { now: 10, users: { ada: [A] } },
        { now: 2, users: { ada: [A, token("c"), token("d", { expireAt: day(11) })] } },
        { now: 3, users: { ada: [A, token("c")] } },
        { now: 11, users: { ada: [A, token("c"), expiring] } },
      );
      assert.deepEqual((await eventsOf(place)).slice(1), [
        "1>2 first_seen ada/c",
        "1>2 first_seen ada/d",
        // Whether it was revoked or expired, that clock cannot tell.
        "2>3 ended ada/d",
        "3>4 first_seen ada/b",
      ]);
    });

    it("as a revocation where the clock was behind: the token was created later than it said", async () => {
      const place = newPlace();
      const brief = token("b", { createdTs: day(9.1), expireAt: day(10.1) });
      await record(
        place,
        // Ten and eleven days after the start, by a clock that is three days behind: the token expired in between.
        { now: 7, users: { ada: [A, brief] } },
        { now: 8, users: { ada: [A] } },
      );
      assert.deepEqual((await eventsOf(place)).slice(2), ["1>2 ended ada/b"]);
    });

    it("between audits that read at the same time", async () => {
      const place = newPlace();
      await record(place, { now: 0, users: { ada: [A, B] } });
      const slow = await begin(place, { now: 1, users: { ada: [A, B] }, takes: DAY });
      const fast = await begin(place, { now: 1.1, users: { ada: [A] } });
      await fast.end();
      await slow.end();
      assert.deepEqual((await eventsOf(place)).slice(2), ["1>2 revoked ada/b"]);
      // The slow one read b before it was revoked, or after: nobody knows. It is no proof of a return.
      await record(place, { now: 3, users: { ada: [A] } });
      assert.equal((await eventsOf(place)).length, 3);
      const missing = await begin(place, { now: 4, users: { ada: [A] }, takes: DAY });
      await record(place, { now: 4.1, users: { ada: [A], bob: [token("c")] } });
      await missing.end();
      assert.deepEqual(await eventsOf(place, "event = 'user_gone'"), []);
    });

    it("from a file's evidence that is older than what was read since", async () => {
      const place = newPlace();
      const state = (now: number, tokens: (typeof A)[], fetched: number) => ({
        ...({ now, scope: "stack", source: { kind: "state", name: "stack.json" } } as const),
        users: { ada: { tokens, fetchedAt: day(fetched), origin: { apiUrl: API, organization: "one" } } },
      });
      await record(
        place,
        { now: 0, users: { ada: [A] }, organization: "one" },
        { now: 1, users: { ada: [A, B] }, organization: "one" },
        state(2, [A], 0.5),
        // The same evidence again, and one from a clock that is ahead.
        state(3, [A], 0.5),
        state(4, [], 9),
      );
      assert.deepEqual(await eventsOf(place), ["0>1 first_seen ada/a", "3>2 first_seen ada/b"]);
      await record(place, state(5, [A], 4.5));
      assert.deepEqual((await eventsOf(place)).at(-1), "2>6 revoked ada/b");
    });

    it("from evidence that names a user twice, with different tokens", async () => {
      const place = newPlace();
      const run = { now: 0, users: { ada: [A, B] }, scope: "stack" } as const;
      await record(place, run);
      const { recorder } = await begin(place, { ...run, now: 1 });
      const user = { username: "ada", fetchedAt: day(1), findings: [] };
      recorder.add({ ...user, tokens: [A, B] });
      recorder.add({ ...user, tokens: [A] });
      const summary = {
        users: 2,
        tokens: 3,
        mandatory: 0,
        advisory: 0,
        waived: 0,
        known: 0,
        failures: 0,
        exitCode: 0,
      } as const;
      await recorder.finish({ findings: [], failures: [], summary }, "stack", {}, START + DAY);
      recorder.close();
      assert.equal((await eventsOf(place)).length, 2);
    });
  });

  it("are the same after the same run is recorded again", async () => {
    const place = newPlace();
    const run = { now: 0, users: { ada: [A] } };
    assert.deepEqual(await record(place, run, run), [
      { runId: 1, isKnown: false },
      { runId: 1, isKnown: true },
    ]);
    assert.equal((await query(place, "FROM token_ledger.runs")).length, 1);
  });
});
