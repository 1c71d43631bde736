import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { useLanguage } from "./languages";
import { assertFails, assertOk, preview, up, violationLines } from "./support";

describe("a Go program with the packed and installed plugin", function () {
  // The first build of Pulumi's SDK for Go takes some minutes, once a machine.
  this.timeout(900_000);
  const language = useLanguage("go", "go", "version");
  let stack: Sandbox;

  before(async () => {
    // As the CLI is built: what is compiled for it is not compiled again.
    const env = { GOFLAGS: [process.env.GOFLAGS, "-trimpath"].filter(Boolean).join(" ") };
    stack = await language.example("go", { env, config: { "guarded-go:usernames": ["svc_etl", "svc_bi"] } });
  });

  it("is blocked in preview by the pack, and by nothing else", async () => {
    const result = await preview(stack);
    assertFails(result, "error: preview failed", /motherduck-tokens:index:UserTokens: svc_bi\)/);
    assert.deepEqual(violationLines(result), [
      "mandatory max-read-write-tokens admins",
      "mandatory tokens-must-expire svc_bi",
    ]);
    assert.match(result.output, /adaHolds\s*: 2/, "the function's result");
  });

  it("is deployed when the tokens keep the rules, and has no change after that", async () => {
    language.lab.api.cleanUp();
    assertOk(await up(stack));
    assertOk(await preview(stack, "--expect-no-changes"));
  });
});
