import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { assertOk, editState, Lab, preview, stateOf, type StateResource, up } from "./support";

const PROGRAM = `
  new md.UserTokens("ada", { username: "ada" });
  new md.OrganizationTokens("robots", { usernames: ["svc_etl"] });
`;

describe("the provenance of evidence", () => {
  let lab: Lab;
  let stack: Sandbox;
  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(PROGRAM, { env: { MOTHERDUCK_ORGANIZATION: "acme", PULUMI_DEBUG_COMMANDS: "true" } });
  });
  after(() => lab.stop());

  const carriers = async (): Promise<StateResource[]> => {
    const { text } = await stateOf(stack);
    const { deployment } = JSON.parse(text) as { deployment: { resources: StateResource[] } };
    const found = deployment.resources.filter(({ urn }) => /motherduck:(User|Organization)Tokens::/.test(urn));
    assert.equal(found.length, 2);
    return found;
  };
  const assertCarried = (inputs: Record<string, unknown>) => {
    const { fetchedAt, ...origin } = inputs._provenance as Record<string, string>;
    assert.deepEqual(origin, { apiUrl: lab.api.url, organization: "acme" });
    assert.ok(Date.now() - Date.parse(fetchedAt ?? "") < 600_000);
    assert.ok(!("fetchedAt" in inputs));
  };

  it("is in state and in events, where the settings' name of the organization is, too", async () => {
    const log = path.join(stack.project, "events.jsonl");
    assertOk(await up(stack, "--event-log", log));
    for (const { inputs, outputs } of await carriers()) {
      assertCarried(inputs);
      assert.ok(!("_provenance" in outputs));
    }
    const inputs = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as EngineEvent)
      .flatMap(({ resourcePreEvent }) => (resourcePreEvent ? [resourcePreEvent.metadata] : []))
      .filter(({ type }) => /motherduck:(User|Organization)Tokens$/.test(type))
      .map((step) => step.new?.inputs ?? {});
    assert.equal(inputs.length, 2);
    inputs.forEach(assertCarried);
  });

  it("is no change, although it is new", async () => {
    const result = await preview(stack, "--diff", "--expect-no-changes");
    assertOk(result);
    assert.doesNotMatch(result.output, /_provenance/);
  });

  it("takes the place of the time of reading in an older state, without a change", async () => {
    await editState(stack, (resources) => {
      for (const { urn, inputs } of resources) {
        if (!/motherduck:(User|Organization)Tokens::/.test(urn)) continue;
        inputs.fetchedAt = (inputs._provenance as { fetchedAt: string }).fetchedAt;
        delete inputs._provenance;
      }
    });
    assertOk(await preview(stack, "--expect-no-changes"));
    assertOk(await up(stack, "--expect-no-changes"));
    for (const { inputs } of await carriers()) assertCarried(inputs);
  });
});

interface EngineEvent {
  readonly resourcePreEvent?: {
    readonly metadata: { readonly type: string; readonly new?: { readonly inputs: Record<string, unknown> } };
  };
}
