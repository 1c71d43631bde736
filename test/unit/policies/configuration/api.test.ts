import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as v from "valibot";
import { LIMITS } from "../../../../client/settings";
import { ApiSchema } from "../../../../policies/configuration/api";
import { PolicyConfigError } from "../../../../policies/configuration/config-error";
import { type PolicyConfig, resolveConfiguration } from "../../../../policies/configuration/configuration";
import { failureOf } from "../../support";

describe("the settings of the pack's own reads", () => {
  for (const [key, { min, max, whole }] of Object.entries(LIMITS)) {
    it(`have the client's limits of ${key}`, () => {
      const takes = (value: number) => v.safeParse(ApiSchema, { [key]: value }).success;
      assert.deepEqual([min, max].map(takes), [true, true]);
      assert.deepEqual([min / 2, max + 1, 0, -1].map(takes), [false, false, false, false]);
      assert.equal(takes(1.5), !whole);
    });
  }

  const resolve = (api: unknown) => resolveConfiguration({ name: "test", config: { api } as PolicyConfig });

  it("name the variable of an API token", () => {
    assert.deepEqual(resolve({ tokenVariable: "PACK_TOKEN" }).api, { tokenVariable: "PACK_TOKEN" });
  });

  it("are put together from all sources, key by key", () => {
    const sources = [
      { concurrency: 2, maxAttempts: 3 },
      { maxAttempts: 1, concurrency: undefined },
    ];
    const { api } = resolveConfiguration(...sources.map((api) => ({ name: "test", config: { api } })));
    assert.deepEqual(api, { concurrency: 2, maxAttempts: 1 });
  });

  for (const key of ["token", "apiToken", "api_token", "api-key", "Secret", "tokens", "password", "credentials"]) {
    it(`refuse ${key}, which may hold an API token, without showing it`, async () => {
      const { message } = await failureOf(() => resolve({ [key]: "canary" }), PolicyConfigError);
      assert.match(message, new RegExp(`api\\.${key} .*environment variable.*tokenVariable`));
      assert.doesNotMatch(message, /canary/);
    });
  }

  it("reject anything but a variable's name, lists, and unknown keys", async () => {
    for (const [api, mistake] of [
      [{ tokenVariable: "a token" }, /api\.tokenVariable/],
      [{ tokenVariable: "" }, /api\.tokenVariable/],
      [[], /api is a list/],
      [{ concurency: 1 }, /api\.concurency is not a setting; did you mean concurrency\?/],
      [null, /api is null/],
    ] as const) {
      assert.match((await failureOf(() => resolve(api), PolicyConfigError)).message, mistake);
    }
  });
});
