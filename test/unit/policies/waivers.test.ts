import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { DAY } from "../../../core/duration";
import {
  compileWaivers,
  createWaiverMatcher,
  describeWaiver,
  findWaiverFaults,
  refuseWaiver,
  type WaivableViolation,
  type Waiver,
} from "../../../policies/waivers";
import { NOW, waiver, without } from "../support";

const LIMITS = { maxDays: 90, requireTicket: false };
const faults = (fields: Partial<Waiver>, limits: Partial<typeof LIMITS> = {}, now = NOW) =>
  findWaiverFaults(waiver(fields), { ...LIMITS, ...limits }, now);
const lastInstantOf = (day: string) => Date.parse(`${day}T23:59:59.999Z`);

describe("findWaiverFaults", () => {
  it("finds none in a waiver that is complete", () => assert.deepEqual(faults({}), []));

  for (const { title, fields, limits, expected } of [
    { title: "a reason of exactly ten characters", fields: { reason: "1234567890" } },
    {
      title: "a reason of nine",
      fields: { reason: "123456789" },
      expected: ["its reason has fewer than 10 characters"],
    },
    {
      title: "a reason made long by spaces",
      fields: { reason: `   short${" ".repeat(10)}` },
      expected: ["its reason has fewer than 10 characters"],
    },
    { title: "an empty reason", fields: { reason: "" }, expected: ["its reason has fewer than 10 characters"] },
    { title: "an empty owner", fields: { owner: "" }, expected: ["it has no owner"] },
    { title: "a blank owner", fields: { owner: " \t" }, expected: ["it has no owner"] },
    { title: "no ticket, where none is needed", fields: {} },
    {
      title: "no ticket, where one is needed",
      fields: {},
      limits: { requireTicket: true },
      expected: ["it has no ticket"],
    },
    {
      title: "a blank ticket, where one is needed",
      fields: { ticket: " " },
      limits: { requireTicket: true },
      expected: ["it has no ticket"],
    },
    { title: "a ticket, where one is needed", fields: { ticket: "SEC-1" }, limits: { requireTicket: true } },
    {
      title: "a day that does not exist",
      fields: { expires: "2026-02-30" },
      expected: ["expires 2026-02-30 is not a date"],
    },
    {
      title: "a leap day of a year without one",
      fields: { expires: "2027-02-29" },
      expected: ["expires 2027-02-29 is not a date"],
    },
    {
      title: "a month that does not exist",
      fields: { expires: "2026-13-01" },
      expected: ["expires 2026-13-01 is not a date"],
    },
    {
      title: "an instant in place of a day",
      fields: { expires: "2026-03-05T00:00:00Z" },
      expected: ["expires 2026-03-05T00:00:00Z is not a date"],
    },
    { title: "no date at all", fields: { expires: "never" }, expected: ["expires never is not a date"] },
    { title: "the day ninety days from now", fields: { expires: "2026-05-30" } },
    {
      title: "the day after",
      fields: { expires: "2026-05-31" },
      expected: ["it ends on 2026-05-31, more than 90 days from now"],
    },
    { title: "a day within its own limit", fields: { expires: "2026-03-02" }, limits: { maxDays: 1 } },
    {
      title: "a day beyond its own limit",
      fields: { expires: "2026-03-03" },
      limits: { maxDays: 1 },
      expected: ["it ends on 2026-03-03, more than 1 day from now"],
    },
    {
      title: "the end of all dates",
      fields: { expires: "9999-12-31" },
      expected: ["it ends on 9999-12-31, more than 90 days from now"],
    },
    { title: "today", fields: { expires: "2026-03-01" } },
    { title: "yesterday", fields: { expires: "2026-02-28" }, expected: ["it expired on 2026-02-28"] },
  ]) {
    it(`${expected ? "finds" : "passes"} ${title}`, () =>
      assert.deepEqual(faults(fields, limits).slice(0, 1), expected ?? []));
  }

  it("finds a reason and an owner that are missing", () => {
    const bare = without(waiver(), "reason", "owner");
    assert.deepEqual(findWaiverFaults(bare, LIMITS, NOW), [
      "its reason has fewer than 10 characters",
      "it has no owner",
    ]);
  });

  it("lets a waiver hold to the end of its last day in UTC, and no longer", () => {
    for (const day of ["2026-03-31", "2024-02-29", "2026-03-29", "2026-12-31"]) {
      assert.deepEqual(faults({ expires: day }, {}, lastInstantOf(day)), []);
      assert.deepEqual(faults({ expires: day }, {}, lastInstantOf(day) + 1), [`it expired on ${day}`]);
    }
  });

  it("counts the cap from now, whatever the hour", () => {
    const fault = ["it ends on 2026-05-30, more than 90 days from now"];
    assert.deepEqual(faults({ expires: "2026-05-30" }, {}, Date.parse("2026-03-01T00:00:00Z")), []);
    assert.deepEqual(faults({ expires: "2026-05-30" }, {}, Date.parse("2026-02-28T23:59:59.999Z")), fault);
  });

  it("finds all faults at once", () => {
    const found = faults({ reason: "x", owner: "", expires: "2020-01-01" }, { requireTicket: true });
    assert.equal(found.length, 4);
  });
});

describe("refuseWaiver", () => {
  for (const { user, token, refused } of [
    { user: "*", token: undefined, refused: true },
    { user: "*", token: "*", refused: true },
    { user: "**", token: "?*", refused: true },
    { user: "*?*", token: undefined, refused: true },
    { user: "*", token: "nightly", refused: false },
    { user: "svc_*", token: "*", refused: false },
    { user: "svc_*", token: undefined, refused: false },
    { user: "ada", token: undefined, refused: false },
  ]) {
    it(`${refused ? "refuses" : "takes"} a waiver for ${user} and ${token ?? "no token"}`, () => {
      const refusal = refuseWaiver(waiver({ user, ...(token !== undefined && { token }) }));
      assert.equal(refusal, refused ? "waives every token of every user; name the user or the token" : undefined);
    });
  }
});

describe("createWaiverMatcher", () => {
  const violation: WaivableViolation = {
    rule: "tokens-must-expire",
    username: "svc_bi",
    tokenId: "7c1f",
    tokenName: "nightly",
  };
  const match = (waivers: readonly Waiver[], fields: Partial<WaivableViolation> = {}) =>
    createWaiverMatcher(waivers, LIMITS, NOW)({ ...violation, ...fields })[0]?.id;

  for (const { title, fields, about, matches } of [
    { title: "a user's violation without a token", fields: {}, matches: true },
    {
      title: "a violation about the user as a whole",
      fields: {},
      about: { tokenId: undefined, tokenName: undefined },
      matches: true,
    },
    { title: "another rule's", fields: {}, about: { rule: "max-token-age" }, matches: false },
    { title: "another user's", fields: {}, about: { username: "svc_bi2" }, matches: false },
    { title: "a user's in capitals", fields: {}, about: { username: "SVC_BI" }, matches: false },
    { title: "users by a glob", fields: { user: "svc_*" }, matches: true },
    { title: "other users by a glob", fields: { user: "svc_?" }, matches: false },
    { title: "a token by its id", fields: { token: "7c1f" }, matches: true },
    { title: "a token by the start of its id", fields: { token: "7c" }, matches: false },
    { title: "a token by a glob for its id", fields: { token: "7c*" }, matches: false },
    { title: "a token by its name", fields: { token: "nightly" }, matches: true },
    { title: "a token by a name in capitals", fields: { token: "Nightly" }, matches: false },
    { title: "a token by a glob for its name", fields: { token: "night*" }, matches: true },
    { title: "a token by another glob", fields: { token: "day*" }, matches: false },
    { title: "all of one user's tokens by a glob", fields: { token: "*" }, matches: true },
    {
      title: "a token without a name by a glob",
      fields: { token: "*" },
      about: { tokenName: undefined },
      matches: false,
    },
    {
      title: "a token without a name by its id",
      fields: { token: "7c1f" },
      about: { tokenName: undefined },
      matches: true,
    },
    {
      title: "a violation about the user by a waiver for a token",
      fields: { token: "*" },
      about: { tokenId: undefined, tokenName: undefined },
      matches: false,
    },
    {
      title: "a token of another user by its id",
      fields: { token: "7c1f" },
      about: { username: "ada" },
      matches: false,
    },
    { title: "brackets in a name as what they are", fields: { token: "[n]ightly" }, matches: false },
  ]) {
    it(`${matches ? "waives" : "does not waive"} ${title}`, () => {
      assert.equal(match([waiver(fields)], about), matches ? "WVR-1" : undefined);
    });
  }

  it("does not pass a waiver by id on to a token that took over the name", () => {
    const byId = [waiver({ token: "7c1f" })];
    assert.equal(match(byId), "WVR-1");
    assert.equal(match(byId, { tokenId: "9e00" }), undefined);
    // By name it does: that is why the id is better.
    assert.equal(match([waiver({ token: "nightly" })], { tokenId: "9e00" }), "WVR-1");
  });

  it("gives all of several that hold, the one that ends last first, whatever their order", () => {
    const all = [
      waiver({ id: "other", user: "ada" }),
      waiver({ id: "old", expires: "2026-03-02", token: "7c1f" }),
      waiver({ id: "new", expires: "2026-05-01" }),
      waiver({ id: "b" }),
      waiver({ id: "a" }),
      waiver({ id: "expired", expires: "2026-02-01" }),
    ];
    const ids = (waivers: readonly Waiver[], fields: Partial<WaivableViolation> = {}) =>
      createWaiverMatcher(waivers, LIMITS, NOW)({ ...violation, ...fields }).map(({ id }) => id);
    assert.deepEqual(ids(all), ["new", "a", "b", "old"]);
    assert.deepEqual(ids(all.toReversed()), ["new", "a", "b", "old"]);
    assert.deepEqual(ids(all, { tokenId: "9e00" }), ["new", "a", "b"]);
  });

  const unowned = without(waiver({ id: "faulty" }), "owner");
  for (const [title, faulty] of Object.entries({
    "that has expired": waiver({ expires: "2026-02-28" }),
    "that ends too late": waiver({ expires: "2026-05-31" }),
    "that ends on no day": waiver({ expires: "2026-02-30" }),
    "without an owner": unowned,
    "without a reason": waiver({ reason: "" }),
  })) {
    it(`hides nothing by a waiver ${title}, and goes on to the next`, () => {
      assert.equal(match([faulty]), undefined);
      assert.equal(match([faulty, waiver({ id: "good" })]), "good");
    });
  }

  it("hides nothing without a ticket where one is needed", () => {
    const limits = { ...LIMITS, requireTicket: true };
    assert.deepEqual(createWaiverMatcher([waiver()], limits, NOW)(violation), []);
    assert.equal(createWaiverMatcher([waiver({ ticket: "SEC-1" })], limits, NOW)(violation)[0]?.id, "WVR-1");
  });
});

describe("compileWaivers", () => {
  it("judges a waiver by the instant that is asked for, again and again", () => {
    const waiversAt = compileWaivers([waiver({ id: "short", expires: "2026-03-01" }), waiver({ id: "long" })]);
    const violation = { rule: "tokens-must-expire", username: "svc_bi" };
    const days = [0, 1, 100, 0].map((day) => waiversAt(LIMITS, NOW + day * DAY)(violation).map(({ id }) => id));
    assert.deepEqual(days, [["long", "short"], ["long"], [], ["long", "short"]]);
  });
});

describe("describeWaiver", () => {
  it("says which waiver it is, until when, whose, and why", () => {
    assert.equal(
      describeWaiver(waiver()),
      "waived by WVR-1 until 2026-03-31 (data-platform@example.com): The vendor cannot rotate yet",
    );
  });

  it("shows odd text safely", () => {
    assert.equal(
      describeWaiver(waiver({ id: "W\n", owner: "\u001b[2J", reason: "a\r\nb" })),
      "waived by W\\u000a until 2026-03-31 (\\u001b[2J): a\\u000d\\u000ab",
    );
  });
});
