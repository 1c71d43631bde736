import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { UNKNOWN_VALUES } from "../../core/engine-marks";
import { PACK } from "../../tools/sandbox";
import { StandIn } from "../../tools/stand-in/stand-in";
import { foreignLanguageHost, HONEST } from "./attacks/programs";
import { assertFails, assertOk, Lab, violationLines } from "./support";

/** A provider's text that reads nothing and answers "no tokens". */
const FORGED_PROVIDER = `exports.handler = () => ({
  check: async () => ({ inputs: { username: "svc_bi", tokens: [], fetchedAt: new Date().toISOString() } }),
  create: async (inputs) => ({ id: "svc_bi", outs: inputs }),
})`;

describe("evidence from elsewhere", () => {
  let lab: Lab;
  let other: StandIn;

  before(async () => {
    lab = await Lab.start();
    other = await StandIn.start();
    other.token = lab.api.token;
    other.users = { svc_bi: [] };
  });
  after(async () => {
    await lab.stop();
    await other.stop();
  });

  const previewOf = async (program: string, options: object = {}) =>
    (await lab.program(program, options)).pulumi(["preview", "--policy-pack", PACK]);

  it("is blocked where the stack's configuration names another API, and both addresses are named", async () => {
    const result = await previewOf(HONEST, { config: { "motherduck-tokens:apiUrl": other.url } });
    assertFails(result, `the tokens were read from "${other.url}"; expected is ${lab.api.url}.`);
    assert.deepEqual(violationLines(result), ["mandatory evidence-origin bi"]);
  });

  it("is blocked where the stack's configuration names the organization by the engine's word for what is not known yet", async () => {
    const config = { "motherduck-tokens:organization": UNKNOWN_VALUES.text };
    const result = await previewOf(HONEST, { config });
    assertFails(result, `motherduck-tokens:organization is "${UNKNOWN_VALUES.text}". Use the organization's name`);
  });

  it("is blocked where the program brings a provider that answers for this package's", async () => {
    const result = await previewOf(`new pulumi.CustomResource("pulumi-nodejs:dynamic/motherduck:UserTokens", "bi", {
      username: "svc_bi", tokens: undefined, __provider: ${JSON.stringify(FORGED_PROVIDER)} });`);
    assertFails(result, "it is not known where the tokens were read");
  });

  it("is blocked where a transform replaces the provider", async () => {
    const result = await previewOf(`pulumi.runtime.registerResourceTransform(({ props, opts }) => ({
      props: "__provider" in props ? { ...props, __provider: ${JSON.stringify(FORGED_PROVIDER)} } : props, opts }));
      ${HONEST}`);
    assertFails(result, "it is not known where the tokens were read");
  });

  // What an ESC environment does that a stack's configuration names: the variable is set for the pack, too.
  it("is blocked where the environment names another API, and the settings name the address", async () => {
    const stack = await lab.program(HONEST, {
      files: { "motherduck-tokens.yaml": `rules: { evidence-origin: { apiUrls: ["${lab.api.url}"] } }\n` },
    });
    const env = {
      MOTHERDUCK_API_URL: other.url,
      MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "motherduck-tokens.yaml"),
    };
    const result = await stack.pulumi(["preview", "--policy-pack", PACK], { env });
    assertFails(result, `the tokens were read from "${other.url}"; expected is ${lab.api.url}.`);
    assert.deepEqual(violationLines(result), ["mandatory evidence-origin bi"]);
  });

  it("passes where the owner of the rules allows the address", async () => {
    const settings = `rules: { evidence-origin: { apiUrls: ["${other.url}"] } }\n`;
    const stack = await lab.program(HONEST, {
      config: { "motherduck-tokens:apiUrl": other.url },
      files: { "motherduck-tokens.yaml": settings },
    });
    const env = { MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "motherduck-tokens.yaml") };
    assertOk(await stack.pulumi(["preview", "--policy-pack", PACK], { env }));
  });

  it("passes where Pulumi.yaml names another language host, which starts the pack, too, as the threat model says", async () => {
    const stack = await lab.program(HONEST, { files: foreignLanguageHost("evil", { settings: "preset: audit" }) });
    for (const file of ["pulumi-language-nodejs", "node"]) chmodSync(path.join(stack.project, "evil", file), 0o755);
    const env = { MOTHERDUCK_TOKENS_CONFIG_TEXT: "preset: strict\nguard: everybody\n" };
    const result = await stack.pulumi(["preview", "--policy-pack", PACK], { env });
    assertOk(result);
    assert.ok(violationLines(result).every((line) => line.startsWith("advisory")));
    // Without that host, the same settings block the same program.
    stack.write({ "Pulumi.yaml": "name: program\nruntime: nodejs\n" });
    assertFails(await stack.pulumi(["preview", "--policy-pack", PACK], { env }), "never expires");
  });
});
