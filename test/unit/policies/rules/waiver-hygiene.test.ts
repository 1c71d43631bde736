import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { waiverHygiene } from "../../../../policies/rules/waiver-hygiene";
import { checkStack, waiver, without } from "../../support";

const facts = (stack: Parameters<typeof checkStack>[1], config: object = {}) =>
  checkStack(waiverHygiene, stack, config).map(({ message }) => /\): (.*)\. Renew, /.exec(message)?.[1]);

describe("waiver-hygiene", () => {
  it("says which waiver it is, for what and whom, what is wrong, and what to do", () => {
    const waivers = [waiver({ expires: "2026-02-28" })];
    assert.deepEqual(checkStack(waiverHygiene, { waivers }), [
      {
        message: "waiver WVR-1 (tokens-must-expire, svc_bi): it expired on 2026-02-28. Renew, complete or delete it.",
      },
    ]);
  });

  it("has nothing to say where nothing is waived", () => assert.deepEqual(checkStack(waiverHygiene, {}), []));

  it("finds each fault of each waiver, in the order of the file", () => {
    const unowned = without(waiver({ id: "2", reason: "short" }), "owner");
    const waivers = [waiver({ id: "1", expires: "2026-06-01" }), unowned];
    assert.deepEqual(facts({ waivers }), [
      "it ends on 2026-06-01, more than 90 days from now",
      "its reason has fewer than 10 characters",
      "it has no owner",
    ]);
  });

  it("goes by its settings", () => {
    const waivers = [waiver({ expires: "2026-03-31" })];
    assert.deepEqual(facts({ waivers }, { maxDays: 30 }), []);
    assert.deepEqual(facts({ waivers }, { maxDays: 29 }), ["it ends on 2026-03-31, more than 29 days from now"]);
    assert.deepEqual(facts({ waivers }, { requireTicket: true }), ["it has no ticket"]);
    assert.deepEqual(facts({ waivers: [waiver({ ticket: "SEC-1" })] }, { requireTicket: true }), []);
  });

  const unused = "no violation matches it any more";
  for (const { title, waivers, stack, expected } of [
    {
      title: "finds a waiver that nothing needed",
      waivers: [waiver()],
      stack: { usernames: ["svc_bi"] },
      expected: [unused],
    },
    {
      title: "passes a waiver that was needed",
      waivers: [waiver()],
      stack: { usernames: ["svc_bi"], usedWaivers: ["WVR-1"] },
      expected: [],
    },
    {
      title: "passes one whose user is not in this stack",
      waivers: [waiver()],
      stack: { usernames: ["ada"] },
      expected: [],
    },
    {
      title: "finds one whose glob some user here matches",
      waivers: [waiver({ user: "svc_*" })],
      stack: { usernames: ["ada", "svc_x"] },
      expected: [unused],
    },
    {
      title: "passes one that may be needed by a user who is not known yet",
      waivers: [waiver()],
      stack: { usernames: ["svc_bi"], hasUnknown: true },
      expected: [],
    },
    {
      title: "does not say of an expired one that it is unused, too",
      waivers: [waiver({ expires: "2026-01-01" })],
      stack: { usernames: ["svc_bi"] },
      expected: ["it expired on 2026-01-01"],
    },
    {
      title: "tells several apart by their ids",
      waivers: [waiver(), waiver({ id: "WVR-2" })],
      stack: { usernames: ["svc_bi"], usedWaivers: ["WVR-2"] },
      expected: [unused],
    },
  ]) {
    it(title, () => assert.deepEqual(facts({ waivers, ...stack }), expected));
  }

  it("shows odd waivers safely", () => {
    const waivers = [waiver({ id: "W\u001b", user: "u\n", reason: "" })];
    assert.equal(
      checkStack(waiverHygiene, { waivers })[0]?.message,
      "waiver W\\u001b (tokens-must-expire, u\\u000a): its reason has fewer than 10 characters. Renew, complete or delete it.",
    );
  });
});
