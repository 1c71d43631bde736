import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  agreedDetails,
  DETAIL_NAMES,
  detailsOf,
  hasDetails,
  sameDetails,
  sortRoles,
  usersNamed,
} from "../../../core/user";

const ada = { isServiceAccount: false, isDeprovisioned: true };
const admin = { ...ada, email: "ada@example.com", roles: ["admin", "builder"] };

describe("the details of a user", () => {
  it("are these", () => {
    assert.deepEqual(DETAIL_NAMES, ["isServiceAccount", "isDeprovisioned", "email", "roles"]);
  });

  it("are taken alone, and only where they are of their type", () => {
    assert.deepEqual(detailsOf({ ...ada, ...{ id: "1", username: "ada" } }), ada);
    for (const isDeprovisioned of [undefined, null, "false", 0]) {
      assert.deepEqual(detailsOf({ ...ada, isDeprovisioned }), { isServiceAccount: false });
    }
    assert.deepEqual(detailsOf(admin), admin);
    for (const roles of [undefined, null, "admin", ["admin", 1], { 0: "admin" }]) {
      assert.deepEqual(detailsOf({ ...ada, email: 1, roles }), ada);
    }
  });

  it("are not known where two users do not agree", () => {
    assert.deepEqual(agreedDetails(ada, ada), ada);
    assert.deepEqual(agreedDetails(ada, { ...ada, isDeprovisioned: false }), { isServiceAccount: false });
    assert.deepEqual(agreedDetails(ada, { isDeprovisioned: true }), { isDeprovisioned: true });
    assert.deepEqual(agreedDetails({}, ada), {});
    assert.deepEqual(agreedDetails({}, {}), {});
    assert.deepEqual(agreedDetails(admin, { ...admin, roles: ["builder", "admin"] }), admin);
    assert.deepEqual(agreedDetails(admin, { ...admin, email: "eve@example.com", roles: ["admin"] }), ada);
  });

  it("are the same where each is, told or not", () => {
    assert.ok(sameDetails(ada, { ...ada }));
    assert.ok(sameDetails({}, {}));
    assert.ok(!sameDetails(ada, { ...ada, isServiceAccount: true }));
    assert.ok(!sameDetails(ada, { isServiceAccount: false }));
    assert.ok(sameDetails(admin, { ...admin, roles: ["builder", "admin", "builder"] }));
    assert.ok(!sameDetails(admin, { ...admin, roles: ["admin"] }));
    assert.ok(!sameDetails(admin, { ...admin, email: "eve@example.com" }));
    assert.ok(!sameDetails(admin, ada));
    assert.ok(!sameDetails({ roles: [] }, {}));
  });

  it("can be absent, and are never of another type", () => {
    assert.ok(hasDetails(ada));
    assert.ok(hasDetails({}));
    assert.ok(hasDetails(admin));
    assert.ok(!hasDetails({ ...admin, email: null }));
    assert.ok(!hasDetails({ ...admin, roles: "admin" }));
    assert.ok(!hasDetails({ ...admin, roles: [null] }));
    assert.ok(!hasDetails({ ...ada, isServiceAccount: null }));
    assert.ok(!hasDetails({ ...ada, isDeprovisioned: "no" }));
  });
});

describe("sortRoles", () => {
  it("sorts by code unit, each once", () => {
    assert.deepEqual(sortRoles(["b", "a", "B", "a"]), ["B", "a", "b"]);
  });
});

describe("usersNamed", () => {
  it("gives each name once, in order", () => {
    assert.deepEqual(usersNamed(["b", "a", "b"]), [{ username: "b" }, { username: "a" }]);
  });
});
