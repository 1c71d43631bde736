import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { type Audit, htmlOf, largeAudit } from "../unit/reports/html-fixture";
import { assertCalm, type Opened, open } from "./support";

/** An organization of a size that few have. Most of its tokens break a rule. */
const TOKENS = 100_000;

describe("the HTML report of 100,000 tokens in a browser", () => {
  let audit: Audit;
  let html: string;
  let withFindings: Set<string | undefined>;

  before("the report", function () {
    this.timeout(180_000);
    audit = largeAudit(TOKENS);
    html = htmlOf(audit);
    withFindings = new Set(audit.users.flatMap(({ findings }) => findings.map(({ tokenId }) => tokenId)));
  });

  async function openIt(): Promise<Opened> {
    const opened = await open(html);
    await opened.page.getByRole("searchbox").waitFor();
    return opened;
  }

  it("shows the totals of all, tells how many tokens it leaves out, and draws few of them at once", async () => {
    const opened = await openIt();
    const { page } = opened;
    const text = (await page.locator("body").innerText()).replaceAll("\u00a0", " ");
    const leftOut = /Left out to keep it small: ([\d,]+) tokens without findings/.exec(text)?.[1] ?? "";
    const shown = /findings, ([\d,]+) tokens of ([\d,]+) users/.exec(await page.locator("#result").innerText()) ?? [];
    const [tokens, users] = shown.slice(1).map(toNumber);
    assert.equal((tokens ?? 0) + toNumber(leftOut), TOKENS);
    assert.equal(users, audit.users.length);
    assert.ok((tokens ?? 0) >= withFindings.size - 1, "tokens with findings are left out");
    const elements = await page.locator("*").count();
    assert.ok(elements < 6000, `${elements} elements`);
    await assertCalm(opened);
  });

  it("finds one token by its id, at once", async () => {
    const { page } = await openIt();
    const last = audit.users.flatMap((user) => user.tokens.filter(({ id }) => withFindings.has(id))).at(-1);
    assert.ok(last);
    // Told by the page's own clock, and with much room: it is about a freeze, not about milliseconds.
    const elapsed = await page.evaluate((id) => {
      const input = document.querySelector<HTMLInputElement>("#q");
      const start = performance.now();
      if (input) input.value = id;
      input?.dispatchEvent(new Event("input", { bubbles: true }));
      return performance.now() - start;
    }, last.id);
    assert.match(await page.locator("#result").innerText(), /, 1 token of 1 user$/);
    assert.ok(elapsed < 5000, `${elapsed} ms`);
  });
});

function toNumber(text: string): number {
  return Number(text.replaceAll(",", ""));
}
