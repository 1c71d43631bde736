import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import { createPolicies, createPolicyPack, type PolicyPackOptions } from "../../../policies/create-policy-pack";
import { PolicyConfigError } from "../../../policies/configuration/config-error";
import { rules } from "../../../policies/rules";
import { analyzeResource } from "../../../testing";
import { at, evidenceOf, failureOf, NOW, temporaryFile, userToken } from "../support";

const NAMES = rules.map(({ name }) => name);
const IN_PACK = ["waiver-hygiene", ...NAMES.filter((name) => name !== "waiver-hygiene")];

describe("createPolicies", () => {
  it("gives all rules' policies, in the pack's order, the first one reporting what cannot be judged", () => {
    assert.deepEqual(
      createPolicies().map(({ name }) => name),
      IN_PACK,
    );
    // The first that reports on a resource; the one before it tells the others what limits waivers keep.
    assert.deepEqual(IN_PACK.slice(0, 2), ["waiver-hygiene", "evidence-fresh"]);
  });

  it("changes the levels of rules that are named", () => {
    const options = {
      rules: {
        "evidence-fresh": { enforcementLevel: "disabled" },
        "max-token-age": "mandatory",
        "max-tokens-per-user": {},
      },
    } as const;
    const before = levels(createPolicies());
    assert.deepEqual(levels(createPolicies(options)), {
      ...before,
      "evidence-fresh": "disabled",
      "max-token-age": "mandatory",
    });
  });

  it("puts other policies behind them", () => {
    const own = { name: "own", description: "One of the pack's author.", validateStack: () => {} };
    assert.deepEqual(
      createPolicies({ policies: [own] }).map(({ name }) => name),
      [...IN_PACK, "own"],
    );
  });

  it("judges by the clock that it is given", async () => {
    const resource = evidenceOf("svc_bi", [userToken({ id: "a", expireAt: at(15) })]);
    const firing = async (now: number) => {
      const { violations } = await analyzeResource(createPolicies({ now: () => now }), resource);
      return violations.map(({ policy }) => policy);
    };
    assert.deepEqual(await firing(NOW), []);
    assert.deepEqual(await firing(NOW + DAY), ["token-expiring-soon"]);
  });

  it("reads the settings file that it is given, and lets the other options win", async () => {
    const configFile = temporaryFile("s.yaml", "preset: audit\nrules: { max-token-age: { maxDays: 5 } }\n");
    const api = { tokenVariable: "NO_SUCH_VARIABLE" };
    const policies = createPolicies({ configFile, preset: "strict", now: () => NOW, api });
    assert.ok(policies.every(({ enforcementLevel }) => enforcementLevel === "mandatory"));
    const { violations } = await analyzeResource(policies, evidenceOf("svc_bi", [userToken({ id: "a" })]));
    assert.deepEqual(
      violations.map(({ policy }) => policy),
      // Without credentials, the pack cannot read the same tokens itself; and no setting names an owner.
      ["evidence-verified", "max-token-lifetime", "max-token-age", "token-owner-required"],
    );
  });

  it("takes the content of one as well, names it in errors, and refuses both", async () => {
    const policies = createPolicies({ configText: "preset: audit\n" });
    assert.ok(policies.every(({ enforcementLevel }) => enforcementLevel !== "mandatory"));
    const wrong = await failureOf(
      () => createPolicies({ configText: "preset: audit\nrulez: {}\n" }),
      PolicyConfigError,
    );
    assert.match(wrong.message, /^MOTHERDUCK_TOKENS_CONFIG_TEXT:2: rulez is not a setting/);
    const both = { configText: "preset: audit", configFile: temporaryFile("s.yaml", "preset: strict") };
    assert.match((await failureOf(() => createPolicies(both), PolicyConfigError)).message, /both set/);
  });

  it("refuses an option that does not exist", async () => {
    const { message } = await failureOf(() => createPolicies({ presett: "strict" } as object), PolicyConfigError);
    assert.match(message, /^the policy pack's options: presett is not a setting; did you mean preset\?/);
  });
});

const levels = (policies: ReturnType<typeof createPolicies>) =>
  Object.fromEntries(policies.map(({ name, enforcementLevel }) => [name, enforcementLevel]));

for (const [name, make] of [
  ["createPolicies", createPolicies],
  ["createPolicyPack", (options: Parameters<typeof createPolicies>[0]) => createPolicyPack("own", options)],
] as const) {
  describe(name, () => {
    it("refuses a rule that does not exist, and names those that do", async () => {
      // @ts-expect-error -- the compiler knows the rules
      const options: PolicyPackOptions = { rules: { "token-must-expire": {} } };
      const { message } = await failureOf(() => make(options), PolicyConfigError);
      assert.equal(
        message,
        "the policy pack's options: there is no rule token-must-expire; " +
          `did you mean tokens-must-expire? (allowed: ${NAMES.join(", ")}).`,
      );
    });

    it("refuses a setting of another type", async () => {
      // @ts-expect-error -- the compiler knows the types of settings
      const options: PolicyPackOptions = { rules: { "max-token-age": { maxDays: "9" } } };
      const { message } = await failureOf(() => make(options), PolicyConfigError);
      assert.match(message, /^the policy pack's options: rules\.max-token-age: maxDays is "9", allowed is /);
    });

    it("refuses a setting that does not exist", async () => {
      // @ts-expect-error -- the compiler knows the settings of each rule
      const options: PolicyPackOptions = { rules: { "evidence-fresh": { maxAge: 1 } } };
      const { message } = await failureOf(() => make(options), PolicyConfigError);
      assert.equal(
        message,
        "the policy pack's options: rules.evidence-fresh: maxAge is not a setting; allowed: maxAgeHours, onUnknown, onIgnoreChanges, enforcementLevel.",
      );
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
  });
});
