import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as v from "valibot";
import { LIMITS } from "../../../client/settings";
import { ApiSchema } from "../../../policies/api";

describe("the settings of the pack's own reads", () => {
  for (const [key, { min, max, whole }] of Object.entries(LIMITS)) {
    it(`have the client's limits of ${key}`, () => {
      const takes = (value: number) => v.safeParse(ApiSchema, { [key]: value }).success;
      assert.deepEqual([min, max].map(takes), [true, true]);
      assert.deepEqual([min / 2, max + 1, 0, -1].map(takes), [false, false, false, false]);
      assert.equal(takes(1.5), !whole);
    });
  }
});
