import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { agreedDetails, DETAIL_NAMES, detailsOf, hasDetails, sameDetails, usersNamed } from "../../../core/user";

const ada = { isServiceAccount: false, isDeprovisioned: true };

describe("the details of a user", () => {
  it("are these", () => {
    assert.deepEqual(DETAIL_NAMES, ["isServiceAccount", "isDeprovisioned"]);
  });

  it("are taken alone, and only where they are of their type", () => {
    assert.deepEqual(detailsOf({ ...ada, ...{ id: "1", username: "ada" } }), ada);
    for (const isDeprovisioned of [undefined, null, "false", 0]) {
      assert.deepEqual(detailsOf({ ...ada, isDeprovisioned }), { isServiceAccount: false });
    }
  });

  it("are not known where two users do not agree", () => {
    assert.deepEqual(agreedDetails(ada, ada), ada);
    assert.deepEqual(agreedDetails(ada, { ...ada, isDeprovisioned: false }), { isServiceAccount: false });
    assert.deepEqual(agreedDetails(ada, { isDeprovisioned: true }), { isDeprovisioned: true });
    assert.deepEqual(agreedDetails({}, ada), {});
    assert.deepEqual(agreedDetails({}, {}), {});
  });

  it("are the same where each is, told or not", () => {
    assert.ok(sameDetails(ada, { ...ada }));
    assert.ok(sameDetails({}, {}));
    assert.ok(!sameDetails(ada, { ...ada, isServiceAccount: true }));
    assert.ok(!sameDetails(ada, { isServiceAccount: false }));
  });

  it("can be absent, and are never of another type", () => {
    assert.ok(hasDetails(ada));
    assert.ok(hasDetails({}));
    assert.ok(!hasDetails({ ...ada, isServiceAccount: null }));
    assert.ok(!hasDetails({ ...ada, isDeprovisioned: "no" }));
  });
});

describe("usersNamed", () => {
  it("gives each name once, in order", () => {
    assert.deepEqual(usersNamed(["b", "a", "b"]), [{ username: "b" }, { username: "a" }]);
  });
});
