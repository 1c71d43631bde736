import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "mocha";
import { createPolicies, createPolicyPack } from "../../../policies/create-policy-pack";
import { PolicyConfigError } from "../../../policies/settings";
import { failureOf } from "../support";

const NAMES = ["tokens-must-expire", "max-read-write-tokens", "evidence-fresh"];

describe("createPolicies", () => {
  it("gives all rules' policies, mandatory, in the pack's order", () => {
    assert.deepEqual(
      createPolicies().map(({ name, enforcementLevel }) => [name, enforcementLevel]),
      NAMES.map((name) => [name, "mandatory"]),
    );
  });

  it("changes the levels of rules that are named", () => {
    const rules = {
      "evidence-fresh": { enforcementLevel: "disabled" },
      "tokens-must-expire": { graceDays: 1 },
    } as const;
    assert.deepEqual(
      createPolicies({ rules }).map(({ enforcementLevel }) => enforcementLevel),
      ["mandatory", "mandatory", "disabled"],
    );
  });

  it("puts one's own policies behind them", () => {
    const own = { name: "own", description: "One of the pack's author.", validateStack: () => {} };
    assert.deepEqual(
      createPolicies({ policies: [own] }).map(({ name }) => name),
      [...NAMES, "own"],
    );
  });
});

for (const [name, make] of [
  ["createPolicies", createPolicies],
  ["createPolicyPack", (options: Parameters<typeof createPolicies>[0]) => createPolicyPack("own", options)],
] as const) {
  describe(name, () => {
    it("refuses a rule that does not exist, and names those that do", async () => {
      const { message } = await failureOf(() => make({ rules: { "token-must-expire": {} } }), PolicyConfigError);
      assert.equal(message, `there is no rule token-must-expire; there are ${NAMES.join(", ")}.`);
    });

    it("refuses a setting that does not exist", async () => {
      const rules = { "evidence-fresh": { maxAge: 1 } };
      const { message } = await failureOf(() => make({ rules }), PolicyConfigError);
      assert.match(message, /^configuration of policy evidence-fresh: maxAge is not a setting/);
    });
  });
}

describe("createPolicyPack", () => {
  it("starts a pack: its server tells its port", async () => {
    const folder = path.resolve(__dirname, "../../../policies");
    const program = `require("./create-policy-pack").createPolicyPack("own")`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], { cwd: folder });
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
      assert.match(line, /^\d+$/);
    } finally {
      child.kill();
    }
  }).timeout(20_000);
});
