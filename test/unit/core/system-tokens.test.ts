import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { systemPurposeOf } from "../../../core/system-tokens";
import type { UserToken } from "../../../core/user-token";
import { userToken } from "../support";

/** What each of a user's tokens was made for. */
const purposes = (...tokens: Partial<UserToken>[]) => {
  const all = tokens.map((fields, index) => userToken({ id: `t${index}`, ...fields }));
  return all.map((token) => systemPurposeOf(token, all));
};

describe("systemPurposeOf", () => {
  it("knows MotherDuck's own tokens by their names", () => {
    assert.deepEqual(purposes({ name: "MotherDuck Extension" }, { name: "MotherDuck Flights" }, { name: "laptop" }), [
      "extension",
      "flights",
      undefined,
    ]);
  });

  for (const { title, fields } of [
    { title: "a name in other cases", fields: { name: "motherduck flights" } },
    { title: "a name with a space around it", fields: { name: "MotherDuck Flights " } },
    { title: "a name that begins so", fields: { name: "MotherDuck Flights 2" } },
    { title: "the name of something that every object has", fields: { name: "constructor" } },
    {
      title: "a read_scaling token",
      fields: { name: "MotherDuck Flights", tokenType: "read_scaling", readOnly: true },
    },
    { title: "a type that is not known", fields: { name: "MotherDuck Flights", tokenType: "read_future" } },
    { title: "a token that is read_write, but readOnly", fields: { name: "MotherDuck Flights", readOnly: true } },
  ]) {
    it(`does not know ${title}`, () => assert.deepEqual(purposes(fields), [undefined]));
  }

  it("does not know a token without a name", () => {
    const { name, ...nameless } = userToken({ id: "a" });
    void name;
    assert.equal(systemPurposeOf(nameless, [nameless]), undefined);
  });

  it("knows none of two of one name: one of them a user has made", () => {
    const flights = { name: "MotherDuck Flights" };
    assert.deepEqual(purposes(flights, flights), [undefined, undefined]);
    assert.deepEqual(purposes(flights, { ...flights, tokenType: "read_scaling" }), [undefined, undefined]);
    assert.deepEqual(purposes(flights, { name: "MotherDuck Extension" }), ["flights", "extension"]);
  });
});
