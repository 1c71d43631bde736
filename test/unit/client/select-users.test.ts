import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ResponseError, SettingsError } from "../../../client/errors";
import { selectUsers, type UserSelection } from "../../../client/select-users";
import { failureOf } from "../support";

const LISTED = [
  { username: "ada", isServiceAccount: false },
  { username: "linus", isServiceAccount: false, isDeprovisioned: true },
  { username: "svc_bi", isServiceAccount: true },
  { username: "svc_etl", isServiceAccount: true },
];

const select = (selection: UserSelection) => selectUsers(LISTED, selection).map(({ username }) => username);
const refusal = async (selection: UserSelection) => (await failureOf(() => select(selection), SettingsError)).message;

describe("selectUsers", () => {
  for (const { title, selection, users } of [
    { title: "takes everybody", selection: {}, users: ["ada", "linus", "svc_bi", "svc_etl"] },
    { title: "takes people", selection: { accounts: "humans" }, users: ["ada", "linus"] },
    { title: "takes service accounts", selection: { accounts: "serviceAccounts" }, users: ["svc_bi", "svc_etl"] },
    {
      title: "takes names, in the listing's order",
      selection: { usernames: ["svc_bi", "ada"] },
      users: ["ada", "svc_bi"],
    },
    { title: "takes a name once", selection: { usernames: ["ada", "ada"] }, users: ["ada"] },
    {
      title: "takes those that names and accounts have in common",
      selection: { usernames: ["ada", "svc_bi"], accounts: "humans" },
      users: ["ada"],
    },
  ] as { title: string; selection: UserSelection; users: string[] }[]) {
    it(title, () => assert.deepEqual(select(selection), users));
  }

  it("refuses names that are not listed, and names them", async () => {
    assert.equal(
      await refusal({ usernames: ["eve", "ada", "Ada"] }),
      'not in the organization of this API token: "eve", "Ada". Check the spelling and the organization.',
    );
  });

  it("takes a glob for a name", async () => {
    assert.match(await refusal({ usernames: ["svc_*"] }), /"svc_\*"/);
  });

  it("names ten at most", async () => {
    const usernames = Array.from({ length: 13 }, (_, index) => `u${index}`);
    assert.match(await refusal({ usernames }), /"u9" and 3 more\. Check/);
  });

  it("refuses an empty list of names", async () => {
    assert.match(await refusal({ usernames: [] }), /^the list of usernames is empty/);
  });

  it("refuses a filter that nobody passes", async () => {
    assert.equal(
      await refusal({ usernames: ["ada"], accounts: "serviceAccounts" }),
      "the selection is empty: none of 1 users is one of the serviceAccounts. Widen it.",
    );
  });

  it("fails where the API does not return what a filter needs", async () => {
    const listed = [{ username: "ada" }];
    const { message } = await failureOf(() => selectUsers(listed, { accounts: "humans" }), ResponseError);
    assert.equal(
      message,
      'could not read the users of the organization: the API does not return whether "ada" is a service account. Select users by name instead.',
    );
    assert.equal(selectUsers(listed, {}).length, 1);
  });
});
