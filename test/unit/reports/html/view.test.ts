import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { Collector } from "../../../../reports/html/collect";
import { html, jsonForScript, when } from "../../../../reports/html/view/html";
import { placeOf, scaleOf, ticksOf } from "../../../../reports/html/view/scale";
import { EVERYTHING, hashOfView, paginate, select, viewOfHash } from "../../../../reports/html/view/selection";
import { lifeBar } from "../../../../reports/html/view/timeline";
import { age, day, end, minute, span } from "../../../../reports/html/view/dates";
import { DAY } from "../../../../core/duration";
import { NOW } from "../../support";
import { largeAudit } from "../html-fixture";

function dataOf(tokens: number) {
  const { header, users, closing } = largeAudit(tokens);
  const collector = new Collector(header);
  for (const user of users) collector.user(user);
  return collector.end(closing).data;
}

describe("markup", () => {
  it("escapes what is put into it, for text and for attributes", () => {
    assert.equal(html`<b title="${`"'`}">${"<&>"}</b>`.text, `<b title="&quot;&#39;">&lt;&amp;&gt;</b>`);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.doesNotMatch(html`${text}`.text, /[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  it("puts in markup as it is, lists one after the other, and nothing for nothing", () => {
    assert.equal(
      html`<p>${[html`<b>1</b>`, 2]}${undefined}${false}${when(0, () => html`x`)}</p>`.text,
      "<p><b>1</b>2</p>",
    );
  });

  it("has no text in JSON that could end the element, and keeps its value", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const value = JSON.parse(json) as unknown;
        assert.ok(!jsonForScript(value).includes("<"));
        assert.deepEqual(JSON.parse(jsonForScript(value)), value);
      }),
    );
  });
});

describe("dates", () => {
  it("are in UTC, and spans in whole days", () => {
    assert.deepEqual([day(NOW), minute(NOW)], ["2026-03-01", "2026-03-01 12:00 UTC"]);
    const spans = [60_000, 3_600_000, DAY - 1, DAY, 12.9 * DAY, 800 * DAY].map(span);
    assert.deepEqual(spans, ["less than an hour", "1 hour", "23 hours", "1 day", "12 days", "2.2 years"]);
  });

  it("tell age and end from now", () => {
    assert.deepEqual(
      [NOW - 3 * DAY, NOW + DAY, "?"].map((created) => age(created, NOW)),
      ["3 days old", "not yet created", "age unknown"],
    );
    assert.deepEqual([end(NOW + 12 * DAY, NOW), end(NOW - DAY, NOW)], ["in 12 days", "expired 1 day ago"]);
  });
});

describe("a view", () => {
  const data = dataOf(800);

  it("is in the address, and comes back from it", () => {
    const text = fc.string();
    fc.assert(
      fc.property(
        fc.record(
          {
            q: text,
            rule: text,
            level: text,
            severity: text,
            status: text,
            type: text,
            account: text,
            owner: text,
            page: fc.integer({ min: 1, max: 999 }),
          },
          { noNullPrototype: true },
        ),
        (view) => assert.deepEqual(viewOfHash(hashOfView(view)), view),
      ),
    );
    assert.equal(hashOfView(EVERYTHING), "#");
    assert.deepEqual(
      ["#page=0", "#page=-3", "#page=x", "#page=2.5"].map((hash) => viewOfHash(hash).page),
      [1, 1, 1, 2],
    );
  });

  it("of everything has everything", () => {
    const { findings, users } = select(data, EVERYTHING);
    assert.deepEqual(findings, data.findings);
    assert.equal(
      users.reduce((sum, { tokens }) => sum + tokens.length, 0),
      800,
    );
    assert.equal(users.length, data.users.length);
  });

  it("shows each finding in the parts that it is divided into, once", () => {
    for (const parts of [
      ["mandatory", "advisory"].map((level) => ({ level })),
      ["critical", "high", "medium", "low"].map((severity) => ({ severity })),
      ["open", "waived"].map((status) => ({ status })),
      ["service", "person"].map((account) => ({ account })),
      data.rules.map(({ name }) => ({ rule: name })),
    ]) {
      const counts = parts.map((part) => select(data, { ...EVERYTHING, ...part }).findings.length);
      assert.equal(
        counts.reduce((sum, n) => sum + n),
        data.findings.length,
        JSON.stringify(parts),
      );
    }
  });

  it("comes in pages of bounded size that together have each token once, in order", () => {
    const { users } = select(data, EVERYTHING);
    for (const rows of [3, 50]) {
      const pages = paginate(users, rows);
      const flat = pages.flat().flatMap(({ place, tokens }) => tokens.map((token) => `${place}/${token}`));
      assert.deepEqual(
        flat,
        users.flatMap(({ place, tokens }) => tokens.map((token) => `${place}/${token}`)),
      );
      for (const page of pages) assert.ok(page.reduce((sum, { tokens }) => sum + tokens.length, 0) <= rows);
    }
  });

  it("goes on on the next page with a user of many tokens", () => {
    const pages = paginate([{ place: 0, tokens: Array.from({ length: 120 }, (_, n) => n), findings: [] }]);
    assert.deepEqual(
      pages.map(([user]) => [user?.tokens.length, user?.isContinued ?? false]),
      [
        [50, false],
        [50, true],
        [20, true],
      ],
    );
  });
});

describe("the timeline", () => {
  const data = dataOf(50);
  const scale = { from: NOW - 200 * DAY, to: NOW + 200 * DAY };
  const limited = {
    ...data,
    limits: { lifetime: { read_write: 90, read_scaling: 90 }, age: { read_write: 90, read_scaling: 90 } },
  };
  const parts = (created: number | string, expires?: number | string) => {
    const token = { id: "a", type: "read_write", created, ...(expires !== undefined && { expires }) };
    return [...lifeBar(token, limited, scale).text.matchAll(/class="(?!life)([a-z ]+)"/g)].map(([, name]) => name);
  };

  it("stays around now, whatever dates there are", () => {
    const [user] = data.users;
    const far = {
      ...data,
      users: [{ name: user?.name ?? "", tokens: [{ id: "a", type: "x", created: 0, expires: 9e14 }] }],
    };
    const { from, to } = scaleOf(far);
    assert.ok(from > NOW - 600 * DAY && to < NOW + 450 * DAY);
    assert.deepEqual([placeOf({ from, to }, 0), placeOf({ from, to }, 9e14)], [0, 100]);
  });

  it("has ticks at starts of months, eight at most, and Januaries by their year", () => {
    for (const days of [40, 200, 500, 948]) {
      const ticks = ticksOf({ from: NOW - days * DAY, to: NOW + days * DAY });
      assert.ok(ticks.length > 1 && ticks.length <= 9, `${days}: ${ticks.length}`);
      for (const { instant, label } of ticks) {
        assert.match(new Date(instant).toISOString(), /-01T00:00:00.000Z$/);
        assert.equal(/^\d{4}$/.test(label), new Date(instant).getUTCMonth() === 0);
      }
    }
  });

  it("draws what is past, what is left, and what is beyond the limits", () => {
    const [start, later] = [NOW - 30 * DAY, NOW + 30 * DAY];
    assert.deepEqual(parts(start, later), ["past", "left", "end"]);
    assert.deepEqual(parts(NOW - 120 * DAY, later), ["past", "over", "late", "rotation", "end"]);
    assert.deepEqual(parts(start), ["past", "left", "over", "rotation", "arrow"]);
    assert.deepEqual(parts(start, NOW - DAY), ["gone", "end"]);
    assert.deepEqual(parts("yesterday", later), ["unknown"]);
  });
});
