import assert from "node:assert/strict";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { describe, it } from "mocha";
import { SECRET, SIGNATURE } from "../../../core/engine-marks";
import { fromStruct, isSecret, plain, secret, toFailures, toStruct, typeOf } from "../../../plugin/protocol";
import { UNKNOWN_VALUE } from "../../../resources/evidence-resource";

describe("the plugin's words of the protocol", () => {
  it("are the SDK's", () => {
    assert.deepEqual([SIGNATURE, SECRET, UNKNOWN_VALUE], [specialSigKey, specialSecretSig, unknownValue]);
  });

  it("know secrets, and what is in them", () => {
    for (const value of [secret("x"), secret(secret("x"))]) {
      assert.ok(isSecret(value));
      assert.equal(plain(value), "x");
    }
    for (const value of ["x", null, undefined, {}, { [SIGNATURE]: "another kind" }]) {
      assert.ok(!isSecret(value));
      assert.equal(plain(value), value);
    }
  });

  it("carry properties there and back", () => {
    const properties = { text: "a", list: [{ yes: true, none: null }], number: 1.5, unknown: UNKNOWN_VALUE };
    assert.deepEqual(fromStruct(toStruct(properties)), properties);
    assert.deepEqual(fromStruct(undefined), {});
  });

  it("carry failures", () => {
    const [failure] = toFailures([{ property: "username", reason: "no" }]);
    assert.deepEqual(failure?.toObject(), { property: "username", reason: "no" });
    assert.deepEqual(toFailures(undefined), []);
  });

  it("find the type in a URN, also below a parent", () => {
    assert.equal(typeOf("urn:pulumi:dev::program::a:b:C::name"), "a:b:C");
    assert.equal(typeOf("urn:pulumi:dev::program::x:y:Parent$a:b:C::name::with::colons"), "a:b:C");
    assert.equal(typeOf("nonsense"), "");
  });
});
