import assert from "node:assert/strict";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { PACK, type RunResult, type Sandbox } from "../../tools/sandbox";
import { loadOrganization, wireToken } from "../../tools/stand-in/organization";
import { assertAgreeOnEvents } from "./audit-agreement";
import { assertFails, assertOk, Lab, violationLines } from "./support";

describe("tokens that MotherDuck makes itself, on the real engine", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(`new md.UserTokens("ada", { username: "ada" });`);
  });
  beforeEach(() => {
    lab.api.users = loadOrganization().users;
  });
  after(() => lab.stop());

  /** Adds a token to ada's that never expires. */
  function give(name: string, id?: string): void {
    const { ada = [] } = lab.api.users;
    const token = wireToken("ada", { name, type: "read_write", created: -ada.length });
    ada.push(id === undefined ? token : { ...token, id });
  }

  function judge(settings: object): Promise<RunResult> {
    stack.write({ "settings.json": JSON.stringify(settings) });
    const env = { MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "settings.json") };
    return stack.pulumi(["preview", "--policy-pack", PACK], { env });
  }

  it("are judged by default, with what is to be done at MotherDuck", async () => {
    give("MotherDuck Flights");
    const result = await judge({});
    assertFails(result, "access_token_name of each Flight", "The setting systemTokens can make this an advisory note.");
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire ada"]);
  });

  it("are advisory notes where the settings say so, and the audit agrees", async () => {
    give("MotherDuck Flights");
    give("MotherDuck Extension");
    const settings = { systemTokens: "advisory" };
    const result = await judge(settings);
    assertOk(result);
    assert.deepEqual(violationLines(result), [
      "advisory max-read-write-tokens ada",
      "advisory tokens-must-expire ada",
      "advisory tokens-must-expire ada",
    ]);
    give("one of ada's own");
    await assertAgreeOnEvents(stack, path.join(stack.project, "settings.json"));
  });

  it("hide no token that a user has named so, beside MotherDuck's own or in other letters", async () => {
    give("MotherDuck Flights");
    give("MotherDuck Flights", "00000000-0000-4000-8000-000000000001");
    give("Motherduck Extension");
    const result = await judge({ systemTokens: "advisory" });
    assertFails(result);
    assert.deepEqual(
      violationLines(result).filter((line) => line.includes("tokens-must-expire")),
      Array(3).fill("mandatory tokens-must-expire ada"),
    );
  });
});
