import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SinceLastRun, TrendPoint } from "../../../../audit/result";
import { trendSection } from "../../../../reports/html/view/trend";
import { at } from "../../support";
import { type Audit, htmlOf, smallAudit } from "../html-fixture";
import { changes, firstRun, TREND } from "../fixture";
import { assertHtml } from "../validators";

const audit = smallAudit();
const [isNew, isOpen] = audit.users.flatMap(({ findings }) => findings);
assert.ok(isNew && isOpen);

function recorded(fields: Partial<SinceLastRun> = {}, trend: readonly TrendPoint[] = TREND): Audit {
  const sinceLastRun = changes({
    findings: {
      [isNew?.fingerprint ?? ""]: { standing: "new", openSince: at(0), daysOpen: 0 },
      [isOpen?.fingerprint ?? ""]: { standing: "open", openSince: at(-41), daysOpen: 41 },
    },
    ...fields,
  });
  return { ...audit, closing: { ...audit.closing, sinceLastRun, trend } };
}

/** What a reader without scripts gets. */
const markupOf = (page: string) => page.slice(page.indexOf("<body>"), page.indexOf("<script"));
const count = (text: string, part: string) => text.split(part).length - 1;

describe("what changed, in the HTML report", () => {
  it("is said in words, as cards, and beside each finding", async () => {
    const html = htmlOf(recorded());
    await assertHtml(html);
    const page = markupOf(html);
    assert.match(page, /<h2 id="changes" tabindex="-1">Since the last run \(2026-02-28T12:00Z\)<\/h2>/);
    assert.match(page, /1 new, 1 still open, the oldest for 41 days/);
    assert.match(page, /Open since 2026-02-20, fixed between 2026-02-28 12:00 UTC and 2026-03-01 12:00 UTC\./);
    assert.match(page, /<span class="label">Fixed<\/span><span class="number">1</);
    // In the list by rule, and at the user.
    assert.equal(count(page, `<span class="pill new">new since the last run</span>`), 2);
    assert.equal(count(page, `<span class="muted age">open for 41 days</span>`), 2);
  });

  it("is harmless, and counts what it does not name", () => {
    const [fixed] = changes().fixed;
    assert.ok(fixed);
    const many = Array.from({ length: 60 }, () => ({ ...fixed, message: "<script>x" }));
    const page = markupOf(htmlOf(recorded({ fixed: many })));
    assert.equal(count(page, "&lt;script&gt;x"), 50);
    assert.ok(page.includes("And 10 more.") && !page.includes("<script>x"));
  });

  it("says where there is nothing to compare with, and draws nothing of one run", async () => {
    const html = htmlOf({
      ...audit,
      closing: { ...audit.closing, sinceLastRun: firstRun(), trend: TREND.slice(0, 1) },
    });
    await assertHtml(html);
    const page = markupOf(html);
    assert.match(page, /Nothing to compare with, because the ledger has no earlier complete run/);
    assert.doesNotMatch(page, /id="trend"|since the last run<\/span>|open for/);
  });

  it("has nothing of it without a ledger", () => {
    assert.doesNotMatch(markupOf(htmlOf(audit)), /id="changes"|id="trend"|class="muted age"/);
  });
});

describe("the trend in the HTML report", () => {
  it("has an area for each kind, from the first run to the last, and its numbers in words", () => {
    const { text } = trendSection(TREND);
    assert.match(text, /Over the runs in the ledger/);
    assert.match(text, /2026-02-28 to 2026-03-01/);
    // Of 4 findings, 3 and then 2 are mandatory, and no more than those 4 there ever were.
    assert.match(text, /<path class="trend-mandatory" d="M0 30L1000 60L1000 120L0 120z" \/>/);
    assert.match(text, /mandatory\n<\/dt>\n<dd>2 <span class="muted">was 3<\/span>/);
    assert.doesNotMatch(text, /end-expired/);
  });

  it("marks runs in which users were not read, and others by which one cannot compare", () => {
    const { text } = trendSection(TREND);
    assert.equal(count(text, `<line class="trend-changed" x1="1000"`), 2);
    assert.equal(count(text, `<line class="trend-unread" x1="1000"`), 2);
    assert.match(text, /In 1 run, users were not read and count as last seen .* and in 1 run, the settings/);
  });

  it("never goes back, though clocks did, and shows runs of one instant", () => {
    const runs = ["2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z"];
    const [point] = TREND;
    assert.ok(point);
    const { text } = trendSection(runs.map((judgedAt) => ({ ...point, judgedAt })));
    assert.match(text, /d="M0 30L500 30L500 30L1000 30L/);
    assert.match(trendSection([point, point, point]).text, /d="M0 30L500 30L1000 30L/);
  });
});
