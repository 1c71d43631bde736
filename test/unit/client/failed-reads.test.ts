import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { NotAskedError, SettingsError } from "../../../client/errors";
import { describeFailedReads, toFailedRead } from "../../../client/failed-reads";

const failed = (usernames: string[], reason: string) =>
  usernames.map((username) => ({
    username,
    reason,
  }));
const names = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);

describe("the error of users that could not be read", () => {
  it("names one user, and what happened", () => {
    assert.equal(
      describeFailedReads(failed(["ada"], "it broke. Mend it."), 4),
      'could not read the tokens of 1 of 4 users:\n  - "ada": it broke. Mend it.',
    );
  });

  it("names users with one reason together", () => {
    const reads = [...failed(["ada"], "A."), ...failed(["eve"], "B."), ...failed(["grace"], "A.")];
    assert.equal(
      describeFailedReads(reads, 9),
      'could not read the tokens of 3 of 9 users:\n  - "ada", "grace": A.\n  - "eve": B.',
    );
  });

  it("names ten, and tells how many more there are", () => {
    assert.match(describeFailedReads(failed(names(10), "A."), 10), /"u8", "u9": A\.$/);
    assert.match(describeFailedReads(failed(names(11), "A."), 11), /"u9": A\.\n {2}- 1 more user could not be read$/);
    assert.match(describeFailedReads(failed(names(13), "A."), 13), /\n {2}- 3 more users could not be read$/);
  });

  it("tells how many were not asked for, and does not name them", () => {
    const notAsked = names(7).map((username) => ({
      ...toFailedRead(username, new NotAskedError({ name: "the tokens" }, "not asked for, after a while")),
    }));
    assert.equal(
      describeFailedReads([...failed(["ada"], "A."), ...notAsked], 8),
      'could not read the tokens of 8 of 8 users:\n  - "ada": A.\n  - 7 were not asked for, after a while',
    );
  });

  it("is safe to print", () => {
    const error = new SettingsError("username cannot be used");
    assert.match(
      describeFailedReads([toFailedRead("a\u001b[2J", error)], 1),
      /"a\\u001b\[2J": username cannot be used/,
    );
  });
});
