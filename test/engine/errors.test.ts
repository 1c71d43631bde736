import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import type { Sandbox } from "../../tools/sandbox";
import { ERRORS, type Reply } from "../../tools/stand-in/stand-in";
import { assertFails, assertOk, Lab, preview, stateOf, up } from "./support";

/** What the user sees under `Diagnostics`, for each way in which a read can go wrong. */
const CASES: { title: string; reply: Reply; says: string[]; requests: number }[] = [
  {
    title: "400",
    reply: {
      status: 400,
      body: { message: "Bad Request", code: "BAD_REQUEST", issues: [{ message: "no such name" }] },
    },
    says: ["the API answered 400 BAD_REQUEST (Bad Request; no such name). Check the spelling of the username."],
    requests: 1,
  },
  {
    title: "401",
    reply: ERRORS.unauthorized,
    says: [
      "the API answered 401 UNAUTHORIZED (Invalid Credentials). The token in MOTHERDUCK_ADMIN_TOKEN was not accepted",
    ],
    requests: 1,
  },
  {
    title: "403",
    reply: ERRORS.forbidden,
    says: ["403 FORBIDDEN", "it must be a read_write token of a user with the Admin role"],
    requests: 1,
  },
  {
    title: "404 of a user that does not exist",
    reply: ERRORS.notFound,
    says: ["404 NOT_FOUND", "No such user in the organization of this token"],
    requests: 1,
  },
  {
    title: "404 in plain text",
    reply: { status: 404, body: "Not Found" },
    says: ["the API answered 404. There is no such endpoint at http://127.0.0.1:", "Check the base URL"],
    requests: 1,
  },
  {
    title: "500",
    reply: ERRORS.internal,
    says: ["500 INTERNAL_SERVER_ERROR", "Try again; if the error persists, contact MotherDuck support."],
    requests: 1,
  },
  {
    title: "503 that stays",
    reply: { status: 503, body: "busy" },
    says: ["the API answered 503. The API is not available (attempts made: 4). Try again later."],
    requests: 4,
  },
  {
    title: "a connection that is reset",
    reply: { reset: true },
    says: ["ECONNRESET", "Check the network, the proxy and the base URL"],
    requests: 4,
  },
  {
    title: "a proxy's page with status 200",
    reply: { body: "<html>Please log in</html>", headers: { "content-type": "text/html" } },
    says: ["the answer (status 200) is text/html, not JSON"],
    requests: 1,
  },
  { title: "an empty body", reply: {}, says: ["the answer (status 200) is empty"], requests: 1 },
  {
    title: "an object without a list",
    reply: { body: {} },
    says: ["field tokens is missing. The API may have changed"],
    requests: 1,
  },
  {
    title: "null in place of the list",
    reply: { body: { tokens: null } },
    says: ["field tokens is null"],
    requests: 1,
  },
  { title: "a bare list", reply: { body: [] }, says: ["field tokens is missing"], requests: 1 },
  {
    title: "JSON that was cut off",
    reply: { body: `{"tokens":[{"id":"1"`, headers: { "content-type": "application/json" } },
    says: ["is not valid JSON; it may have been cut off"],
    requests: 1,
  },
  {
    title: "a cursor of a next page that is a number",
    reply: { body: { tokens: [], next_page_token: 2 } },
    says: ["field next_page_token is 2, expected string"],
    requests: 1,
  },
];

describe("a read that goes wrong", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(`new md.UserTokens("ada", { username: "ada" });`);
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  for (const { title, reply, says, requests } of CASES) {
    it(`stops the preview with one message: ${title}`, async () => {
      lab.api.script("ada", reply);
      const result = await preview(stack);
      assertFails(result, `could not read the tokens of user "ada"`, ...says);
      assert.doesNotMatch(result.output, /✅/);
      assert.equal(lab.api.readsOf("ada"), requests);
    });
  }

  it("stops the preview where nobody listens", async () => {
    const result = await stack.pulumi(["preview"], { env: { MOTHERDUCK_API_URL: "http://127.0.0.1:9" } });
    assertFails(result, "no answer from http://127.0.0.1:9 (ECONNREFUSED", "Check the network");
  });

  it("stops the preview without an API token, and names where it looked", async () => {
    const result = await stack.pulumi(["preview"], { env: { MOTHERDUCK_ADMIN_TOKEN: "" } });
    assertFails(
      result,
      "no MotherDuck API token: looked at motherduck-tokens:apiToken, MOTHERDUCK_ADMIN_TOKEN, MOTHERDUCK_API_TOKEN, MOTHERDUCK_TOKEN (MOTHERDUCK_ADMIN_TOKEN set, but empty)",
    );
    assert.equal(lab.api.requests.length, 0);
  });

  it("is tried again where that may help", async () => {
    const tokens = lab.api.users.ada;
    lab.api.script("ada", { status: 503, body: "busy" }, { reset: true }, { body: { tokens } });
    assertOk(await preview(stack));
    assert.equal(lab.api.readsOf("ada"), 3);
  });

  it("fails a `refresh` and keeps the state as it was", async () => {
    assertOk(await up(stack));
    const before = (await stateOf(stack)).userTokens;
    lab.api.script("ada", ERRORS.internal);
    assertFails(await stack.pulumi(["refresh", "--yes"]), "500 INTERNAL_SERVER_ERROR");
    assert.deepEqual((await stateOf(stack)).userTokens, before);
  });

  it("of a user that is gone drops it from state in a `refresh`, and stops the next preview", async () => {
    lab.api.script("ada", ERRORS.notFound);
    assertOk(await stack.pulumi(["refresh", "--yes"]));
    assert.deepEqual((await stateOf(stack)).userTokens, []);
    assertFails(await preview(stack), "No such user in the organization of this token");
  });
});
