import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { causeOf } from "../../../audit/failure-cause";
import { ApiError, NetworkError, NotAskedError, ResponseError, SettingsError } from "../../../client/errors";

const target = { name: 'the tokens of user "ada"' };
const apiError = (status: number) => new ApiError(target, "no", { status });

describe("the cause of a failure", () => {
  for (const [error, cause] of [
    [apiError(401), "unauthorized"],
    [apiError(403), "forbidden"],
    [apiError(404), "not_found"],
    [apiError(429), "rate_limited"],
    [apiError(400), "rejected"],
    [apiError(302), "rejected"],
    [apiError(499), "rejected"],
    [apiError(500), "server_error"],
    [apiError(503), "server_error"],
    [new NetworkError(target, "no", "ECONNREFUSED"), "network"],
    [new NotAskedError(target, "no"), "not_asked"],
    [new ResponseError(target, "no"), "response"],
    [new SettingsError("no"), "settings"],
  ] as const) {
    it(`is ${cause} for ${error.name}${error.status === undefined ? "" : ` ${error.status}`}`, () => {
      assert.deepEqual(causeOf(error), { cause });
      assert.deepEqual(causeOf(error, "ledger"), { cause });
    });
  }

  it("is left open for other errors, unless it is known where they occurred", () => {
    assert.deepEqual(causeOf(new Error("no")), {});
    assert.deepEqual(causeOf(new Error("no"), "ledger"), { cause: "ledger" });
  });
});
