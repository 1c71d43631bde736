import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";
import { htmlOf, smallAudit, tokenId } from "../unit/reports/html-fixture";
import { accessibilityFaults, assertCalm, DESKTOP, large, largeHtml, open, PHONE, small, soon } from "./support";

const themes = ["light", "dark"] as const;
/** As the page has it: `page.url()` is told of a change a moment later. */
const hashOf = (page: Page) => page.evaluate(() => location.hash);
const countOf = (page: Page, selector: string) => page.locator(selector).count();

describe("the HTML report in a browser", () => {
  for (const { size, html, name } of [
    { size: DESKTOP, html: small, name: "10 tokens on a desktop" },
    { size: PHONE, html: small, name: "10 tokens on a phone" },
    { size: DESKTOP, html: largeHtml, name: "5,000 tokens on a desktop" },
    { size: PHONE, html: largeHtml, name: "5,000 tokens on a phone" },
  ]) {
    it(`shows ${name}: no errors, nothing loaded, nothing too wide, few elements`, async () => {
      const opened = await open(html(), { viewport: size });
      const { page } = opened;
      assert.equal(await page.locator("h1").innerText(), "Failed");
      assert.equal(await page.title(), "Failed: MotherDuck tokens");
      await page
        .locator("details")
        .evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
      await assertCalm(opened);
      const elements = await countOf(page, "*");
      assert.ok(elements < 6000, `${elements} elements`);
    });
  }

  it("is drawn alike with and without its script, so that nothing jumps", async () => {
    const contentOf = async (javaScriptEnabled: boolean) => {
      const { page } = await open(small(), { javaScriptEnabled });
      return page.locator("#users-list, #findings-list").allInnerTexts();
    };
    assert.deepEqual(await contentOf(true), await contentOf(false));
  });

  it("finds users, tokens, ids and rules by words that all have to match", async () => {
    const { page } = await open(small());
    const search = page.getByRole("searchbox");
    const users = () => page.locator(".user h3").allInnerTexts();
    await search.fill("GRACE laptop");
    assert.deepEqual(await users(), ["grace"]);
    assert.deepEqual(await page.locator(".token .name bdi").allInnerTexts(), ["old-laptop", "laptop"]);
    await search.fill(tokenId(6));
    assert.deepEqual(await page.locator(".token .name bdi").allInnerTexts(), ["dashboards"]);
    await search.fill("token-expiring-soon");
    assert.deepEqual(await users(), ["ada"]);
    await search.fill("nobody");
    assert.deepEqual(await users(), []);
    assert.equal(await page.locator("#result").innerText(), "0 findings, 0 tokens of 0 users");
    await page.getByRole("button", { name: "Clear" }).click();
    assert.equal((await users()).length, 5);
  });

  it("filters by level, severity, rule, type, status and account", async () => {
    const { page } = await open(small());
    const names = () => page.locator(".rule-title code").allInnerTexts();
    const pick = async (name: string, value: string) => {
      const clear = page.getByRole("button", { name: "Clear" });
      if (await clear.isVisible()) await clear.click();
      await page.locator(`select[name=${name}]`).selectOption(value);
    };
    await pick("severity", "critical");
    assert.deepEqual(await names(), ["deprovisioned-user-has-tokens"]);
    await pick("level", "advisory");
    assert.equal(await countOf(page, ".rule.fail"), 0);
    await pick("status", "waived");
    assert.match(
      await page.locator(".rule .waiver").innerText(),
      /WVR-2026-014 until 2026-04-30, by data-platform@example\.com \(SEC-421\)/,
    );
    await pick("type", "read_scaling");
    assert.deepEqual(await page.locator(".user h3").allInnerTexts(), ["svc_bi"]);
    await pick("account", "person");
    assert.deepEqual(await page.locator(".user h3").allInnerTexts(), ["linus", "grace", "ada"]);
    await pick("rule", "max-token-age");
    assert.equal(await countOf(page, ".rule"), 1);
    assert.equal(await page.locator(".rule").getAttribute("open"), "");
  });

  it("marks what a baseline knows", async () => {
    const html = htmlOf(smallAudit({ failOnNew: true, isKnown: ({ username }) => username === "grace" }));
    const { page } = await open(html, { hash: "#status=known" });
    assert.deepEqual(await page.locator(".user h3").allInnerTexts(), ["grace"]);
    assert.equal(await page.locator(".user .finding .pill").first().innerText(), "in the baseline");
  });

  it("keeps the view in the address, to be shared", async () => {
    const first = await open(small());
    await first.page.getByRole("searchbox").fill("svc");
    await first.page.locator("select[name=level]").selectOption("mandatory");
    const hash = await hashOf(first.page);
    assert.equal(hash, "#q=svc&level=mandatory");
    const { page } = await open(small(), { hash });
    assert.equal(await page.getByRole("searchbox").inputValue(), "svc");
    assert.equal(await page.locator("#result").innerText(), await first.page.locator("#result").innerText());
    await page.locator("a.card").first().click();
    await soon(async () => assert.equal(await page.getByRole("searchbox").inputValue(), ""));
    await page.goBack();
    await soon(async () => assert.equal(await page.getByRole("searchbox").inputValue(), "svc"));
  });

  it("shows the same numbers behind a card as on it", async () => {
    const { page } = await open(largeHtml());
    for (const label of ["Mandatory findings", "Advisory findings", "Waived"]) {
      const card = page.locator("a.card", { hasText: label });
      await card.click();
      const number = await card.locator(".number").innerText();
      await soon(async () => assert.equal((await page.locator("#result").innerText()).split(" ")[0], number));
    }
  });

  it("turns pages of users, with the page in the address", async () => {
    const { page } = await open(largeHtml());
    const [first] = await page.locator(".user h3").allInnerTexts();
    await page.getByRole("button", { name: "Next page" }).click();
    await soon(async () => assert.match(await page.locator("#pager").innerText(), /Page 2 of \d+/));
    assert.notEqual((await page.locator(".user h3").allInnerTexts())[0], first);
    assert.equal(await hashOf(page), "#page=2");
    await page.goBack();
    await soon(async () => assert.equal((await page.locator(".user h3").allInnerTexts())[0], first));
  });

  it("shows more findings of a rule when asked, and puts the focus on the first of them", async () => {
    const { page } = await open(largeHtml(), { hash: "#rule=max-token-lifetime" });
    assert.equal(await countOf(page, ".rule .finding"), 20);
    await page.getByRole("button", { name: "Show 200 more" }).click();
    assert.equal(await countOf(page, ".rule .finding"), 220);
    assert.ok(
      await page
        .locator(".rule .finding")
        .nth(20)
        .evaluate((row) => row === document.activeElement),
    );
  });

  it("is used by keyboard alone", async () => {
    const { page } = await open(small());
    await page.keyboard.press("Tab");
    assert.equal(await page.locator(":focus").innerText(), "Skip to the findings");
    await page.keyboard.press("Enter");
    await soon(async () =>
      assert.ok(await page.locator("#findings").evaluate((heading) => heading === document.activeElement)),
    );
    await page.keyboard.press("Tab");
    const summary = page.locator(".rule summary").first();
    assert.ok(await summary.evaluate((element) => element === document.activeElement));
    assert.notEqual(await summary.evaluate((element) => getComputedStyle(element).outlineStyle), "none");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".rule").first().getAttribute("open"), null);
    await page.keyboard.press("/");
    assert.equal(await page.locator(":focus").getAttribute("id"), "q");
    await page.keyboard.type("a/b");
    assert.equal(await page.getByRole("searchbox").inputValue(), "a/b");
  });

  it("answers a letter typed among 5,000 tokens without a delay that one notices", async () => {
    const { page } = await open(largeHtml());
    // Told by the page's own clock, and with much room: it is about a freeze, not about milliseconds.
    const elapsed = await page.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>("#q");
      const start = performance.now();
      if (input) input.value = "laptop";
      input?.dispatchEvent(new Event("input", { bubbles: true }));
      return performance.now() - start;
    });
    assert.ok(elapsed < 2000, `${elapsed} ms`);
  });

  for (const colorScheme of themes) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`has no fault that axe finds, ${colorScheme}, ${viewport.width} pixels wide`, async () => {
        const failures = [{ subject: "svc_web", message: "The API answered 503." }];
        const { page } = await open(htmlOf(smallAudit({ failures, isKnown: ({ username }) => username === "ada" })), {
          colorScheme,
          viewport,
        });
        await page
          .locator("details")
          .evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
        assert.deepEqual(await accessibilityFaults(page), []);
      });
    }
  }

  it("follows the system's colours, and the switch, which it remembers", async () => {
    const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const { page } = await open(small(), { colorScheme: "light" });
    const light = await background(page);
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await background(page);
    assert.notEqual(light, dark);
    await page.getByLabel("light").check();
    assert.equal(await background(page), light);
    await page.reload();
    assert.equal(await background(page), light);
  });

  it("moves nothing for readers who do not want that", async () => {
    const { page } = await open(small(), { reducedMotion: "reduce" });
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), "auto");
    assert.equal(
      await page
        .locator(".card")
        .first()
        .evaluate((card) => getComputedStyle(card).transitionDuration),
      "0s",
    );
  });

  it("prints all findings, light, without controls", async () => {
    const { page } = await open(largeHtml(), { colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    await page.waitForFunction(() => document.querySelectorAll("#findings-list .finding").length > 400);
    assert.equal(await page.locator("#findings-list .finding").filter({ visible: true }).count(), findingCount());
    for (const control of ["#controls", ".theme", "#findings-list .more", "#pager button"]) {
      assert.equal(await page.locator(control).filter({ visible: true }).count(), 0, control);
    }
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    await page.emulateMedia({ media: "screen" });
    await page.waitForFunction(() => document.querySelectorAll("#findings-list .finding").length < 400);
  });

  it("tells everything about findings without its script", async () => {
    const { page } = await open(largeHtml(), { javaScriptEnabled: false });
    assert.equal(await page.locator("h1").innerText(), "Failed");
    assert.equal(await countOf(page, "#findings-list .finding"), findingCount());
    assert.ok(!(await page.locator("#controls").isVisible()));
    assert.match(await page.locator(".timeline noscript p").innerText(), /need JavaScript/);
    await page.locator(".rule summary").nth(1).click();
    assert.ok(await page.locator(".rule").nth(1).locator(".finding").first().isVisible());
  });

  function findingCount(): number {
    const { users, closing } = large();
    return users.reduce((sum, { findings }) => sum + findings.length, closing.findings.length);
  }
});
