import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SettingsError } from "../../../client/errors";
import { DEFAULT_SETTINGS, resolveSettings, TOKEN_VARIABLES } from "../../../client/settings";
import { UNKNOWN_VALUES } from "../../../core/engine-marks";
import { assertHidden, failureOf } from "../support";

type Values = Record<string, string>;

/** Resolves with a token in the environment, unless the case brings its own. */
function resolve(config: Values = {}, env: Values = { MOTHERDUCK_ADMIN_TOKEN: "t" }) {
  return resolveSettings((key) => config[key], env);
}

function refusal(config: Values, env?: Values) {
  return failureOf(() => resolve(config, env), SettingsError);
}

describe("resolveSettings", () => {
  it("needs a token only, and has a default for the rest", () => {
    assert.deepEqual(resolve(), { ...DEFAULT_SETTINGS, apiToken: "t", apiTokenSource: "MOTHERDUCK_ADMIN_TOKEN" });
  });

  describe("the organization's name", () => {
    it("comes from the configuration before the environment; an empty variable is none", () => {
      assert.equal(
        resolve({ organization: "a" }, { MOTHERDUCK_TOKEN: "t", MOTHERDUCK_ORGANIZATION: "b" }).organization,
        "a",
      );
      assert.equal(resolve({}, { MOTHERDUCK_TOKEN: "t", MOTHERDUCK_ORGANIZATION: "b" }).organization, "b");
      assert.ok(!("organization" in resolve({}, { MOTHERDUCK_TOKEN: "t", MOTHERDUCK_ORGANIZATION: "" })));
    });

    // The last one is the engine's word for a value that is not known yet.
    for (const name of ["", " ", " a", "a\n", "a\u001b[2J", "a".repeat(256), UNKNOWN_VALUES.text]) {
      it(`cannot be ${JSON.stringify(name.slice(0, 20))}`, async () => {
        const { message } = await refusal({ organization: name });
        assert.match(message, /^motherduck-tokens:organization is ".*Use the organization's name: 1 to 255 printable/);
      });
    }
  });

  describe("personal data", () => {
    const token = { MOTHERDUCK_TOKEN: "t" };
    const resolved = (config: Values, env: Values = {}) => resolve(config, { ...token, ...env }).personalData;

    it("is kept by default; the configuration comes before the environment, whose empty variable is none", () => {
      assert.equal(resolved({}), "keep");
      assert.equal(resolved({}, { MOTHERDUCK_PERSONAL_DATA: "" }), "keep");
      assert.equal(resolved({}, { MOTHERDUCK_PERSONAL_DATA: "omit" }), "omit");
      assert.equal(resolved({ personalData: "keep" }, { MOTHERDUCK_PERSONAL_DATA: "omit" }), "keep");
      assert.equal(resolved({ personalData: "omit" }), "omit");
    });

    for (const value of ["", "false", "OMIT", "drop"]) {
      it(`cannot be ${JSON.stringify(value)}: a mistake must not keep it`, async () => {
        const { message } = await refusal({ personalData: value });
        assert.equal(message, `motherduck-tokens:personalData is "${value}". Use one of "keep", "omit".`);
      });
    }

    it("is refused with the variable's name where it came from there", async () => {
      const { message } = await refusal({}, { ...token, MOTHERDUCK_PERSONAL_DATA: "no" });
      assert.equal(message, `MOTHERDUCK_PERSONAL_DATA is "no". Use one of "keep", "omit".`);
    });
  });

  describe("the token", () => {
    const all = {
      MOTHERDUCK_ADMIN_TOKEN: "admin",
      MOTHERDUCK_API_TOKEN: "api",
      MOTHERDUCK_TOKEN: "sql",
    };

    it("comes from the configuration before the environment", () => {
      const { apiToken, apiTokenSource } = resolve({ apiToken: "configured" }, all);
      assert.deepEqual([apiToken, apiTokenSource], ["configured", "motherduck-tokens:apiToken"]);
    });

    it("comes from the variables in their order; an empty or blank one is passed over", () => {
      const env: Values = { ...all };
      for (const variable of TOKEN_VARIABLES) {
        const { apiToken, apiTokenSource } = resolve({ apiToken: "" }, env);
        assert.deepEqual([apiToken, apiTokenSource], [all[variable], variable]);
        env[variable] = variable === "MOTHERDUCK_ADMIN_TOKEN" ? "" : " \n";
      }
    });

    it("loses the white space around it", () => {
      assert.equal(resolve({}, { MOTHERDUCK_TOKEN: " abc.d-e_f~g+h/i==\r\n" }).apiToken, "abc.d-e_f~g+h/i==");
    });

    it("is missed with the names of all places, and with what to do", async () => {
      const { message } = await refusal({}, {});
      assert.equal(
        message,
        "no MotherDuck API token: looked at motherduck-tokens:apiToken, MOTHERDUCK_ADMIN_TOKEN, MOTHERDUCK_API_TOKEN, " +
          "MOTHERDUCK_TOKEN. Set MOTHERDUCK_ADMIN_TOKEN to a read_write token of a user with the Admin role.",
      );
    });

    it("is missed with a word on the places that are set, but empty", async () => {
      const { message } = await refusal({ apiToken: "" }, { MOTHERDUCK_TOKEN: " " });
      assert.match(message, /MOTHERDUCK_TOKEN \(motherduck-tokens:apiToken, MOTHERDUCK_TOKEN set, but empty\)\. Set /);
    });

    for (const bad of ["se\ncret", "se cret", '"secret"', "'secret'", "se\u0000cret", "sécret", "secret\u200b", "=s"]) {
      it(`is refused, and not shown, where it is ${JSON.stringify(bad)}`, async () => {
        const error = await refusal({}, { MOTHERDUCK_API_TOKEN: bad, MOTHERDUCK_TOKEN: "good" });
        assert.match(error.message, /^MOTHERDUCK_API_TOKEN holds characters that no API token has/);
        assertHidden(error, bad);
      });
    }
  });

  describe("the base URL", () => {
    for (const [url, expected] of [
      ["https://md.example", "https://md.example"],
      ["https://md.example/", "https://md.example"],
      ["https://md.example///", "https://md.example"],
      ["HTTPS://MD.example:443", "https://md.example"],
      ["https://md.example:8443/prefix/motherduck/", "https://md.example:8443/prefix/motherduck"],
      ["http://localhost:8080", "http://localhost:8080"],
      ["http://127.0.0.1:1234/x", "http://127.0.0.1:1234/x"],
      ["http://127.1.2.3", "http://127.1.2.3"],
      ["http://[::1]:80", "http://[::1]"],
    ] as const) {
      it(`can be ${url}`, () => assert.equal(resolve({ apiUrl: url }).apiUrl, expected));
    }

    for (const { why, urls } of [
      {
        why: /http is for loopback only, the token would travel in clear/,
        urls: ["http://md.example", "http://127.0.0.1.example", "http://localhost.example", "http://10.0.0.1"],
      },
      {
        why: /is not an http or https URL/,
        urls: ["ftp://localhost", "file:///etc/passwd", "ws://127.0.0.1", "ada:s3cr3t@md.example", "localhost:8080"],
      },
      { why: /is not an absolute URL/, urls: ["", "md.example", "//md.example", "/v1", "https://", "https://md:port"] },
      { why: /holds user information/, urls: ["https://s3cr3t@md.example", "https://ada:s3cr3t@md.example"] },
      { why: /holds user information/, urls: ["https://:s3cr3t@md.example", "http://s3cr3t@127.0.0.1"] },
      {
        why: /holds a query or a fragment/,
        urls: [
          "https://md.example?token=s3cr3t",
          "https://md.example/#s3cr3t",
          "https://md.example?",
          "https://md.example#",
        ],
      },
      { why: /holds white space/, urls: [" https://md.example", "https://md.example\n", "https://md .example", " "] },
    ]) {
      for (const url of urls) {
        it(`cannot be ${JSON.stringify(url)}`, async () => {
          const error = await refusal({ apiUrl: url });
          assert.match(error.message, /^motherduck-tokens:apiUrl .*Use an absolute https URL such as https:\/\/api\./);
          assert.match(error.message, why);
          assertHidden(error, "s3cr3t");
        });
      }
    }

    it("comes from the configuration, then from MOTHERDUCK_API_URL, if that is not empty", () => {
      const env = { MOTHERDUCK_TOKEN: "t", MOTHERDUCK_API_URL: "https://env.example" };
      assert.equal(resolve({ apiUrl: "https://config.example" }, env).apiUrl, "https://config.example");
      assert.equal(resolve({}, env).apiUrl, "https://env.example");
      assert.equal(resolve({}, { ...env, MOTHERDUCK_API_URL: "" }).apiUrl, "https://api.motherduck.com");
    });

    it("is refused with the variable's name where it came from there", async () => {
      const { message } = await refusal({}, { MOTHERDUCK_TOKEN: "t", MOTHERDUCK_API_URL: "md.example" });
      assert.match(message, /^MOTHERDUCK_API_URL is not an absolute URL\./);
    });
  });

  for (const { key, good, bad, allowed } of [
    {
      key: "attemptTimeoutSeconds",
      good: ["0.1", "1.5", "600"],
      bad: ["0.09", "600.1"],
      allowed: "number from 0.1 to 600",
    },
    { key: "readTimeoutSeconds", good: ["0.1", "3600"], bad: ["0", "3600.1"], allowed: "number from 0.1 to 3600" },
    { key: "maxAttempts", good: ["1", "10"], bad: ["0", "11", "1.5"], allowed: "whole number from 1 to 10" },
    { key: "concurrency", good: ["1", "256"], bad: ["0", "257", "2.5"], allowed: "whole number from 1 to 256" },
  ] as const) {
    describe(key, () => {
      for (const text of good) {
        it(`can be ${text}`, () => assert.equal(resolve({ [key]: text })[key], Number(text)));
      }

      for (const text of [...bad, "", " ", "-1", "many", "NaN", "Infinity", "5s", "1,5", "1 2", "true"]) {
        it(`cannot be ${JSON.stringify(text)}`, async () => {
          const { message } = await refusal({ [key]: text });
          assert.equal(message, `motherduck-tokens:${key} is "${text}". Use a ${allowed}.`);
        });
      }
    });
  }
});
