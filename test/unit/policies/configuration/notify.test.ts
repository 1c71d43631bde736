import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { describe, it } from "mocha";
import { type PolicyConfig, resolveConfiguration } from "../../../../policies/configuration/configuration";
import { settingsFileSchema } from "../../../../policies/configuration/config-schema";

const slack = { type: "slack", urlVariable: "A_URL" };
const right = { channels: { a: slack }, routes: [{ owner: "data-*", channels: ["a"] }], fallback: ["a"] };
const resolve = (notify: unknown) =>
  resolveConfiguration({ name: "s.yaml", config: { notify } as unknown as PolicyConfig });

describe("the settings' key notify", () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(settingsFileSchema());

  it("is taken as it is written, also by the published schema", () => {
    const mail = {
      type: "smtp",
      host: "mail.example.com",
      from: "tokens@example.com",
      user: "u",
      passwordVariable: "P",
    };
    const hook = { type: "webhook", urlVariable: "U", secretVariable: "S" };
    const relay = { type: "smtp", host: "127.0.0.1", tls: "none", from: "tokens@example.com" };
    const full = {
      ...right,
      channels: { a: slack, relay, b: { type: "teams", urlVariable: "T" }, mail, hook },
      thresholdsDays: [5],
    };
    for (const notify of [right, full]) {
      assert.deepEqual(resolve(notify).notify, notify);
      assert.ok(validate({ notify }), JSON.stringify(validate.errors));
    }
    assert.equal(resolve(undefined).notify, undefined);
  });

  it("is refused where it is wrong, with the key", () => {
    const mail = (fields: object) => ({
      channels: { a: { type: "smtp", host: "mail.example.com", from: "a@b.example", ...fields } },
    });
    const cases: readonly [object, RegExp][] = [
      [{ channels: {}, fallback: ["b"] }, /notify\.fallback names a channel that is not in notify\.channels/],
      [{ ...right, routes: [{ owner: "x", channels: ["b"] }] }, /notify\.routes\.0\.channels names a channel/],
      [
        { ...right, routes: [...right.routes, ...right.routes] },
        /notify\.routes\.1 is about an owner that has a route/,
      ],
      [{ ...right, channels: { a: slack, "a b": slack } }, /notify\.channels has a name/],
      [{ ...right, thresholdsDays: [] }, /notify\.thresholdsDays is empty/],
      [{ ...right, thresholdsDays: [0.5] }, /notify\.thresholdsDays\.0 is 0\.5/],
      [{ ...right, rotes: [] }, /notify\.rotes is not a setting; .*routes/],
      [{ channels: { a: { ...slack, type: "slick" } } }, /notify\.channels\.a\.type/],
      [{ channels: { a: { type: "smtp", host: "h", from: "A <a@b.example>" } } }, /notify\.channels\.a\.from/],
      [mail({ tls: "none" }), /notify\.channels\.a\.tls is none, which is only for a server on loopback/],
      [
        mail({ tls: "none", host: "localhost", user: "u", passwordVariable: "P" }),
        /notify\.channels\.a\.tls is none, and a password is sent over TLS only/,
      ],
      [mail({ user: "u" }), /notify\.channels\.a\.passwordVariable is missing: user needs it/],
      [mail({ passwordVariable: "P" }), /notify\.channels\.a\.user is missing: passwordVariable needs it/],
      [mail({ tls: "opportunistic" }), /notify\.channels\.a\.tls/],
      [[], /notify is a list/],
    ];
    for (const [notify, message] of cases) assert.throws(() => resolve(notify), message);
  });

  it("holds no secret, and an error about one does not show it", () => {
    const secret = "https://hooks.slack.example/very-secret";
    for (const channel of [
      { type: "slack", url: secret },
      { type: "slack", urlVariable: secret },
      { type: "webhook", urlVariable: "U", secretVariable: "whsec_very-secret" },
      { type: "smtp", host: "h", from: "a@b.example", password: "very-secret" },
      { type: "smtp", host: "h", from: "a@b.example", passwordVariable: ["very-secret"] },
    ]) {
      assert.throws(
        () => resolve({ channels: { a: channel } }),
        ({ message }: Error) =>
          /^s\.yaml: notify\.channels\.a\.\w+ is not /.test(message) &&
          !message.includes("secret,") &&
          !message.includes("very-secret"),
      );
      assert.ok(!validate({ notify: { channels: { a: channel } } }));
    }
  });

  it("says which setting names the variable of a value", () => {
    for (const [key, setting] of [
      ["url", "urlVariable"],
      ["webhook_url", "urlVariable"],
      ["password", "passwordVariable"],
      ["secret", "secretVariable"],
    ] as const) {
      assert.throws(
        () => resolve({ channels: { a: { type: "slack", [key]: "x" } } }),
        new RegExp(`notify\\.channels\\.a\\.${key} is not a setting: .* name that in ${setting}\\b`),
      );
    }
  });
});
