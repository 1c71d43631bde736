import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { declareUsername } from "../../../provider/declared-usernames";

describe("usernames that are declared in one tick", () => {
  const declare = (...usernames: unknown[]) => usernames.map(declareUsername);
  const nextOf = (declarations: ReturnType<typeof declare>) =>
    Promise.all(declarations.map(({ next = Promise.resolve(undefined) }) => next));

  it("are sent by the first of them", async () => {
    const first = declare("a", "b", "c");
    assert.deepEqual(await nextOf(first), [["b", "c"], undefined, undefined]);
    assert.deepEqual(await nextOf(declare("d", "e")), [["e"], undefined]);
  });

  it("are sent in chunks", async () => {
    const next = await nextOf(declare(...Array.from({ length: 70 }, (_, index) => `u${index}`)));
    const sent = next.flatMap((usernames, index) => (usernames ? [[index, usernames.length, usernames[0]]] : []));
    // The last chunk is sent by the one before.
    assert.deepEqual(sent, [
      [0, 63, "u1"],
      [32, 6, "u64"],
    ]);
  });

  it("go to the engine in their order, and after those that send them", async () => {
    const order: number[] = [];
    const declarations = declare(...Array.from({ length: 70 }, (_, index) => `u${index}`));
    await Promise.all(declarations.map(({ turn }, index) => turn.then(() => order.push(index))));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.equal(order.length, 70);

    const began: number[] = [];
    const waits = declare("a", pulumi.output("x"), "b").map(({ turn, next }, index) =>
      (next ?? turn).then(() => began.push(index)),
    );
    await Promise.all(waits);
    assert.deepEqual(began, [0, 1, 2]);
  });

  it("are plain strings alone", async () => {
    const declarations = declare("a", pulumi.output("b"), Promise.resolve("c"), pulumi.secret("d"), undefined, "e");
    assert.deepEqual(await nextOf(declarations), [["e"], ...Array<undefined>(5).fill(undefined)]);
  });

  it("are nothing where there is one", async () => {
    assert.deepEqual(await nextOf(declare(pulumi.output("b"), "a")), [undefined, undefined]);
  });
});
