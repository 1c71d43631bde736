import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, it } from "mocha";
import { OrganizationTokens, UserTokens } from "../../../provider/index";
import { programSettings, refusePlaintextToken } from "../../../provider/program-config";
import { failureOf } from "../support";
import { useEnvironment } from "./environment";

const KEY = "motherduck-tokens:apiToken";
const TOKEN = "canary-configured-this-is-not-a-real-token";

describe("a stack's configuration", () => {
  useEnvironment(() => ({}));
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("gives the settings, an API token that is a secret among them", () => {
    pulumi.runtime.setAllConfig({ [KEY]: TOKEN, "motherduck-tokens:organization": "acme" }, [KEY]);
    const { apiToken, organization } = programSettings();
    assert.deepEqual([apiToken, organization], [TOKEN, "acme"]);
  });

  it("leaves to the environment what it does not hold", () => {
    process.env.MOTHERDUCK_ADMIN_TOKEN = "from-the-environment";
    assert.equal(programSettings().apiToken, "from-the-environment");
    refusePlaintextToken();
  });

  for (const [title, run] of [
    ["the settings are read", programSettings],
    ["UserTokens is declared", () => new UserTokens("ada", { username: "ada" })],
    ["OrganizationTokens is declared", () => new OrganizationTokens("all")],
  ] as const) {
    it(`is refused with an API token in plain text, which is not told: ${title}`, async () => {
      pulumi.runtime.setAllConfig({ [KEY]: TOKEN });
      const { message } = await failureOf(run);
      assert.match(message, /^motherduck-tokens:apiToken is configured as plain text\. Revoke that token, then run/);
      assert.ok(!message.includes(TOKEN));
    });
  }
});

describe("a declaration", () => {
  for (const [name, declare] of [
    ["UserTokens", (opts: pulumi.CustomResourceOptions) => new UserTokens("ada", { username: "ada" }, opts)],
    ["OrganizationTokens", (opts: pulumi.CustomResourceOptions) => new OrganizationTokens("ada", {}, opts)],
  ] as const) {
    it(`with the option import is refused: ${name}`, async () => {
      const { message } = await failureOf(() => declare({ import: "ada" }));
      assert.match(message, new RegExp(`^${name} "ada" cannot be imported: .*Leave the import option out\\.$`));
    });
  }

  it("without a username is refused, with what to write", async () => {
    for (const args of [{}, undefined]) {
      const { message } = await failureOf(() => new UserTokens("ada", args as never));
      assert.equal(message, 'UserTokens "ada" has no username. Pass one: new UserTokens("ada", { username: "…" }).');
    }
  });
});
