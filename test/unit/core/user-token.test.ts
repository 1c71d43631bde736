import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { decodeToken, encodeToken, isTokenList, sameTokens, sortTokens, tellsTruth } from "../../../core/user-token";
import { endlessToken, userToken } from "../support";

const old = userToken({ id: "c", createdTs: "2024-01-01T00:00:00Z" });
const recent = userToken({ id: "b", createdTs: "2025-01-01T00:00:00Z" });

describe("encodeToken", () => {
  it("shows by number what is unsafe to print, in each text, and cuts nothing", () => {
    const hostile = "\u001b[2J\n\u202e" + "x".repeat(1000);
    const token = encodeToken(
      userToken({
        id: hostile,
        name: hostile,
        description: hostile,
        expireAt: hostile,
        createdTs: hostile,
        tokenType: hostile,
      }),
    );
    const { readOnly, ...texts } = token;
    assert.equal(readOnly, false);
    assert.deepEqual(new Set(Object.values(texts)), new Set(["\\u001b[2J\\u000a\\u202e" + "x".repeat(1000)]));
  });

  it("leaves other tokens as they are, and adds no field", () => {
    for (const token of [userToken({ id: "a", name: 'Zoë "日本" 🦆' }), endlessToken({ id: "b" })]) {
      assert.equal(encodeToken(token), token);
      assert.equal(decodeToken(token), token);
    }
  });
});

describe("decodeToken", () => {
  it("gives back each text, whatever it is, and null for null", () => {
    const hostile = "\u001b[2J\\u001b\n\u202e\ud83d";
    const token = {
      ...userToken({ id: hostile, name: hostile, description: hostile, createdTs: hostile, tokenType: hostile }),
      expireAt: null as never,
    };
    assert.deepEqual(decodeToken(encodeToken(token)), token);
  });
});

describe("tellsTruth", () => {
  const real = [userToken({ id: "a", description: "for the dashboards" }), userToken({ id: "b" })];

  it("holds of the same tokens, in any order, also where descriptions are left out", () => {
    assert.ok(tellsTruth([...real].reverse(), real));
    assert.ok(tellsTruth([userToken({ id: "a" }), userToken({ id: "b" })], real));
    assert.ok(!sameTokens([userToken({ id: "a" }), userToken({ id: "b" })], real));
  });

  it("does not hold of another description, one that is not there, or anything else", () => {
    const [a, b] = [userToken({ id: "a", description: "for me" }), userToken({ id: "b", description: "for me" })];
    for (const told of [[a, real[1]], [real[0], b], [real[0]], [], "tokens", undefined]) {
      assert.ok(!tellsTruth(told, real));
    }
    assert.ok(!tellsTruth([userToken({ id: "a", name: "another" }), real[1]], real));
  });
});

describe("sortTokens", () => {
  const idsOf = (...dates: [id: string, createdTs: string][]) =>
    sortTokens(dates.map(([id, createdTs]) => userToken({ id, createdTs }))).map(({ id }) => id);

  it("puts the oldest token first", () => {
    assert.deepEqual(sortTokens([recent, old]), [old, recent]);
  });

  it("compares instants, not texts", () => {
    assert.deepEqual(idsOf(["late", "2024-01-01 00:30:00Z"], ["early", "2024-01-01T01:00:00+02:00"]), [
      "early",
      "late",
    ]);
  });

  it("orders tokens of one instant by their id, by code unit", () => {
    assert.deepEqual(
      idsOf(["ä", "2024-01-01"], ["a", "2024-01-01T00:00Z"], ["B", "2024-01-01T02:00+02"], ["b", "2024-01-01"]),
      ["B", "a", "b", "ä"],
    );
  });

  it("puts tokens whose creation cannot be read last, by their id", () => {
    assert.deepEqual(idsOf(["z", "once"], ["y", ""], ["x", "9999-12-31"]), ["x", "y", "z"]);
  });

  it("leaves the list that it was given alone", () => {
    const given = Object.freeze([recent, old]);
    sortTokens(given);
    assert.deepEqual(given, [recent, old]);
  });
});

describe("sameTokens", () => {
  it("does not care for the order", () => {
    assert.equal(sameTokens([old, recent], [recent, old]), true);
  });

  it("takes two empty lists for the same", () => {
    assert.equal(sameTokens([], []), true);
  });

  it("takes an absent field and a null one for the same", () => {
    assert.equal(sameTokens([endlessToken({ id: "a" })], [{ ...endlessToken({ id: "a" }), expireAt: null }]), true);
  });

  for (const [field, value] of [
    ["id", "d"],
    ["name", "another"],
    ["name", undefined],
    ["expireAt", undefined],
    ["expireAt", "2030-01-01"],
    ["createdTs", "2024-01-01T00:00:01Z"],
    ["readOnly", true],
    ["tokenType", "read_scaling"],
  ] as const) {
    it(`sees that ${field} became ${String(value)}`, () => {
      assert.equal(sameTokens([old], [{ ...old, [field]: value }]), false);
    });
  }

  it("sees that a token came or went", () => {
    assert.equal(sameTokens([old], [old, recent]), false);
    assert.equal(sameTokens([old, recent], [old]), false);
    assert.equal(sameTokens([old], [old, old]), false);
  });

  it("takes anything but a list of tokens for different from everything, even from itself", () => {
    for (const value of [undefined, null, "[secret]", {}, [{ id: "a" }]]) {
      assert.equal(sameTokens(value, value), false);
      assert.equal(sameTokens([], value), false);
      assert.equal(sameTokens(value, []), false);
    }
  });
});

describe("isTokenList", () => {
  it("takes tokens with and without their optional fields, and fields that it does not know", () => {
    const bare = { id: "a", createdTs: "x", readOnly: true, tokenType: "future" };
    assert.equal(
      isTokenList([old, endlessToken({ id: "b" }), bare, { ...bare, name: null, expireAt: null, more: 1 }]),
      true,
    );
    assert.equal(isTokenList([]), true);
  });

  for (const field of ["id", "createdTs", "readOnly", "tokenType"] as const) {
    it(`refuses a token without ${field}, or with another type of it`, () => {
      assert.equal(isTokenList([{ ...old, [field]: undefined }]), false);
      assert.equal(isTokenList([{ ...old, [field]: null }]), false);
      assert.equal(isTokenList([{ ...old, [field]: 1 }]), false);
    });
  }

  for (const field of ["name", "expireAt"] as const) {
    it(`refuses a token whose ${field} is no text`, () => {
      assert.equal(isTokenList([{ ...old, [field]: 1 }]), false);
      assert.equal(isTokenList([{ ...old, [field]: {} }]), false);
    });
  }

  it("rejects anything but a list, and a list with something else in it", () => {
    for (const value of [undefined, null, "[secret]", 0, {}, { length: 0 }, [null], [[]], ["a"], [old, undefined]]) {
      assert.equal(isTokenList(value), false);
    }
  });
});
