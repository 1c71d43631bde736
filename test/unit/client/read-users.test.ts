import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { NotAskedError, ApiError, NetworkError, ResponseError, SettingsError } from "../../../client/errors";
import { readUsers } from "../../../client/read-users";
import type { User } from "../../../core/user";
import type { UserTokensReading } from "../../../client/reader";

const READ_AT = "2026-03-01T12:00:00.000Z";
const TARGET = { name: "the tokens", username: "linus" };
const NOT_FOUND = new ApiError(TARGET, "gone", { status: 404, code: "NOT_FOUND" });

const users = (count: number): User[] => Array.from({ length: count }, (_, index) => ({ username: `u${index}` }));

/** Reads with answers by username: an error, or a list without tokens. */
async function outcomes(toRead: readonly User[], failing: Record<string, Error> | Error = {}, concurrency = 1) {
  const asked: string[] = [];
  const read = (username: string): Promise<UserTokensReading> => {
    asked.push(username);
    const error = failing instanceof Error ? failing : failing[username];
    return error ? Promise.reject(error) : Promise.resolve({ username, tokens: [], fetchedAt: READ_AT });
  };
  const results = [];
  for await (const outcome of readUsers(toRead, read, concurrency)) results.push(outcome);
  return { asked, results, errors: results.map((outcome) => ("error" in outcome ? outcome.error : undefined)) };
}

describe("readUsers", () => {
  it("gives each user's reading, in the order of the users", async () => {
    const { results } = await outcomes(users(3), {}, 3);
    assert.deepEqual(
      results.map((outcome) => ["reading" in outcome && outcome.reading.username, outcome.user.username]),
      [
        ["u0", "u0"],
        ["u1", "u1"],
        ["u2", "u2"],
      ],
    );
  });

  it("keeps what it was told of a user", async () => {
    const eve = { username: "eve", isServiceAccount: true };
    assert.equal((await outcomes([eve])).results[0]?.user, eve);
  });

  it("goes on after a failure", async () => {
    const { errors, asked } = await outcomes(users(3), { u1: NOT_FOUND });
    assert.deepEqual(errors, [undefined, NOT_FOUND, undefined]);
    assert.equal(asked.length, 3);
  });

  it("takes a deprovisioned user whom the API does not know for one without tokens", async () => {
    const { results } = await outcomes([{ username: "linus", isDeprovisioned: true }], NOT_FOUND);
    assert.deepEqual(
      results.map((outcome) => "reading" in outcome && outcome.reading.tokens),
      [[]],
    );
  });

  for (const [title, user, error] of [
    ["an active user", { username: "ada", isDeprovisioned: false }, NOT_FOUND],
    ["a user of whom nobody tells", { username: "ada" }, NOT_FOUND],
    [
      "a path that is not there",
      { username: "linus", isDeprovisioned: true },
      new ApiError(TARGET, "", { status: 404 }),
    ],
    ["a failing API", { username: "linus", isDeprovisioned: true }, new ApiError(TARGET, "", { status: 500 })],
  ] as const) {
    it(`does not do so for ${title}`, async () => {
      assert.deepEqual((await outcomes([user], error)).errors, [error]);
    });
  }

  describe("asks nobody else after five failures in a row", () => {
    for (const [title, error] of [
      ["that are the network's", new NetworkError(TARGET, "down", "ECONNREFUSED")],
      ["that are the API token's", new ApiError(TARGET, "no", { status: 401, code: "UNAUTHORIZED" })],
      ["that are the API's", new ApiError(TARGET, "busy", { status: 503 })],
      ["that are the rate's", new ApiError(TARGET, "slow down", { status: 429 })],
    ] as const) {
      it(title, async () => {
        const { asked, errors } = await outcomes(users(20), error);
        assert.equal(asked.length, 5);
        assert.equal(errors.filter((other) => other instanceof NotAskedError).length, 15);
        assert.equal(
          errors.at(-1)?.message,
          'could not read the tokens of user "u19": not asked for, after 5 reads in a row had failed',
        );
      });
    }

    it("beside those that were on their way", async () => {
      const { asked } = await outcomes(users(100), new NetworkError(TARGET, "down", "ECONNREFUSED"), 16);
      assert.ok(asked.length < 5 + 2 * 16, String(asked.length));
    });
  });

  describe("asks everybody where the failures are", () => {
    for (const [title, error] of [
      ["of users that are not there", NOT_FOUND],
      ["of requests that were not right", new ApiError(TARGET, "", { status: 400 })],
      ["of requests that the API could not answer", new ApiError(TARGET, "", { status: 500 })],
      ["of answers that cannot be used", new ResponseError(TARGET, "")],
      ["of names that cannot be", new SettingsError("")],
    ] as const) {
      it(title, async () => assert.equal((await outcomes(users(20), error)).asked.length, 20));
    }

    it("not in a row", async () => {
      const down = new NetworkError(TARGET, "down", "ECONNREFUSED");
      const failing = Object.fromEntries(
        users(20)
          .map(({ username }) => [username, down] as const)
          .filter((_, index) => index % 5 !== 4),
      );
      assert.equal((await outcomes(users(20), failing)).asked.length, 20);
    });
  });
});
