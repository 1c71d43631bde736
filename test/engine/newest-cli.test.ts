import assert from "node:assert/strict";
import path from "node:path";
import { execa } from "execa";
import { after, before, beforeEach, describe, it } from "mocha";
import { gte, lt } from "semver";
import { USER_TOKENS_TYPES } from "../../policies/read-evidence";
import {
  findBuiltNewestPulumi,
  findPulumi,
  NEWEST_PULUMI_VERSION,
  type PulumiCli,
} from "../../tools/pulumi-cli/find-pulumi";
import { PACK, ROOT, type Sandbox } from "../../tools/sandbox";
import { assertFails, assertOk, Lab, PLANS_SINCE, preview, stateOf, violationLines } from "./support";

/** A version that takes exceptions in `--policy-pack-config`. */
const EXCEPTIONS_IN = "3.274.1";

describe("with a CLI of today", () => {
  let lab: Lab;
  let stack: Sandbox;
  let version: string;

  before(async function () {
    const tested = await findPulumi(console.log);
    const cli: PulumiCli | undefined = gte(tested.version, PLANS_SINCE) ? tested : await findBuiltNewestPulumi();
    if (cli === undefined) {
      console.log(
        `      not run: update plans, and the gate with Pulumi ${NEWEST_PULUMI_VERSION}, which is not on this machine. ` +
          "npm run test:compatibility builds it.",
      );
      return this.skip();
    }
    console.log(`      with Pulumi ${cli.version}`);
    version = cli.version;
    lab = await Lab.start();
    stack = await lab.program(
      `for (const username of ["ada", "svc_bi", "grace"]) new md.UserTokens(username, { username });
       new md.OrganizationTokens("loaders", { usernames: ["ada", "svc_etl"] });`,
      { cli },
    );
  });
  beforeEach(() => lab.api.reset());
  after(() => lab?.stop());

  it("is blocked in preview by each of the two rules, and by nothing else", async () => {
    const result = await preview(stack);
    assertFails(result);
    assert.deepEqual(violationLines(result), [
      "mandatory max-read-write-tokens grace",
      "mandatory tokens-must-expire svc_bi",
    ]);
  });

  it("an exception of the engine's own hides a violation down to its number, and `rules --check-config` finds it", async function () {
    if (lt(version, EXCEPTIONS_IN)) return this.skip();
    const urn = (type: string, name: string) => `urn:pulumi:dev::program::${type}::${name}`;
    const match = [
      { policies: ["tokens-must-expire"], targets: [urn(USER_TOKENS_TYPES[0] ?? "", "svc_bi")] },
      { policies: ["max-read-write-tokens"], targets: [urn(USER_TOKENS_TYPES[0] ?? "", "grace")] },
    ];
    const file = path.join(stack.project, "policies.json");
    const config = (...entries: object[]) =>
      JSON.stringify({ version: 2, policies: {}, exceptions: { "EXC-1": { reason: "ours", match: entries } } });
    const judge = (env = {}) =>
      stack.pulumi(["preview", "--policy-pack", PACK, "--policy-pack-config", "policies.json"], { env });

    stack.write({ "policies.json": config(...match) });
    const excepted = await judge();
    assertOk(excepted);
    assert.match(excepted.output, /\[exempted\] +tokens-must-expire +\(1 violation\)/);
    assert.doesNotMatch(excepted.output, /never expires|EXC-1|ours/);
    const cli = path.join(ROOT, "dist/cli/main.js");
    const check = await execa(process.execPath, [cli, "rules", "--check-config", file], { reject: false });
    assert.equal(check.exitCode, 1);
    assert.match(check.stderr, /tokens-must-expire fails no run on 1 resource: exception EXC-1/);

    // It is about a policy on a resource, and nothing else.
    stack.write({ "policies.json": config(...match.slice(1)) });
    assertFails(await judge(), /svc_bi \/ "dashboards".*never expires/);

    // What a guard reports stands under the stack's name.
    const ofStack = { policies: ["tokens-must-expire"], targets: [urn("pulumi:pulumi:Stack", "program-dev")] };
    stack.write({ "policies.json": config(...match, ofStack) });
    const guarded = await judge({ MOTHERDUCK_TOKENS_CONFIG_TEXT: "guard: [svc_bi]" });
    assertOk(guarded);
    assert.match(guarded.output, /\[exempted\] +tokens-must-expire +\(1 violation\)/);
  });

  it("an update plan can be saved and carried out, where resources are made and where nothing changes", async () => {
    lab.api.cleanUp();
    for (const made of [4, 0]) {
      const planned = await preview(stack, "--save-plan", "plan.json");
      assertOk(planned);
      assert.equal(planned.output.includes(`+ ${made + 1} to create`), made > 0, planned.output);
      assertOk(await stack.pulumi(["up", "--yes", "--skip-preview", "--plan", "plan.json"]));
      const { userTokens, organizationTokens } = await stateOf(stack);
      assert.equal(userTokens.length + organizationTokens.length, 4);
    }
  });

  it("an update plan does not hold once the tokens have changed", async () => {
    assertOk(await preview(stack, "--save-plan", "plan.json"));
    const [token] = lab.api.users.ada ?? [];
    assert.ok(token);
    lab.api.users = { ...lab.api.users, ada: [{ ...token, id: "made-after-the-plan" }] };
    assertFails(
      await stack.pulumi(["up", "--yes", "--skip-preview", "--plan", "plan.json"]),
      "violates plan",
      "tokens",
    );
  });

  it("takes the current tokens over on refresh", async () => {
    assertOk(await stack.pulumi(["refresh", "--yes"]));
    assert.match((await stateOf(stack)).text, /made-after-the-plan/);
    assertOk(await preview(stack, "--expect-no-changes"));
  });
});
