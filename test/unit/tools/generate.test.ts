import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { rules } from "../../../policies/rules";
import * as all from "../../../policies/rules/all";
import { findFaults } from "../../../tools/generate";
import { constantOf } from "../../../tools/rule-files";
import { exampleOf } from "../../engine/rule-example";

describe("what is derived from the rules", () => {
  it("is complete and up to date", async () => {
    const faults = await findFaults();
    assert.ok(faults.length === 0, `\n${faults.join("\n")}`);
  });

  it("has each rule once, by the constant and the file that its name tells", () => {
    assert.deepEqual(
      Object.entries<{ name: string }>(all).map(([constant, { name }]) => [constant, name]),
      rules.map(({ name }) => [constantOf(name), name]).sort(([, a = ""], [, b = ""]) => (a < b ? -1 : 1)),
    );
  });

  it("tells where a rule's example is missing", () => {
    const message = "the rule no-such has no example: export `example` from test/engine/rules/no-such.ts";
    assert.throws(() => exampleOf("no-such"), { message });
  });
});
