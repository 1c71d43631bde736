import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { rules } from "../../policies/rules";
import { filesOf } from "../../tools/rule-files";
import { assertSameItems } from "../differences";
import { exampleOf } from "../engine/rule-example";
import { judgeFirst } from "./first-judge";
import { NOW, randomCase } from "./random";
import { readDate } from "./second-facts";
import { judge, KNOWN_RULES } from "./second-judge";

/** `npm run test:oracle -- 100000` sets it. */
const CASES = Number(process.env.ORACLE_CASES ?? 400);
const FIRST_SEED = Number(process.env.ORACLE_SEED ?? 1);

describe("the second judge, written from the pages", () => {
  for (const { name } of rules) {
    it(`knows ${name}, or it is told why not`, () => {
      const { notJudgedTwice } = exampleOf(name);
      assert.notEqual(
        KNOWN_RULES.includes(name),
        notJudgedTwice !== undefined,
        `Write ${name} a second time, from its page alone, into RULES of test/oracle/second-rules.ts; ` +
          `else give the reason as notJudgedTwice in ${filesOf(name).example}. Not both.`,
      );
    });
  }

  it("knows no other rule", () => {
    const names = rules.map(({ name }) => name);
    for (const rule of KNOWN_RULES) assert.ok(names.includes(rule), rule);
  });

  it(`finds what the rules find, in ${CASES} random organizations`, function () {
    this.timeout(0);
    const seen = new Map<string, number>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const random = randomCase(seed);
      const found = judge(random.users, random.settings, NOW);
      const hint = `The rules find something else than the second judge; seed ${seed}: ${JSON.stringify(random.settings)}`;
      assertSameItems(judgeFirst(random, NOW), found, hint);
      for (const line of found) {
        const [rule] = JSON.parse(line) as [string];
        seen.set(rule, (seen.get(rule) ?? 0) + 1);
      }
    }
    // Cases in which a rule finds nothing hold nothing of it.
    for (const rule of KNOWN_RULES) assert.ok((seen.get(rule) ?? 0) > 0 || CASES < 100, `${rule} never fired`);
    if (process.env.ORACLE_CASES !== undefined) console.log(Object.fromEntries(seen));
  });
});

describe("the second judge's own dates", () => {
  for (const [text, instant] of [
    ["2026-03-01", "2026-03-01T00:00:00.000Z"],
    ["2026-03-01 12:30", "2026-03-01T12:30:00.000Z"],
    ["2026-03-01T24:00:00Z", "2026-03-02T00:00:00.000Z"],
    ["2026-03-01T12:00:00.1239+05:30", "2026-03-01T06:30:00.123Z"],
    ["2026-02-29", undefined],
    ["2026-03-01T10:00:60Z", undefined],
    ["2026-W09-1", undefined],
  ] as const) {
    it(`read ${text}`, () => {
      const found = readDate(text);
      assert.equal(found === undefined ? undefined : new Date(found).toISOString(), instant);
    });
  }
});
