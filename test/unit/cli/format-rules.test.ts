import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { formatRules } from "../../../cli/format-rules";
import { rules } from "../../../policies/rules";

describe("the list of rules", () => {
  const names = rules.map(({ name }) => name);

  it("has a line a rule as text, with its level and severity", () => {
    const lines = formatRules("text").trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      names,
    );
    assert.match(lines.join("\n"), /^tokens-must-expire +mandatory +high +Every API token has a date/m);
  });

  it("has all about a rule as JSON, its settings with their types included", () => {
    const list = JSON.parse(formatRules("json")) as Record<string, unknown>[];
    assert.deepEqual(
      list.map(({ name }) => name),
      names,
    );
    for (const [index, rule] of rules.entries()) {
      const { name, remediation, waivable, settings } = list[index] ?? {};
      assert.deepEqual([name, remediation, waivable], [rule.name, rule.remediation, rule.waivable ?? true]);
      assert.equal(typeof settings, "object", rule.name);
    }
    const lifetime = list.find(({ name }) => name === "max-token-lifetime")?.settings as Record<string, object>;
    assert.deepEqual(Object.keys(lifetime).sort(), ["byType", "maxDays"]);
  });
});
