import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import { after, afterEach, before } from "mocha";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium, isCi } from "../../tools/browser/find-chromium";
import { type Audit, htmlOf, largeAudit, smallAudit } from "../unit/reports/html-fixture";

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 375, height: 812 };

/** A report in a browser, and what it should not do. */
export interface Opened {
  readonly page: Page;
  /** What it loaded besides itself. */
  readonly requests: readonly string[];
  /** What it wrote to the console, and errors. */
  readonly complaints: readonly string[];
}

let browser: Browser | undefined;
const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-browser-"));

before("a browser", async function () {
  // It may have to be installed.
  this.timeout(900_000);
  const found = findChromium(console.log);
  if ("reason" in found) {
    assert.ok(!isCi(process.env), found.reason);
    console.log(`  The tests in a browser are skipped: ${found.reason}.`);
    return this.skip();
  }
  browser = await chromium.launch({
    executablePath: found.path,
    // As root, Chromium refuses to start with its sandbox; it sees these tests' own files only.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
});
afterEach("no pages", () => Promise.all(browser?.contexts().map((context) => context.close()) ?? []));
after("no browser", async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const written = new Map<string, string>();

/** The address of a report's file. */
function fileOf(html: string): string {
  const known = written.get(html);
  if (known !== undefined) return known;
  const file = path.join(folder, `report-${written.size}.html`);
  writeFileSync(file, html);
  written.set(html, file);
  return file;
}

/** Opens a report as a reader does. */
export async function open(html: string, options: BrowserContextOptions & { hash?: string } = {}): Promise<Opened> {
  assert.ok(browser);
  const { hash = "", ...contextOptions } = options;
  const context = await browser.newContext({ viewport: DESKTOP, ...contextOptions });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const url = `${pathToFileURL(fileOf(html)).href}${hash}`;
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on("request", (request) => {
    if (request.url() !== url) requests.push(request.url());
  });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  return { page, requests, complaints };
}

/** Holds that a page is quiet, loads nothing, and is no wider than the screen. */
export async function assertCalm({ page, requests, complaints }: Opened): Promise<void> {
  assert.deepEqual(requests, []);
  assert.deepEqual(complaints, []);
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(excess <= 0, `${excess} pixels too wide`);
}

/** Holds what becomes true a moment later, when the browser has told the page that the address changed. */
export async function soon(hold: () => Promise<void>): Promise<void> {
  const end = performance.now() + 10_000;
  while (performance.now() < end) {
    try {
      return await hold();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await hold();
}

/** What axe finds wrong with a page: rule and place. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    type Axe = { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    const { violations } = await (window as unknown as { axe: Axe }).axe.run({ resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html}`));
  });
}

/** A text that is made once, when a test first asks for it. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

export const small = once(() => htmlOf(smallAudit()));
export const large: () => Audit = once(() => largeAudit(5000));
export const largeHtml = once(() => htmlOf(large()));
