import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PolicyConfig } from "../../policies/configuration/configuration";
import { htmlOf, smallAudit } from "../unit/reports/html-fixture";
import { accessibilityFaults, assertCalm, DESKTOP, open, PHONE, soon } from "./support";

const config: PolicyConfig = {
  owners: {
    users: { "svc_*": "data-platform@example.com", grace: "#research", linus: "it@example.com" },
    tokens: [{ user: "svc_bi", token: "dashboards", owner: "#analytics" }],
  },
};
const page = () => htmlOf(smallAudit({ config }));

describe("the owners in the HTML report", () => {
  for (const [name, viewport] of [
    ["a desktop", DESKTOP],
    ["a phone", PHONE],
  ] as const) {
    it(`fit on ${name}, and can be read by everybody`, async () => {
      const opened = await open(page(), { viewport });
      await assertCalm(opened);
      assert.deepEqual(await accessibilityFaults(opened.page), []);
    });
  }

  it("are there without the script, each with what there is to do", async () => {
    const opened = await open(page(), { javaScriptEnabled: false });
    const section = opened.page.locator(".owners");
    assert.deepEqual(await section.locator("h3 a").allInnerTexts(), [
      "it@example.com",
      "#analytics",
      "#research",
      "data-platform@example.com",
      "Without an owner",
    ]);
    assert.match(await section.innerText(), /#analytics\s+by token setting\s+1 mandatory\s+1 advisory/);
  });

  it("lead to what is theirs, and the filter says so", async () => {
    const opened = await open(page());
    await opened.page.getByRole("link", { name: "#analytics" }).first().click();
    await soon(async () => {
      assert.match(await opened.page.locator("#result").innerText(), /^2 findings, 1 token of 1 user$/);
    });
    assert.equal(await opened.page.locator("#filter-owner").inputValue(), "#analytics");
    const names = await opened.page.locator("#users-list h3").allInnerTexts();
    assert.deepEqual(
      names.map((text) => text.trim()),
      ["svc_bi"],
    );
    await opened.page.locator("#clear").click();
    await soon(async () => assert.equal(await opened.page.locator("#filter-owner").inputValue(), ""));
  });

  it("can be chosen, also nobody", async () => {
    const opened = await open(page());
    await opened.page.locator("#filter-owner").selectOption({ label: "Without an owner" });
    await soon(async () => {
      const names = await opened.page.locator("#users-list h3").allInnerTexts();
      assert.deepEqual(
        names.map((text) => text.trim()),
        ["ada"],
      );
    });
  });
});
