import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { UserToken } from "../../../../core/user-token";
import type { OwnReading, UserEvidence } from "../../../../policies/rule";
import { evidenceVerified } from "../../../../policies/rules";
import { at, check, userToken } from "../../support";

const [a, b] = [userToken({ id: "a" }), userToken({ id: "b" })];

function read(tokens: readonly UserToken[], flags: object = {}): OwnReading {
  return { kind: "tokens", tokens, fetchedAt: at(0), ...flags };
}

/** What the rule says, without the beginning and the end that all its comparisons have. */
function differences(user: Partial<UserEvidence>): string[] {
  return check(evidenceVerified, { fetchedAt: at(0), ...user }).map(({ message }) =>
    message
      .replace("svc_bi: the evidence is not what the API tells: ", "")
      .replace(". Find out who changed the evidence on its way to the pack.", ""),
  );
}

describe("evidence-verified", () => {
  for (const { title, user, says } of [
    { title: "the same tokens", user: { tokens: [a, b], own: read([a, b]) }, says: [] },
    { title: "the same tokens in another order", user: { tokens: [b, a], own: read([a, b]) }, says: [] },
    { title: "no tokens", user: { own: read([]) }, says: [] },
    { title: "a token that was taken out", user: { tokens: [a], own: read([a, b]) }, says: ['missing "b" (b)'] },
    {
      title: "a token that was put in",
      user: { tokens: [a, b], own: read([a]) },
      says: ['added, or revoked since "b" (b)'],
    },
    {
      title: "a token that is used twice",
      user: { tokens: [a, a], own: read([a]) },
      says: ["a token is there more than once"],
    },
    {
      title: "a token with another date and name",
      user: { tokens: [{ ...a, name: "x", expireAt: at(3) }], own: read([a]) },
      says: [`altered "a" (a): name "x" in place of "a", expireAt "${at(3)}" in place of "${at(30)}"`],
    },
    {
      title: "a token that got a date",
      user: { tokens: [a], own: read([{ ...a, expireAt: null as never }]) },
      says: [`altered "a" (a): expireAt "${at(30)}" in place of nothing`],
    },
    {
      title: "a token that was created after the evidence was read",
      user: { own: read([{ ...a, createdTs: at(0, 1) }]) },
      says: ['created after the evidence was read (run again) "a" (a)'],
    },
    {
      title: "a token that was created when nobody knows how old the evidence is",
      user: { fetchedAt: "soon", own: read([{ ...a, createdTs: at(0, 1) }]) },
      says: ['missing "a" (a)'],
    },
    {
      title: "details that both know, and that differ",
      user: { isDeprovisioned: false, isServiceAccount: true, own: read([], { isDeprovisioned: true }) },
      says: ["isDeprovisioned is false in place of true"],
    },
    {
      title: "a description that the evidence does not include",
      user: { tokens: [a], own: read([{ ...a, description: "For the dashboards" }]) },
      says: [],
    },
    {
      title: "another description, without its words",
      user: { tokens: [{ ...a, description: "Mine" }], own: read([{ ...a, description: "For the dashboards" }]) },
      says: ['altered "a" (a): another description'],
    },
    {
      title: "another field, and a description that the evidence does not include",
      user: { tokens: [a], own: read([{ ...a, readOnly: true, description: "For the dashboards" }]) },
      says: ['altered "a" (a): readOnly false in place of true'],
    },
    {
      title: "roles that are not the user's",
      user: { roles: ["explorer"], own: read([], { roles: ["admin", "builder"] }) },
      says: ["roles is [explorer] in place of [admin, builder]"],
    },
    {
      title: "roles in another order",
      user: { roles: ["builder", "admin"], own: read([], { roles: ["admin", "builder"] }) },
      says: [],
    },
    {
      title: "another e-mail address, without its words",
      user: { email: "eve@example.com", own: read([], { email: "ada@example.com" }) },
      says: ["another email"],
    },
    {
      title: "an e-mail address and roles that the evidence leaves out",
      user: { isListingExpected: true, own: read([], { email: "ada@example.com", roles: ["admin"] }) },
      says: [],
    },
    {
      title: "a detail that the evidence does not include",
      user: { isListingExpected: true, own: read([], { isDeprovisioned: true }) },
      says: [],
    },
  ]) {
    it(`${says.length === 0 ? "passes" : "fires on"} ${title}`, () => {
      assert.deepEqual(differences(user), says);
    });
  }

  it("names ten tokens of a kind, and how many more there are", () => {
    const many = Array.from({ length: 12 }, (_, index) => userToken({ id: String(index) }));
    const [message = ""] = differences({ own: read(many) });
    assert.match(message, /"9" \(9\) and 2 more$/);
  });

  it("fires on who could not be read, was left out, or was read by nobody", () => {
    const messages = [{ own: { kind: "failed", reason: "no answer." } }, { own: { kind: "leftOut" } }, {}].map((user) =>
      check(evidenceVerified, user as Partial<UserEvidence>).map(({ message }) => message),
    );
    assert.deepEqual(messages, [
      ["svc_bi: the evidence cannot be verified: no answer."],
      [
        "svc_bi: the evidence should hold this user, and leaves it out. Find out who changed the evidence on its way to the pack.",
      ],
      [
        "svc_bi: the evidence cannot be verified: nobody read these tokens a second time. Judge them by the pack or by the audit.",
      ],
    ]);
  });

  it("shows names that are not safe to print in their escaped form", () => {
    const [{ message } = { message: "" }] = check(evidenceVerified, { username: "e\u001b[2J", own: read([a]) });
    assert.match(message, /^e\\u001b\[2J: the evidence/);
  });
});
