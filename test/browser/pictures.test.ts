// `npm run docs:images` takes the pictures of the documentation anew.
import path from "node:path";
import { describe, it } from "mocha";
import { ROOT } from "../../tools/sandbox";
import { DESKTOP, open, PHONE, small } from "./support";

describe("the pictures of the HTML report", () => {
  for (const [name, viewport, height] of [
    ["desktop", DESKTOP, 2060],
    ["phone", PHONE, 1218],
  ] as const) {
    it(`${name}`, async function () {
      if (!process.env.UPDATE_DOCS) return this.skip();
      const { page } = await open(small(), { viewport });
      const clip = { x: 0, y: 0, width: viewport.width, height };
      await page.screenshot({ path: path.join(ROOT, `docs/images/html-report-${name}.png`), fullPage: true, clip });
    });
  }
});
