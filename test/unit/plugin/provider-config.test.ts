import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { plain, secret } from "../../../plugin/protocol";
import { checkConfig, readConfig, usersAheadIn } from "../../../plugin/provider-config";
import { type Properties, UNKNOWN_VALUE } from "../../../resources/evidence-resource";
import { assertHidden, failureOf } from "../support";

const TOKEN = "canary-token";

/** What the engine does between the two calls: it wraps a property again that was secret before. */
function throughEngine(config: Properties): Properties {
  const checked = checkConfig(unwrapped(config));
  return Object.fromEntries(
    Object.entries(checked).map(([key, value]) => [key, config[key] === plain(config[key]) ? value : secret(value)]),
  );
}

function unwrapped(config: Properties): Properties {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, plain(value)]));
}

describe("the plugin's configuration", () => {
  it("comes through the engine as it was given, numbers as text", () => {
    const lookup = readConfig(throughEngine({ apiToken: secret(TOKEN), apiUrl: "https://a.example", maxAttempts: 2 }));
    const keys = ["apiToken", "apiUrl", "maxAttempts", "concurrency"];
    assert.deepEqual(keys.map(lookup), [TOKEN, "https://a.example", "2", undefined]);
  });

  it("names users to read ahead, as a list or as the engine's JSON", () => {
    for (const readAhead of [["svc_*", "ada"], '["svc_*","ada"]']) {
      assert.deepEqual(usersAheadIn(throughEngine({ readAhead })), ["svc_*", "ada"]);
    }
    for (const config of [{}, { readAhead: UNKNOWN_VALUE }]) assert.deepEqual(usersAheadIn(config), []);
  });

  for (const readAhead of ["*", "", '{"a":1}', [1], [""], 7, null]) {
    it(`refuses ${JSON.stringify(readAhead)} for users to read ahead`, async () => {
      const { message } = await failureOf(() => usersAheadIn({ readAhead }));
      assert.equal(message, 'motherduck-tokens:readAhead is not a list of usernames or globs. Use one such as ["*"].');
    });
  }

  it("is empty by default", () => {
    assert.deepEqual(throughEngine({}), {});
    assert.equal(readConfig({})("apiToken"), undefined);
  });

  it("never leaves a token in clear for state, also where it was given so", () => {
    for (const apiToken of [TOKEN, secret(TOKEN)]) {
      assert.ok(!JSON.stringify(withoutSecrets(checkConfig({ apiToken }))).includes(TOKEN));
    }
  });

  it("refuses a token that was given in clear, without showing it", async () => {
    const error = await failureOf(() => readConfig(throughEngine({ apiToken: TOKEN })));
    assert.match(error.message, /motherduck-tokens:apiToken is configured as plain text\. Revoke that token/);
    assertHidden(error, TOKEN);
  });

  it("leaves alone what was checked before, and what is not known yet", () => {
    const checked = checkConfig({ apiToken: secret(TOKEN) });
    assert.deepEqual(checkConfig(checked), checked);
    assert.deepEqual(checkConfig({ apiToken: UNKNOWN_VALUE }), { apiToken: UNKNOWN_VALUE });
  });

  it("does not take lists and objects for settings", () => {
    assert.equal(readConfig({ apiUrl: ["https://a.example"] })("apiUrl"), undefined);
  });
});

function withoutSecrets(value: unknown): unknown {
  if (value !== plain(value)) return "[secret]";
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item)]));
}
