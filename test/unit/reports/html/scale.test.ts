import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { DAY } from "../../../../core/duration";
import { html, jsonForScript, when } from "../../../../reports/html/view/html";
import { placeOf, scaleOf, ticksOf } from "../../../../reports/html/view/scale";
import type { PageData } from "../../../../reports/html/model";
import { NOW } from "../../support";

type Dates = readonly (readonly [created: number | string, expires?: number | string])[];

const dataOf = (dates: Dates, warnDays?: number) =>
  ({
    now: NOW,
    users: [{ tokens: dates.map(([created, expires]) => ({ created, expires })) }],
    limits: warnDays === undefined ? {} : { warnDays },
  }) as unknown as PageData;

/** From and to, in days from {@link NOW}, without the margin of three percent. */
function daysOf(dates: Dates, warnDays?: number): [number, number] {
  const { from, to } = scaleOf(dataOf(dates, warnDays));
  const margin = ((to - from) / 1.06) * 0.03;
  return [Math.round((from + margin - NOW) / DAY), Math.round((to - margin - NOW) / DAY)];
}

describe("the scale of the timeline", () => {
  for (const { title, dates, warnDays, expected } of [
    { title: "sixty days each way without tokens", dates: [], expected: [-60, 60] },
    { title: "twice the days of warning", dates: [], warnDays: 45, expected: [-60, 90] },
    {
      title: "from the first creation to the last end",
      dates: [[NOW - 100 * DAY, NOW + 200 * DAY], [NOW - 10 * DAY]],
      expected: [-100, 200],
    },
    {
      title: "not so far that the present is a speck",
      dates: [[NOW - 9000 * DAY, NOW + 9000 * DAY]],
      expected: [-548, 400],
    },
    { title: "without what is not a date", dates: [["once", "some day"]], expected: [-60, 60] },
  ] satisfies { title: string; dates: Dates; warnDays?: number; expected: number[] }[]) {
    it(`goes ${title}`, () => assert.deepEqual(daysOf(dates, warnDays), expected));
  }

  it("puts at its edges what is outside", () => {
    const scale = { from: 0, to: 1000 };
    assert.deepEqual(
      [-5, 0, 333.333, 1000, 5000].map((instant) => placeOf(scale, instant)),
      [0, 0, 33.33, 100, 100],
    );
  });

  for (const { months, labels } of [
    { months: 4, labels: ["Mar", "Apr", "May", "Jun"] },
    { months: 10, labels: ["Mar", "May", "Jul", "Sep", "Nov"] },
    { months: 20, labels: ["Apr", "Jul", "Oct", "2026", "Apr", "Jul", "Oct"] },
    { months: 31, labels: ["Jul", "2026", "Jul", "2027", "Jul"] },
    { months: 90, labels: ["2026", "2027", "2028", "2029", "2030", "2031", "2032"] },
  ]) {
    it(`has the starts of months over ${months} months, at most eight, a year's first as the year`, () => {
      const [from, to] = [Date.UTC(2025, 1, 15), Date.UTC(2025, 1 + months, 15)];
      const ticks = ticksOf({ from, to });
      assert.deepEqual(
        ticks.map(({ label }) => label),
        labels,
      );
      for (const { instant } of ticks) {
        assert.ok(instant >= from && instant <= to);
        assert.match(new Date(instant).toISOString(), /-01T00:00:00\.000Z$/);
      }
    });
  }
});

describe("markup", () => {
  it("escapes what is not markup, and leaves out what is not there", () => {
    const name = `<b title="&">'`;
    const parts = [html`<i>${name}</i>`, 0, undefined, when(0, () => html`never`), false] as const;
    assert.equal(html`<p>${parts}</p>`.text, "<p><i>&lt;b title=&quot;&amp;&quot;&gt;&#39;</i>0</p>");
  });

  it("has no text that ends a script element", () => {
    const json = jsonForScript({ name: "</script><!--" });
    assert.ok(!json.includes("<"));
    assert.deepEqual(JSON.parse(json), { name: "</script><!--" });
  });
});
