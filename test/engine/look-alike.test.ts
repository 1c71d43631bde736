import assert from "node:assert/strict";
import path from "node:path";
import { before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { lookAlikePlugin } from "./attacks/programs";
import { useLanguage, yamlProject } from "./languages";
import { assertOk, packFiles, stateOf } from "./support";

/** A policy that tells all that it is handed of a resource's provider, in one line. */
const SPY = `{ name: "spy", description: "Tells who served a resource.", enforcementLevel: "advisory",
  validateResource({ type, props, opts, provider }, report) {
    if (type.endsWith(":UserTokens")) report("SEEN " + JSON.stringify({ type, names: Object.keys(props).sort(), opts, provider }) + " END");
  } }`;

describe("a plugin of the same name", () => {
  const language = useLanguage("yaml");
  const traces: { own?: unknown; lookAlike?: unknown } = {};

  /** What a policy, and what the state, tell of who served the resource. */
  async function traceOf(plugin: string): Promise<unknown> {
    const resources = { ada: { type: "motherduck-tokens:UserTokens", properties: { username: "ada" } } };
    const stack = await language.sandbox({
      files: {
        ...yamlProject(plugin, { resources }),
        ...lookAlikePlugin("look-alike"),
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
