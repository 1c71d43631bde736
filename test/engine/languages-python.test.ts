import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { wireToken } from "../../tools/stand-in/organization";
import { installPython } from "../../tools/plugin-project";
import { useLanguage } from "./languages";
import { assertFails, assertOk, preview, stateOf, up, violationLines } from "./support";

describe("a Python program with the packed and installed plugin", () => {
  // Debian's python3 has `venv` without what it needs; that is in the package python3-venv.
  const language = useLanguage("python", "python3", "-c", "import venv, ensurepip");
  let stack: Sandbox;

  before(async function () {
    this.timeout(600_000);
    stack = await language.example("python", { config: { "guarded-python:usernames": ["svc_etl", "svc_bi"] } });
    await installPython(stack);
  });

  it("is blocked in preview by the pack, and by nothing else", async () => {
    const result = await preview(stack);
    assertFails(result, "error: preview failed", /motherduck-tokens:index:UserTokens: svc_bi\)/);
    assert.deepEqual(violationLines(result), [
      "mandatory max-read-write-tokens admins",
      "mandatory tokens-must-expire svc_bi",
    ]);
    assert.match(result.output, /ada_holds\s*: 2/, "the function's result");
  });

  it("is deployed when the tokens keep the rules, and has no change after that", async () => {
    language.lab.api.cleanUp();
    assertOk(await up(stack));
    const { text, userTokens } = await stateOf(stack);
    assert.deepEqual(userTokens.map(({ id }) => id).sort(), ["svc_bi", "svc_etl"]);
    assert.ok(!text.includes(language.lab.api.token), "the API token in state");
    assertOk(await preview(stack, "--expect-no-changes"));
  });

  describe("with values that are not known in a preview", () => {
    const LATER = `
import asyncio
import pulumi
import pulumi_motherduck_tokens as motherduck

async def soon(value):
    return value

def later(value):
    """An output that is known in an update only."""
    known = not pulumi.runtime.is_dry_run()
    return pulumi.Output(set(), soon(value if known else None), soon(known), soon(False))
`;

    it("warns where it is the username, sends nothing, and is judged by the `up` that follows", async () => {
      language.lab.api.reset();
      language.lab.api.users.later = [wireToken("later", { name: "forever", type: "read_scaling", created: -1 })];
      stack.write({ "__main__.py": `${LATER}\nmotherduck.UserTokens("later", username=later("later"))\n` });
      const previewed = await preview(stack);
      assertOk(previewed);
      assert.match(previewed.output, /advisory.*evidence-fresh/);
      assert.equal(language.lab.api.requests.length, 0);
      const updated = await up(stack, "--skip-preview");
      assertFails(updated);
      assert.deepEqual(violationLines(updated), ["mandatory tokens-must-expire later"]);
      assert.doesNotMatch(updated.output, /UserTokens later creat(ing|ed)/);
    });

    describe("in a provider's configuration, so that the engine asks nobody", () => {
      const FORGED = JSON.stringify({
        username: "later",
        tokens: [],
        _provenance: { apiUrl: "https://api.motherduck.com", fetchedAt: new Date().toISOString() },
      });

      for (const [title, resource] of [
        ["", `motherduck.UserTokens("later", username="later", opts=opts)`],
        [", also where the program passes tokens itself", `pulumi.CustomResource(TYPE, "later", ${FORGED}, opts)`],
      ] as const) {
        it(`is blocked, and is judged by an update without a preview${title}`, async () => {
          const { api } = language.lab;
          api.reset();
          api.users.later = [wireToken("later", { name: "forever", type: "read_scaling", created: -1 })];
          const provider = `motherduck.Provider("p", api_url=later("${api.url}"))`;
          const opts = `TYPE = "motherduck-tokens:index:UserTokens"\nopts = pulumi.ResourceOptions(provider=${provider})`;
          stack.write({ "__main__.py": `${LATER}\n${opts}\n${resource}\n` });
          const previewed = await preview(stack);
          assertFails(previewed, "the configuration of its provider is not known yet");
          assert.ok(violationLines(previewed).includes("mandatory evidence-fresh later"), previewed.output);
          assert.equal(api.requests.length, 0);
          const updated = await up(stack, "--skip-preview");
          assertFails(updated);
          assert.deepEqual(violationLines(updated), ["mandatory tokens-must-expire later"]);
        });
      }
    });
  });
});
