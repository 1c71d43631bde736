import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { TrendPoint } from "../../../audit/result";
import { Ledger } from "../../../history/ledger";
import { readTrend, TREND_POINTS } from "../../../history/trend";
import { day, finding, newPlace, record, type Run, token } from "./support";

async function trendOf(place: string, runId: number): Promise<readonly TrendPoint[]> {
  const ledger = await Ledger.open(place, { env: {} });
  try {
    return await ledger.read(() => readTrend(ledger, runId));
  } finally {
    ledger.close();
  }
}

async function trend(...runs: readonly Run[]): Promise<readonly TrendPoint[]> {
  const place = newPlace();
  const recorded = await record(place, ...runs.map((run) => ({ organization: "acme", ...run })));
  return trendOf(place, recorded.at(-1)?.runId ?? 0);
}

const NO_FINDINGS = { mandatory: 0, advisory: 0, waived: 0 };
const NO_TOKENS = { expired: 0, within30Days: 0, within90Days: 0, later: 0, never: 0, unknown: 0 };
const bob = { tokens: [token("b", { expireAt: day(35) })], findings: [finding("bob", "b")] };
const ada = { tokens: [token("a")], findings: [] };

describe("the trend", () => {
  it("has a point a run; who was not read counts as last seen", async () => {
    const config = { rules: { "tokens-must-expire": "advisory" } } as const;
    const rest = { usersNotRead: 0, settingsChanged: false };
    assert.deepEqual(
      await trend(
        { now: 0, users: { ada, bob } },
        { now: 10, users: { ada }, failing: ["bob"] },
        { now: 11, users: { ada, bob: { ...bob, findings: [] } }, config },
      ),
      [
        {
          ...{ runId: 1, judgedAt: day(0), ...rest, findings: { ...NO_FINDINGS, mandatory: 1 } },
          tokens: { ...NO_TOKENS, never: 1, within90Days: 1 },
        },
        {
          ...{ runId: 2, judgedAt: day(10), ...rest, findings: { ...NO_FINDINGS, mandatory: 1 }, usersNotRead: 1 },
          tokens: { ...NO_TOKENS, never: 1, within30Days: 1 },
        },
        {
          ...{ runId: 3, judgedAt: day(11), ...rest, findings: NO_FINDINGS, settingsChanged: true },
          tokens: { ...NO_TOKENS, never: 1, within30Days: 1 },
        },
      ],
    );
  });

  it("is that of the run's own organization, and ends with the run", async () => {
    const runs: Run[] = [
      { now: 0, users: { ada } },
      { now: 1, users: { ada: { ...ada, tokens: [token("other")] } }, organization: "another" },
      { now: 2, users: { ada } },
    ];
    const place = newPlace();
    await record(place, ...runs.map((run) => ({ organization: "acme", ...run })));
    assert.deepEqual(
      (await trendOf(place, 3)).map(({ runId }) => runId),
      [1, 3],
    );
    assert.deepEqual(
      (await trendOf(place, 1)).map(({ runId }) => runId),
      [1],
    );
  });

  it("is bounded, and keeps the last run", async () => {
    const place = newPlace();
    await record(place, { now: 0, users: { ada }, organization: "acme" });
    const ledger = await Ledger.open(place, { env: {} });
    const number = TREND_POINTS * 2 + 1;
    try {
      await ledger.write(async () => {
        await ledger.database.run(`
          INSERT INTO token_ledger.runs SELECT r.* REPLACE (r.run_id + i AS run_id, 'digest ' || i AS digest, r.judged_at + to_days(i::INTEGER) AS judged_at,
            r.order_at + to_days(i::INTEGER) AS order_at) FROM token_ledger.runs r, range(1, ${number}) t(i) WHERE r.run_id = 1;
          INSERT INTO token_ledger.observations SELECT o.* REPLACE (o.run_id + i AS run_id, o.order_at + to_days(i::INTEGER) AS order_at)
            FROM token_ledger.observations o, range(1, ${number}) t(i) WHERE o.run_id = 1`);
      });
    } finally {
      ledger.close();
    }
    const points = await trendOf(place, number);
    assert.deepEqual([points.length, points.at(-1)?.runId], [TREND_POINTS, number]);
    assert.equal(points.at(-1)?.tokens.never, 1);
  });
});
