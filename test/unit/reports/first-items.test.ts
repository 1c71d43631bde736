import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { FirstItems } from "../../../reports/first-items";

const byNumber = (one: number, other: number) => one - other;

describe("the first items", () => {
  it("are those of a sorted list, however many come, and in whatever order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer(), { maxLength: 50 }),
        fc.integer({ min: 1, max: 10 }),
        (numbers, limit) => {
          const first = new FirstItems<number>(limit, byNumber);
          for (const number of numbers) first.set(String(number), number);
          const { items, leftOut } = first.take();
          assert.deepEqual(items, [...numbers].sort(byNumber).slice(0, limit));
          assert.equal(items.length + leftOut, numbers.length);
        },
      ),
    );
  });

  it("are one a key: the last that was set", () => {
    const first = new FirstItems<number>(2, byNumber);
    first.set("a", 3);
    assert.equal(first.get("a"), 3);
    first.set("a", 1);
    first.set("b", 2);
    assert.deepEqual(first.take(), { items: [1, 2], leftOut: 0 });
  });

  it("are the first ones, and each counted once, also where keys come again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer()), { maxLength: 100 }),
        fc.integer({ min: 1, max: 5 }),
        (entries, limit) => {
          const first = new FirstItems<number>(limit, byNumber, { returning: true });
          const all = new Map<string, number>();
          for (const [key, number] of entries) {
            const name = String(key);
            first.set(name, Math.min(number, first.get(name) ?? Infinity));
            all.set(name, Math.min(number, all.get(name) ?? Infinity));
          }
          const { items, leftOut } = first.take();
          assert.deepEqual(items, [...all.values()].sort(byNumber).slice(0, limit));
          assert.equal(items.length + leftOut, all.size);
        },
      ),
    );
  });

  it("are all without a limit", () => {
    const first = new FirstItems<number>(Infinity, byNumber);
    for (const number of [3, 1, 2]) first.set(String(number), number);
    assert.deepEqual(first.take(), { items: [1, 2, 3], leftOut: 0 });
  });
});
