import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { environmentSource } from "../../../../policies/configuration/environment";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { resolveConfiguration } from "../../../../policies/configuration/configuration";
import { evidenceOrigin } from "../../../../policies/rules/evidence-origin";
import { check, failureOf } from "../../support";

const from = (apiUrl: string) => ({ username: "ada", origin: { apiUrl } });
const messages = (...args: Parameters<typeof check> extends [unknown, ...infer Rest] ? Rest : never) =>
  check(evidenceOrigin, ...args).map(({ message }) => message);

describe("evidence-origin", () => {
  it("passes what was read from MotherDuck's own API", () => {
    assert.deepEqual(check(evidenceOrigin, from("https://api.motherduck.com")), []);
  });

  it("finds another address, and names both and the setting", () => {
    assert.deepEqual(messages(from("http://127.0.0.1:18999")), [
      'ada: the tokens were read from "http://127.0.0.1:18999"; expected is https://api.motherduck.com. Remove ' +
        "motherduck-tokens:apiUrl from the program's configuration. If the address is right, the owner of the rules " +
        "allows it with apiUrls of evidence-origin.",
    ]);
  });

  it("finds evidence that does not show where it was read", () => {
    const [message = ""] = messages({ username: "ada" });
    assert.match(
      message,
      /^ada: it is not known where the tokens were read; expected is https:\/\/api\.motherduck\.com\./,
    );
  });

  it("finds evidence of a provider that is not this package's, whatever it says of its origin", () => {
    const [message = ""] = messages({ ...from("https://api.motherduck.com"), hasForeignProvider: true });
    assert.match(message, /a provider that is not part of this package/);
  });

  const apiUrls = ["https://api.eu.motherduck.com/", "http://localhost:8080/md"];
  for (const { url, fires } of [
    { url: "https://api.eu.motherduck.com", fires: false },
    { url: "https://API.eu.motherduck.com:443/", fires: false },
    { url: "http://localhost:8080/md/", fires: false },
    { url: "http://localhost:8080", fires: true },
    { url: "http://localhost:8081/md", fires: true },
    { url: "http://api.eu.motherduck.com", fires: true },
    { url: "https://api.eu.motherduck.com.example", fires: true },
    { url: "https://api.motherduck.com", fires: true },
    { url: "https://ada@api.eu.motherduck.com", fires: true },
    { url: "not a URL", fires: true },
  ]) {
    it(`${fires ? "finds" : "passes"} ${url} where two others are allowed`, () => {
      assert.equal(check(evidenceOrigin, from(url), { apiUrls }).length, fires ? 1 : 0);
    });
  }

  describe("by the environment of the process that judges", () => {
    const settings = (env: NodeJS.ProcessEnv, config = {}) =>
      resolveConfiguration(...environmentSource(env), { name: "file", config }).settings(evidenceOrigin);

    it("expects what MOTHERDUCK_API_URL says, else MotherDuck's API", () => {
      assert.deepEqual(settings({}).apiUrls, ["https://api.motherduck.com"]);
      assert.deepEqual(settings({ MOTHERDUCK_API_URL: "" }).apiUrls, ["https://api.motherduck.com"]);
      assert.deepEqual(settings({ MOTHERDUCK_API_URL: "http://localhost:1" }).apiUrls, ["http://localhost:1"]);
    });

    it("expects what the settings say, whatever the environment says", () => {
      const rules = { "evidence-origin": { apiUrls: ["https://api.eu.motherduck.com"] } };
      assert.deepEqual(settings({ MOTHERDUCK_API_URL: "http://localhost:1" }, { rules }).apiUrls, [
        "https://api.eu.motherduck.com",
      ]);
    });

    it("refuses an address that cannot be used, without showing it", async () => {
      const env = { MOTHERDUCK_API_URL: "https://ada:hunter2@example.com" };
      const { message } = await failureOf(() => environmentSource(env), PolicyConfigError);
      assert.equal(message, "MOTHERDUCK_API_URL is not an http or https URL without user, query and fragment.");
    });
  });
});
