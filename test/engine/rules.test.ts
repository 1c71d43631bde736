import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { rules } from "../../policies/rules";
import { outputOf, renderRulePage } from "../../tools/rule-docs";
import { filesOf } from "../../tools/rule-files";
import { PACK, ROOT, type RunResult } from "../../tools/sandbox";
import { assertSameItems } from "../differences";
import { breakEveryRule, FIRES_ON } from "./every-rule";
import { assertFails, Lab, violationsIn } from "./support";

describe("every rule, in one preview", () => {
  let lab: Lab;
  let result: RunResult;

  before(async () => {
    lab = await Lab.start();
    const { stack, configFile } = await breakEveryRule(lab);
    const env = { MOTHERDUCK_TOKENS_CONFIG: configFile };
    const off = rules.filter(({ enforcementLevel }) => enforcementLevel === "disabled");
    stack.write({ "policies.json": JSON.stringify(Object.fromEntries(off.map(({ name }) => [name, "mandatory"]))) });
    const args = ["preview", "--policy-pack", PACK, "--policy-pack-config", "policies.json"];
    result = await stack.pulumi(args, { env });
  });
  after(() => lab.stop());

  for (const rule of rules) {
    it(`fires where it should, and nowhere else: ${rule.name}`, () => {
      assertFails(result);
      const resources = violationsIn(result).filter(({ policy }) => policy === rule.name);
      assertSameItems(
        [...new Set(resources.map(({ resource }) => resource))],
        FIRES_ON[rule.name] ?? [],
        `${rule.name} fires on other resources than the examples tell. Where it is right, name them in ` +
          `${filesOf(rule.name).example}: its own in firesOn; in alsoBreaks, which other rules they break.`,
      );
    });

    it(`has a page that shows what the engine printed: ${rule.name}`, () => {
      const page = renderRulePage(rule, outputOf(rule.name, FIRES_ON[rule.name]?.[0] ?? "", result.output));
      const file = path.join(ROOT, "docs/rules", `${rule.name}.md`);
      const isSame = () => withoutWhatVaries(readFileSync(file, "utf8")) === withoutWhatVaries(page);
      if (process.env.UPDATE_DOCS && !isSame()) writeFileSync(file, page);
      assert.ok(isSame(), `docs/rules/${rule.name}.md is out of date: run npm run docs:rules\n${page}`);
    });
  }

  it("shows a waived violation as an advisory note that names the waiver", () => {
    assert.match(
      outputOf("token-name-required", "svc-nameless", result.output),
      /\[waived by WVR-1 until .* \(data-platform@example\.com\): Cannot be/,
    );
  });
});

function withoutWhatVaries(text: string): string {
  return (
    text
      .replace(/\d{4}-\d\d-\d\d(T[\d:.]+Z)?/g, "<date>")
      .replace(/127\.0\.0\.1:\d+/g, "<stand-in>")
      // The example's instant may have been taken for an earlier file of tests.
      .replace(/\d+(\.\d)? hours ago/g, "<hours> ago")
  );
}
