import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { count } from "../../../core/count";
import { DAY, daysToMs, duration, HOUR, hoursToMs } from "../../../core/duration";

describe("daysToMs and hoursToMs", () => {
  for (const [days, seconds] of [
    [4.35, 375_840],
    [8.7, 751_680],
    [17.4, 1_503_360],
    [33.3, 2_877_120],
    [69.6, 6_013_440],
    [0, 0],
    [365, 31_536_000],
  ] as const) {
    it(`make whole milliseconds of ${days}`, () => {
      assert.equal(daysToMs(days), seconds * 1000);
      assert.equal(hoursToMs(days), (seconds * 1000) / 24);
    });
  }
});

describe("duration", () => {
  for (const [milliseconds, up, down] of [
    [0, "less than a second", "less than a second"],
    [1, "1 second", "less than a second"],
    [1000, "1 second", "1 second"],
    [59_001, "60 seconds", "59 seconds"],
    [90_000, "2 minutes", "1 minute"],
    [HOUR, "1 hour", "1 hour"],
    [1.5 * HOUR, "1.5 hours", "1.5 hours"],
    [DAY - 1, "24 hours", "23.9 hours"],
    [DAY, "1 day", "1 day"],
    [DAY + 1, "1.1 days", "1 day"],
    [95_040_000, "1.1 days", "1.1 days"],
    [Infinity, "Infinity days", "Infinity days"],
  ] as const) {
    it(`is ${up} or ${down} for ${milliseconds} ms`, () => {
      assert.deepEqual([duration(milliseconds, "up"), duration(milliseconds, "down")], [up, down]);
    });
  }

  it("never shows what is over a limit as the limit or less, nor what is within it as more", () => {
    const setting = fc.oneof(
      fc.constantFrom(4.35, 8.7, 17.4, 33.3, 69.6, 1, 24, 90),
      fc.double({ min: 1, max: 3650, noNaN: true }),
    );
    fc.assert(
      fc.property(setting, fc.integer({ min: 1, max: 10 * DAY }), (limit, more) => {
        const number = (text: string) => Number(text.split(" ")[0]?.replaceAll(",", ""));
        assert.ok(number(duration(daysToMs(limit) + more, "up")) > limit - 1e-8);
        assert.notEqual(duration(daysToMs(limit) + more, "up"), count(limit, "day"));
        assert.notEqual(duration(hoursToMs(limit) + more, "up", "hour"), count(limit, "hour"));
        if (daysToMs(limit) >= DAY) assert.ok(number(duration(daysToMs(limit), "down")) <= limit + 1e-8);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("count", () => {
  it("has one thing and several things", () => {
    assert.deepEqual(
      [0, 1, 2, 1.5].map((number) => count(number, "day")),
      ["0 days", "1 day", "2 days", "1.5 days"],
    );
  });
});
