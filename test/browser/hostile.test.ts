import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { htmlOf } from "../unit/reports/html-fixture";
import { hostileAudit, HOSTILE_NAMES } from "../unit/reports/hostile";
import { assertCalm, DESKTOP, open, PHONE } from "./support";

const PLAIN = HOSTILE_NAMES.slice(0, 17);

describe("the HTML report of hostile names in a browser", () => {
  for (const { javaScriptEnabled, viewport } of [
    { javaScriptEnabled: true, viewport: DESKTOP },
    { javaScriptEnabled: true, viewport: PHONE },
    { javaScriptEnabled: false, viewport: PHONE },
  ]) {
    it(`shows them as text and nothing else, ${viewport.width} pixels wide, ${javaScriptEnabled ? "with" : "without"} its script`, async () => {
      const opened = await open(htmlOf(hostileAudit()), { javaScriptEnabled, viewport });
      const { page } = opened;
      const faults = () =>
        page.evaluate(() => {
          const all = [...document.querySelectorAll("*")];
          return {
            pwned: "pwned" in window,
            scripts: document.scripts.length,
            styles: document.querySelectorAll("style, link, img, iframe, object, embed, body ~ body").length,
            handlers: all.flatMap(({ attributes }) => [...attributes]).filter(({ name }) => name.startsWith("on"))
              .length,
            links: [...document.links].filter((link) => !link.getAttribute("href")?.startsWith("#")).length,
          };
        });
      const clean = { pwned: false, scripts: 2, styles: 1, handlers: 0, links: 0 };
      assert.deepEqual(await faults(), clean);
      const users = await page.locator(".user h3 bdi").allTextContents();
      for (const name of javaScriptEnabled ? [] : PLAIN.slice(0, 3)) assert.ok(users.includes(name), name);
      if (javaScriptEnabled) {
        // Every name is found by itself, by hand and by its own link.
        for (const name of PLAIN) {
          await page.getByRole("searchbox").fill(name);
          assert.ok((await page.locator(".user h3 bdi").allTextContents()).includes(name), name);
        }
        await page.locator(".user h3 a").first().click();
        await page.evaluate(
          () => (location.hash = "#rule=%3Cimg%20src=x%20onerror=window.pwned=1%3E&page=-1e9&type=__proto__"),
        );
        await page.getByRole("searchbox").fill("");
        assert.deepEqual(await faults(), clean);
      }
      await assertCalm(opened);
    });
  }
});
