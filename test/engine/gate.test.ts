import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { PACK, type Sandbox } from "../../tools/sandbox";
import { wireToken } from "../../tools/stand-in/organization";
import { assertFails, assertOk, Lab, preview, stateOf, up, violationLines } from "./support";

const USERNAMES = ["ada", "svc_etl", "svc_bi", "grace"];
const BOTH_VIOLATIONS = ["mandatory max-read-write-tokens grace", "mandatory tokens-must-expire svc_bi"];

describe("a stack whose users break both rules", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.example("guarded-stack", { config: { "guarded-stack:usernames": USERNAMES } });
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  it("is blocked in preview by each of the two rules, and by nothing else", async () => {
    const result = await preview(stack);
    assertFails(result, "error: preview failed");
    assert.deepEqual(violationLines(result), BOTH_VIOLATIONS);
    assert.match(result.output, /svc_bi \/ "dashboards" \([0-9a-f-]{36}\): never expires\. Create a replacement/);
    assert.match(result.output, /grace: 3 active read_write tokens exceed the limit of 2: "laptop" \(/);
  });

  it("asks for each user exactly once in a preview, and only reads", async () => {
    await preview(stack);
    for (const username of USERNAMES) assert.equal(lab.api.readsOf(username), 1, username);
    assert.equal(lab.api.requests.length, USERNAMES.length);
    assert.ok(lab.api.requests.every(({ method }) => method === "GET"));
  });

  it("is blocked in `up` before the first step", async () => {
    const result = await up(stack, "--skip-preview");
    assertFails(result);
    // The engine stops at the first resource that is refused; which one comes first is chance.
    const violations = violationLines(result);
    assert.ok(violations.length > 0 && violations.every((line) => BOTH_VIOLATIONS.includes(line)), result.output);
    assert.doesNotMatch(result.output, /UserTokens (svc_bi|grace) creat(ing|ed)/);
    const { userTokens } = await stateOf(stack);
    assert.ok(!userTokens.some(({ id }) => id === "svc_bi" || id === "grace"));
  });

  describe("with --policy-pack-config", () => {
    const withConfig = (config: unknown) => {
      stack.write({ "policies.json": JSON.stringify(config) });
      return preview(stack, "--policy-pack-config", "policies.json");
    };

    it("takes the limit from there", async () => {
      const result = await withConfig({ "max-read-write-tokens": { max: 3 } });
      assertFails(result);
      assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire svc_bi"]);
    });

    it("takes the level from there", async () => {
      const result = await withConfig({
        "max-read-write-tokens": "advisory",
        "tokens-must-expire": { enforcementLevel: "advisory" },
      });
      assertOk(result);
      assert.deepEqual(
        violationLines(result),
        BOTH_VIOLATIONS.map((line) => line.replace("mandatory", "advisory")),
      );
    });

    it("fails on a setting that does not exist, and names those that do", async () => {
      assertFails(
        await withConfig({ "max-read-write-tokens": { maximum: 3 } }),
        "configuration of policy max-read-write-tokens: maximum is not a setting; allowed: max, perUser, rotationOverlapDays",
      );
    });

    it("fails on a value of the wrong type, and names it", async () => {
      assertFails(await withConfig({ "max-read-write-tokens": { max: "three" } }), /max/, /integer|whole number/);
    });
  });
});

describe("a stack whose users keep the rules", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    lab.api.cleanUp();
    stack = await lab.example("guarded-stack", { config: { "guarded-stack:usernames": USERNAMES } });
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  it("passes preview, with the pack having judged it", async () => {
    const result = await preview(stack);
    assertOk(result);
    assert.deepEqual(violationLines(result), []);
    assert.match(result.output, /✅ motherduck-tokens@v/);
  });

  it("is deployed by `up`, which keeps the tokens in state and touches nothing remote", async () => {
    assertOk(await up(stack));
    const { userTokens } = await stateOf(stack);
    assert.deepEqual(userTokens.map(({ id }) => id).sort(), [...USERNAMES].sort());
    const ada = userTokens.find(({ id }) => id === "ada");
    const [laptop] = lab.api.users.ada ?? [];
    assert.deepEqual((ada?.outputs.tokens as unknown[])[0], {
      id: laptop?.id,
      name: "laptop",
      createdTs: laptop?.created_ts,
      expireAt: laptop?.expire_at,
      readOnly: false,
      tokenType: "read_write",
    });
    const { apiUrl, fetchedAt, ...more } = ada?.inputs._provenance as Record<string, string>;
    assert.deepEqual([apiUrl, more], [lab.api.url, {}]);
    assert.ok(Date.parse(fetchedAt ?? "") <= Date.now());
    assert.deepEqual(Object.keys(ada?.outputs ?? {}).sort(), ["__provider", "tokens", "username"]);
    assert.match(ada?.sourcePosition ?? "", /index\.ts#\d+/);
    assert.ok(lab.api.requests.length > 0);
    assert.ok(lab.api.requests.every(({ method }) => method === "GET"));
  });

  it("shows no change while the tokens stay the same", async () => {
    assertOk(await preview(stack, "--expect-no-changes"));
  });

  it("passes `pulumi policy analyze` on its state, and fails it under a stricter limit", async () => {
    const analyze = (...args: string[]) => stack.pulumi(["policy", "analyze", "--policy-pack", PACK, ...args]);
    assertOk(await analyze());
    stack.write({ "strict.json": JSON.stringify({ "max-read-write-tokens": { max: 1 } }) });
    const strict = await analyze("--policy-pack-config", "strict.json");
    assertFails(strict);
    assert.deepEqual(violationLines(strict), ["mandatory max-read-write-tokens svc_etl"]);
    assert.equal(lab.api.requests.length, 0);
  });

  it("shows a token that was added at MotherDuck, and `--expect-no-changes` fails on it", async () => {
    lab.api.users.ada?.push(wireToken("ada", { name: "tablet", type: "read_scaling", created: -2, expires: 30 }));
    const result = await preview(stack, "--diff", "--expect-no-changes");
    assertFails(result, "tablet", "no changes were expected");
    assert.match(result.output, /~ pulumi-nodejs:dynamic\/motherduck:UserTokens: \(update\)/);
  });

  it("takes it over into state with `pulumi refresh`", async () => {
    const result = await stack.pulumi(["refresh", "--yes", "--diff"]);
    assertOk(result);
    assert.match(result.output, /tablet/);
    const { userTokens } = await stateOf(stack);
    const ada = userTokens.find(({ id }) => id === "ada");
    assert.match(JSON.stringify(ada?.outputs), /tablet/);
    assertOk(await preview(stack, "--expect-no-changes"));
  });

  it("is blocked again when a token that breaks a rule is added", async () => {
    lab.api.users.ada?.push(wireToken("ada", { name: "forever", type: "read_write", created: -1 }));
    const result = await preview(stack);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire ada"]);
    lab.api.users.ada?.pop();
  });

  it("replaces the resource when its username changes", async () => {
    stack.write({
      "index.ts": `import { UserTokens } from "pulumi-motherduck-tokens";\nnew UserTokens("ada", { username: "svc_etl" });\n`,
    });
    const result = await preview(stack, "--diff");
    assertOk(result);
    assert.match(result.output, /\+-pulumi-nodejs:dynamic\/motherduck:UserTokens: \(replace\)/);
    assert.match(result.output, /~ username\s*: "ada" => "svc_etl"/);
  });

  it("is destroyed without a single request", async () => {
    assertOk(await stack.pulumi(["destroy", "--yes"]));
    assert.equal(lab.api.requests.length, 0);
  });
});
