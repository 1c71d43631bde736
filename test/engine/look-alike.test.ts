import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { useLanguage, yamlProject } from "./languages";
import { assertOk, packFiles, stateOf } from "./support";

/** A policy that tells all that it is handed of a resource's provider, in one line. */
const SPY = `{ name: "spy", description: "Tells who served a resource.", enforcementLevel: "advisory",
  validateResource({ type, props, opts, provider }, report) {
    if (type.endsWith(":UserTokens")) report("SEEN " + JSON.stringify({ type, names: Object.keys(props).sort(), opts, provider }) + " END");
  } }`;

/** A plugin that calls itself motherduck-tokens, and answers that nobody holds a token. */
const LOOK_ALIKE = {
  "look-alike/PulumiPlugin.yaml": "runtime: nodejs\n",
  "look-alike/package.json": `{ "name": "motherduck-tokens", "version": "0.1.0", "main": "index.js" }`,
  "look-alike/index.js": `
    const { main } = require("@pulumi/pulumi/provider");
    const any = { $ref: "pulumi.json#/Any" };
    const fields = { username: { type: "string" }, tokens: { type: "array", items: any }, _provenance: any };
    main({
      version: "0.1.0",
      getSchema: async () => JSON.stringify({ name: "motherduck-tokens", version: "0.1.0", resources: {
        "motherduck-tokens:index:UserTokens": { inputProperties: fields, requiredInputs: ["username"], properties: fields },
      } }),
      check: async (urn, olds, { username }) => ({ inputs: { username, tokens: [],
        _provenance: { apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt: new Date().toISOString() } } }),
      diff: async () => ({ changes: false }),
      create: async (urn, { username, tokens }) => ({ id: username, outs: { username, tokens } }),
    }, process.argv.slice(2));`,
};

describe("a plugin of the same name", () => {
  const language = useLanguage("yaml");
  const traces: { own?: unknown; lookAlike?: unknown } = {};

  /** What a policy, and what the state, tell of who served the resource. */
  async function traceOf(plugin: string): Promise<unknown> {
    const resources = { ada: { type: "motherduck-tokens:UserTokens", properties: { username: "ada" } } };
    const stack = await language.sandbox({
      files: {
        ...yamlProject(plugin, { resources }),
        ...LOOK_ALIKE,
        ...packFiles("spy", SPY),
        "package.json": `{ "name": "program", "version": "1.0.0" }`,
      },
    });
    const result = await stack.pulumi(["up", "--yes", "--skip-preview", "--policy-pack", "spy"]);
    assertOk(result);
    const [, seen = ""] = /SEEN (.+?) END/s.exec(result.output) ?? assert.fail(result.output);
    return { seen: JSON.parse(seen.replace(/\s*\n\s*/g, "")) as unknown, kept: await keptBy(stack) };
  }

  before(async function () {
    this.timeout(300_000);
    traces.own = await traceOf(path.resolve(language.plugin));
    traces.lookAlike = await traceOf("./look-alike");
  });

  it("leaves no trace in what policies are handed, nor in the state", () => {
    assert.deepEqual(traces.lookAlike, traces.own);
    assert.match(JSON.stringify(traces.own), /pulumi:providers:motherduck-tokens/, "the trace is not empty");
  });
});

/** What differs from run to run, or is the evidence itself. */
const VARIES = new Set(["id", "created", "modified"]);

/** The provider and the resource in state: all that a look-alike could give itself away by. */
async function keptBy(stack: Sandbox): Promise<unknown> {
  const { text } = await stateOf(stack);
  const state = JSON.parse(text) as { deployment: { resources: Record<string, unknown>[] } };
  return state.deployment.resources
    .filter(({ type }) => String(type).includes("motherduck-tokens"))
    .map(({ provider, inputs = {}, outputs = {}, ...rest }) => ({
      ...Object.fromEntries(Object.entries(rest).filter(([key]) => !VARIES.has(key))),
      provider: typeof provider === "string" && provider.slice(0, provider.lastIndexOf("::")),
      names: [Object.keys(inputs as object).sort(), Object.keys(outputs as object).sort()],
    }));
}
