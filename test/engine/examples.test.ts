import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { ROOT } from "../../tools/sandbox";
import { assertFails, assertOk, Lab, preview, violationLines } from "./support";

describe("the examples", () => {
  let lab: Lab;

  before(async () => {
    lab = await Lab.start();
  });
  after(() => lab.stop());

  it("guarded-stack: type-checks in the engine's own way, and names every user that breaks a rule", async () => {
    const stack = await lab.example("guarded-stack", {
      config: { "guarded-stack:usernames": ["svc_bi"] },
      env: { PULUMI_NODEJS_TRANSPILE_ONLY: "false" },
    });
    const result = await preview(stack);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
  });

  it("expires-next: tells in preview which token expires next", async () => {
    const stack = await lab.example("expires-next");
    const result = await stack.pulumi(["preview"]);
    assertOk(result);
    const nightly = lab.api.users.svc_etl?.find(({ name }) => name === "nightly");
    assert.match(result.output, /expiresNext: \{/);
    assert.match(result.output, new RegExp(`expireAt: "${nightly?.expire_at}"`));
    assert.match(result.output, /name\s*: "nightly"/);
  });

  it("function-form: reads in the program, and in preview", async () => {
    const stack = await lab.example("function-form");
    const result = await stack.pulumi(["preview"]);
    assertOk(result);
    assert.match(result.output, /adaHolds: 2/);
    assert.match(result.output, /etlHolds: 2/);
    assert.equal(lab.api.readsOf("ada"), 1);
  });

  it("custom-policy-pack: judges with its own limits, levels and rule", async () => {
    const stack = await lab.example("guarded-stack", {
      config: { "guarded-stack:usernames": ["svc_etl", "svc_bi"] },
    });
    const pack = path.join(ROOT, "examples/custom-policy-pack");
    const result = await stack.pulumi(["preview", "--policy-pack", pack]);
    assertFails(result);
    assert.deepEqual(violationLines(result), [
      "advisory tokens-carry-the-service-name svc_bi",
      "advisory tokens-carry-the-service-name svc_bi",
      "advisory tokens-carry-the-service-name svc_etl",
      "advisory tokens-carry-the-service-name svc_etl",
      "advisory tokens-must-expire svc_bi",
      "mandatory max-read-write-tokens svc_etl",
    ]);
  });
});
