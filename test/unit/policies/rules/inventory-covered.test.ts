import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { inventoryCovered } from "../../../../policies/rules/inventory-covered";
import { checkStack } from "../../support";

const missing = (user: string, pattern = false, more: object = {}) => ({
  message: `${user}: no evidence ${pattern ? "of any user of this pattern" : "of this user"}. Declare UserTokens for it, or take it off the list.`,
  ...more,
});
const advisory = { enforcementLevel: "advisory" };
const none = {
  message:
    "there is no evidence: nothing here declares UserTokens or OrganizationTokens, so no token was judged. " +
    "Declare the users whose tokens matter; functions and reads by id are not seen.",
};

describe("inventory-covered", () => {
  for (const { title, usernames, hasUnknown, config, expected } of [
    { title: "passes a stack with evidence where nobody is expected", usernames: ["ada"], expected: [] },
    { title: "notes a stack without any evidence", usernames: [], expected: [{ ...none, ...advisory }] },
    {
      title: "finds it at its own level with requireEvidence",
      usernames: [],
      config: { requireEvidence: true },
      expected: [none],
    },
    {
      title: "passes evidence of users who are not known yet",
      usernames: [],
      hasUnknown: true,
      config: { requireEvidence: true },
      expected: [],
    },
    {
      title: "passes expected users who are there, and others",
      usernames: ["eve", "ada", "bob"],
      config: { users: ["ada", "bob"] },
      expected: [],
    },
    {
      title: "finds each expected user who is not there, in the list's order",
      usernames: ["ada"],
      config: { users: ["eve", "ada", "bob"] },
      expected: [missing("eve"), missing("bob")],
    },
    {
      title: "finds expected users in a stack without any evidence",
      usernames: [],
      config: { users: ["eve"] },
      expected: [missing("eve")],
    },
    {
      title: "only notes a missing user while another is not known yet",
      usernames: ["ada"],
      hasUnknown: true,
      config: { users: ["ada", "eve"] },
      expected: [missing("eve", false, advisory)],
    },
    {
      title: "passes a glob that one user matches",
      usernames: ["svc_etl"],
      config: { users: ["svc_*"] },
      expected: [],
    },
    {
      title: "finds a glob that no user matches",
      usernames: ["ada"],
      config: { users: ["svc_*"] },
      expected: [missing("svc_*", true)],
    },
    {
      title: "takes capitals for another user",
      usernames: ["Ada"],
      config: { users: ["ada"] },
      expected: [missing("ada")],
    },
    {
      title: "does not take a part of a name for the name",
      usernames: ["ada2"],
      config: { users: ["ada"] },
      expected: [missing("ada")],
    },
    {
      title: "shows odd names safely",
      usernames: ["ada"],
      config: { users: ["e\u001b"] },
      expected: [missing("e\\u001b")],
    },
  ]) {
    it(title, () => {
      const stack = { usernames, ...(hasUnknown && { hasUnknown }) };
      assert.deepEqual(checkStack(inventoryCovered, stack, config), expected);
    });
  }
});
