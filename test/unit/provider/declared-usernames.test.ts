import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { usernamesAfter } from "../../../provider/declared-usernames";

const read = async (usernames: Promise<string | undefined> | undefined) =>
  JSON.parse((await usernames) ?? "[]") as string[];

describe("usernames that are declared next", () => {
  it("are those declared later, in the same tick", async () => {
    const first = [usernamesAfter("a"), usernamesAfter("b"), usernamesAfter("c")];
    assert.deepEqual(await Promise.all(first), [`["b","c"]`, `["c"]`, undefined]);
    const second = [usernamesAfter("d"), usernamesAfter("e")];
    assert.deepEqual(await Promise.all(second), [`["e"]`, undefined]);
  });

  it("are a bounded number", async () => {
    const all = Array.from({ length: 100 }, (_, index) => usernamesAfter(`u${index}`));
    const [first, last] = [await read(all[0]), await read(all[90])];
    assert.deepEqual([first.length, first[0], first.at(-1)], [32, "u1", "u32"]);
    assert.equal(last.length, 9);
  });

  it("are plain strings alone", async () => {
    const all = ["a", pulumi.output("b"), Promise.resolve("c"), pulumi.secret("d"), undefined, "e"].map(usernamesAfter);
    assert.deepEqual(await Promise.all(all), [...Array<string>(5).fill(`["e"]`), undefined]);
  });
});
