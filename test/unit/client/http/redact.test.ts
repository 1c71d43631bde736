import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { listUserTokens } from "../../../../client/api/list-user-tokens";
import { createRedactor } from "../../../../client/http/redact";
import { createTransport } from "../../../../client/http/transport";
import type { Reply } from "../../../../tools/stand-in/stand-in";
import {
  assertHidden,
  CUT_OFF,
  FAST,
  failureOf,
  goneStandIn,
  jsonText,
  settingsFor,
  useStandIn,
  wireToken,
} from "../../support";

describe("createRedactor", () => {
  const redact = createRedactor("t.0+k/en==");

  it("takes the token out wherever it stands", () => {
    assert.equal(redact("t.0+k/en== and Bearer t.0+k/en==!"), "[token] and Bearer [token]!");
  });

  it("takes it for text, not for a pattern", () => assert.equal(redact("tX0kkk/en=="), "tX0kkk/en=="));

  it("makes the rest safe to print", () => assert.equal(redact("a\u001b[2Jb"), "a\\u001b[2Jb"));

  it("leaves no piece of a token where long text is cut", () => {
    const cut = redact(`${"x".repeat(495)}t.0+k/en==${"y".repeat(100)}`);
    assert.doesNotMatch(cut, /t\.0/);
  });
});

describe("the token is in no error", () => {
  const api = useStandIn();

  async function failAgainst(server: Parameters<typeof settingsFor>[0]) {
    const settings = settingsFor(server, { maxAttempts: 2, attemptTimeoutSeconds: 0.2 });
    const error = await failureOf(() => listUserTokens(createTransport(settings, FAST), "ada", 5));
    assertHidden(error, server.token);
    assertHidden(error, "Bearer");
  }

  it("of a port that is closed", async () => failAgainst(await goneStandIn()));

  // Each answer is made from the token, as a server or a proxy may echo it.
  const echoes: Record<string, (token: string) => Reply> = {
    "of a connection that is reset": () => ({ reset: true }),
    "of an attempt that takes too long": () => ({ delayMs: 30_000 }),
    "of a body that ends early": () => CUT_OFF,
    "whose message echoes it": (t) => ({ status: 401, body: { message: `no ${t}, ${t}`, code: "UNAUTHORIZED" } }),
    "whose code echoes it": (t) => ({ status: 400, body: { message: "no", code: t } }),
    "whose issues echo it": (t) => ({ status: 400, body: { message: "no", code: "NO", issues: [{ message: t }] } }),
    "whose text echoes it": (t) => ({ status: 503, body: `no ${t}` }),
    "whose redirect echoes it": (t) => ({ status: 302, headers: { location: `https://md.example/?token=${t}` } }),
    "whose content type echoes it": (t) => ({ body: "x", headers: { "content-type": `text/${t}` } }),
    "whose JSON is cut off after it": (t) => jsonText(`{"tokens":[{"id":"${t}`),
    "whose JSON is it": (t) => jsonText(JSON.stringify(t)),
    "whose JSON is it, with a letter escaped": (t) => jsonText(`{"tokens":"\\u0063${t.slice(1)}"}`),
    "whose list is it": (t) => ({ body: { tokens: t } }),
    "whose entry is it": (t) => ({ body: { tokens: [t] } }),
    "whose field of a wrong type is it": (t) => ({ body: { tokens: [{ ...wireToken("a"), read_only: t }] } }),
    "whose broken entry has it as its id": (t) => ({ body: { tokens: [{ ...wireToken(t), read_only: 1 }] } }),
    "whose two different entries have it as their id": (t) => ({
      body: { tokens: [wireToken(t), wireToken(t, { name: "other" })] },
    }),
  };
  for (const [title, echo] of Object.entries(echoes)) {
    it(title, async () => {
      api.standIn.script("ada", echo(api.standIn.token));
      await failAgainst(api.standIn);
    });
  }

  it("and in no token that is read", async () => {
    const echo = wireToken("a", { name: `my ${api.standIn.token}` });
    api.standIn.script("ada", { body: { tokens: [echo] } });
    const tokens = await listUserTokens(createTransport(settingsFor(api.standIn), FAST), "ada", 5);
    assert.equal(tokens[0]?.name, "my [token]");
  });
});
