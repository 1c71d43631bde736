import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import type { RunResult, Sandbox } from "../../tools/sandbox";
import { ERRORS } from "../../tools/stand-in/stand-in";
import { assertFails, assertOk, Lab, preview, projectFiles, stateOf, up, violationLines } from "./support";

/** Declares one `UserTokens` for each of `names`; more code can follow. */
const MANY = `
  const names = Array.from({ length: 20 }, (_, index) => "u" + index);
  const declared = names.map((username) => new md.UserTokens(username, { username }));
`;

describe("many UserTokens", () => {
  let lab: Lab;
  let stack: Sandbox;
  before(async () => {
    lab = await Lab.start();
    for (let index = 0; index < 20; index++) lab.api.users[`u${index}`] = [];
    stack = await lab.program("");
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  const run = (program: string, command: typeof preview = preview, ...args: string[]): Promise<RunResult> => {
    stack.write(projectFiles(program));
    return command(stack, ...args);
  };
  const assertOneReadEach = (count: number) => {
    const paths = lab.api.requests.map(({ url }) => url);
    assert.deepEqual([paths.length, new Set(paths).size], [count, count]);
  };

  it("are read at the same time, each once", async () => {
    lab.api.latencyMs = 200;
    assertOk(await run(MANY));
    assertOneReadEach(20);
    assert.ok(lab.api.mostAtOnce > 4, String(lab.api.mostAtOnce));
  });

  it("yield to 429, and are all read in the end", async () => {
    // If each read waited for itself alone, most of them would use up their attempts.
    lab.api.rateLimit = { requests: 2, windowMs: 200 };
    assertOk(await run(MANY));
    assert.ok(lab.api.requests.length > 20, "the limit was met");
  });

  it("leave no trace of that in state and diff", async () => {
    assertOk(await run(MANY, up));
    const { text, userTokens } = await stateOf(stack);
    assert.equal(userTokens.length, 20);
    assert.deepEqual(Object.keys(userTokens[0]?.inputs ?? {}).sort(), [
      "__provider",
      "_provenance",
      "tokens",
      "username",
    ]);
    assert.deepEqual(Object.keys(userTokens[0]?.outputs ?? {}).sort(), ["__provider", "tokens", "username"]);
    const { deployment } = JSON.parse(text) as { deployment: { resources: { propertyDependencies?: object }[] } };
    const names = deployment.resources.flatMap(({ propertyDependencies = {} }) => Object.keys(propertyDependencies));
    assert.deepEqual([...new Set(names)].sort(), ["__provider", "_provenance", "username"]);
    // Another order, another neighbourhood: no change all the same.
    const shuffled = await run(
      MANY.replace("names.map", "names.reverse().map"),
      preview,
      "--diff",
      "--expect-no-changes",
    );
    assertOk(shuffled);
    assert.doesNotMatch(shuffled.output, /_provenance/);
    assertOk(await stack.pulumi(["refresh", "--yes", "--expect-no-changes"]));
  });

  it("are read and judged with --target, too", async () => {
    lab.api.requests.length = 0;
    const urn = "urn:pulumi:dev::program::pulumi-nodejs:dynamic/motherduck:UserTokens::u7";
    const result = await run(MANY, preview, "--target", urn);
    assertOk(result);
    assert.equal(lab.api.readsOf("u7"), 1);
    assert.match(result.output, /✅ motherduck-tokens/);
    assertOk(await stack.pulumi(["destroy", "--yes"]));
  });

  it("are not judged by what they send to be read ahead, where --target leaves them out", async () => {
    const other = `${MANY} new md.UserTokens("other", { username: "ada" });`;
    const urn = "urn:pulumi:dev::program::pulumi-nodejs:dynamic/motherduck:UserTokens::other";
    const result = await run(other, preview, "--target", urn);
    assertFails(result, "u0: there is nothing to judge: `tokens` is missing");
    assert.equal(violationLines(result).length, 20);
  });

  it("have their errors at the resource that they are about, after one request", async () => {
    lab.api.script("u3", ERRORS.internal);
    const result = await run(MANY);
    assertFails(result, `UserTokens resource 'u3': property username value {u3} has a problem`);
    assert.doesNotMatch(result.output, /resource 'u(?!3')/);
    assert.equal(lab.api.readsOf("u3"), 1);
  });

  it("say nothing about a user whom no resource asks for", async () => {
    lab.api.script("u19", ERRORS.internal);
    const elsewhere = `
      pulumi.runtime.registerResourceTransform(({ props, opts }) =>
        props.username === "u19" ? { props: { ...props, username: "ada" }, opts } : undefined);`;
    assertOk(await run(elsewhere + MANY));
  });

  it("may have usernames that depend on each other, are secret, or are not known yet", async () => {
    const result = await run(`${MANY}
      class Later extends pulumi.dynamic.Resource {
        constructor(name, value) {
          super({ create: async () => ({ id: "later", outs: { value } }) }, name, { value: undefined });
        }
      }
      new md.UserTokens("unknown", { username: new Later("later", "ada").value });
      new md.UserTokens("dependent", { username: declared[0].tokens.apply(({ length }) => (length === 0 ? "svc_bi" : "ada")) });
      new md.UserTokens("secret", { username: pulumi.secret("svc_bi") });`);
    assertFails(result, `svc_bi / "dashboards"`);
    assert.deepEqual(violationLines(result), [
      "advisory evidence-fresh unknown",
      "mandatory tokens-must-expire dependent",
      "mandatory tokens-must-expire secret",
    ]);
    assertOneReadEach(20 + 1);
  });
});
