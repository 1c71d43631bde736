import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { gte } from "semver";
import {
  findBuiltNewestPulumi,
  findPulumi,
  NEWEST_PULUMI_VERSION,
  type PulumiCli,
} from "../../tools/pulumi-cli/find-pulumi";
import type { Sandbox } from "../../tools/sandbox";
import { assertFails, assertOk, Lab, preview, stateOf, violationLines } from "./support";

/** The first version that leaves inputs out of plans whose names begin with an underscore. */
const PLANS_SINCE = "3.261.0";

describe("with a CLI of today", () => {
  let lab: Lab;
  let stack: Sandbox;

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
