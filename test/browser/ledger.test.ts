import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { TrendPoint } from "../../audit/result";
import { DAY } from "../../core/duration";
import { changes, firstRun, TREND } from "../unit/reports/fixture";
import { htmlOf, smallAudit } from "../unit/reports/html-fixture";
import { accessibilityFaults, assertCalm, DESKTOP, open, PHONE, soon } from "./support";

/** The report of an audit in a ledger of so many runs. */
function reportAfter(runs: number): string {
  const audit = smallAudit();
  const prints = audit.users.flatMap(({ findings }) => findings).map(({ fingerprint }) => fingerprint);
  const ages = prints.map((print, index) => {
    const standing = index % 3 === 0 ? ("new" as const) : ("open" as const);
    return [print, { standing, daysOpen: index * 9 }] as const;
  });
  const [point] = TREND;
  assert.ok(point);
  const trend = Array.from({ length: runs }, (_, index): TrendPoint => ({
    ...{ runId: index, judgedAt: new Date(Date.parse(point.judgedAt) - (runs - index) * DAY).toISOString() },
    ...{ usersNotRead: index % 3 === 1 ? 2 : 0, settingsChanged: index === 120 },
    findings: { mandatory: 40 - (index % 40), advisory: index % 7, waived: index > 200 ? 5 : 0 },
    tokens: { ...point.tokens, expired: index % 11, later: index },
  }));
  const sinceLastRun = runs === 1 ? firstRun() : changes({ findings: Object.fromEntries(ages) });
  return htmlOf({ ...audit, closing: { ...audit.closing, sinceLastRun, trend } });
}

describe("the HTML report of an audit in a ledger, in a browser", () => {
  for (const runs of [1, 2, 365]) {
    for (const viewport of [DESKTOP, PHONE]) {
      for (const colorScheme of ["light", "dark"] as const) {
        it(`of ${runs} runs, ${colorScheme}, ${viewport.width} pixels wide: calm and accessible`, async () => {
          const opened = await open(reportAfter(runs), { viewport, colorScheme });
          const { page } = opened;
          await page
            .locator(".changes details")
            .evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
          await assertCalm(opened);
          assert.deepEqual(await accessibilityFaults(page), []);
          assert.equal(await page.locator(".plot path").count(), runs === 1 ? 0 : runs === 2 ? 7 : 8);
        });
      }
    }
  }

  it("draws the areas as high as they are", async () => {
    const { page } = await open(reportAfter(2));
    const height = async (kind: string) => {
      const box = await page.locator(`.plot .${kind}`).first().boundingBox();
      return Math.round(box?.height ?? 0);
    };
    // 40 mandatory findings of 40 in the first run, and 1 advisory one of 40 in the second.
    assert.equal(await height("trend-mandatory"), 120);
    assert.equal(await height("trend-advisory"), 3);
  });

  it("leads from the cards to what changed", async () => {
    const { page } = await open(reportAfter(2));
    await page.locator(".card", { hasText: "Fixed" }).click();
    await soon(async () => assert.equal(await page.evaluate(() => location.hash), "#changes"));
    // It is scrolled to, not jumped to.
    await soon(async () =>
      assert.ok(
        await page.locator("#changes").evaluate((element) => element.getBoundingClientRect().top < innerHeight),
      ),
    );
  });
});
