import assert from "node:assert/strict";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { stringify } from "yaml";
import { stackRules, userRules } from "../../policies/rules";
import { PACK, type RunResult, type Sandbox } from "../../tools/sandbox";
import { wireToken } from "../../tools/stand-in/organization";
import { ERRORS } from "../../tools/stand-in/stand-in";
import { FIRES_ON, offend, OFFENDERS, SETTINGS } from "./every-rule";
import {
  assertFails,
  assertOk,
  editState,
  Lab,
  packFiles,
  preview,
  projectFiles,
  stateOf,
  up,
  violationLines,
  violationsIn,
} from "./support";

const EVERYBODY = `new md.OrganizationTokens("all");`;

describe("OrganizationTokens", () => {
  let lab: Lab;
  let stack: Sandbox;
  before(async () => {
    lab = await Lab.start();
    stack = await lab.program("");
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  const run = (program: string, command: typeof preview = preview, ...args: string[]): Promise<RunResult> => {
    stack.write(projectFiles(program));
    return command(stack, ...args);
  };
  const listingRequests = () => lab.api.requests.filter(({ url }) => url.startsWith("/v1/users?")).length;

  it("is blocked in preview, with the users named, after one request for each", async () => {
    const result = await run(EVERYBODY);
    assertFails(result, 'svc_bi / "dashboards"', "grace: 3 active read_write tokens exceed the limit of 2");
    assert.deepEqual(violationLines(result), [
      "mandatory max-read-write-tokens all",
      "mandatory tokens-must-expire all",
    ]);
    for (const username of Object.keys(lab.api.users)) assert.equal(lab.api.readsOf(username), 1, username);
    assert.equal(listingRequests(), 2, "active and deprovisioned users");
    assert.equal(lab.api.requests.length, 7);
  });

  it("is blocked in `up`, before the step", async () => {
    const result = await run(EVERYBODY, up, "--skip-preview");
    assertFails(result);
    assert.deepEqual(violationLines(result), [
      "mandatory max-read-write-tokens all",
      "mandatory tokens-must-expire all",
    ]);
    assert.deepEqual((await stateOf(stack)).organizationTokens, []);
  });

  describe("whose users break every rule", () => {
    let result: RunResult;

    before(async () => {
      const { users, members } = lab.api;
      lab.api.users = {
        ada: [],
        leaver: [wireToken("leaver", { name: "backup", type: "read_write", created: -10, expires: 60 })],
      };
      const nobody = Object.fromEntries(OFFENDERS.map((user) => [user, { roles: [] }]));
      lab.api.members = { ...nobody, leaver: { deprovisioned: true, roles: ["admin"] } };
      offend(lab);
      stack.write({ ...projectFiles(EVERYBODY), "motherduck-tokens.yaml": stringify(SETTINGS) });
      const env = { MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "motherduck-tokens.yaml") };
      result = await stack.pulumi(["preview", "--policy-pack", PACK], { env });
      Object.assign(lab.api, { users, members });
    });

    /** Who a rule's messages are about: they begin with the user. */
    const usersNamedBy = (rule: string) => {
      const message = new RegExp(`  ${rule}  \\(\\S+ all\\)\\n(?:.*\\n)?\\s+(\\S+?)(?:: | / )`, "g");
      return [...new Set([...result.output.matchAll(message)].map(([, user]) => user))].sort();
    };
    /** Evidence that is made by hand is not here: what was just read is fresh, and its origin is as expected. */
    const expectedOf = (rule: string) =>
      ["deprovisioned-user-has-tokens", "admin-tokens-limited"].includes(rule)
        ? ["leaver"]
        : (FIRES_ON[rule] ?? []).filter((user) => OFFENDERS.includes(user));

    for (const { name } of userRules) {
      it(`is judged by ${name}, with each user named, and no other`, () => {
        assertFails(result);
        assert.deepEqual(usersNamedBy(name), expectedOf(name).sort());
      });
    }

    for (const { name } of stackRules) {
      it(`is judged by ${name}`, () => {
        const fired = violationsIn(result).filter(({ policy }) => policy === name);
        assert.deepEqual(
          fired.map(({ resource }) => resource),
          FIRES_ON[name],
        );
      });
    }
  });

  it("yields to 429, and gets everybody in the end", async () => {
    const { users } = lab.api;
    lab.api.users = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`u${index}`, []]));
    // If each read waited for itself alone, most of them would use up their attempts.
    lab.api.rateLimit = { requests: 2, windowMs: 200 };
    const result = await run(`module.exports = { count: ${EVERYBODY.replace(";", "")}.users.length };`);
    lab.api.users = users;
    assertOk(result);
    assert.match(result.output, /count: 20/);
    assert.ok(lab.api.requests.length > 20 + 2, "the limit was met");
  });

  it("reads what the program selects", async () => {
    const result = await run(`
      const people = new md.OrganizationTokens("people", { accounts: "humans", usernames: ["ada", "svc_etl"] });
      module.exports = { names: people.users.apply((users) => users.map(({ username }) => username)) };`);
    assertOk(result);
    assert.match(result.output, /names: \[[\s+]*\[0\]: "ada"\s/);
    assert.equal(lab.api.readsOf("svc_etl"), 0);
  });

  describe("whose users keep the rules", () => {
    const PROGRAM = `module.exports = { count: ${EVERYBODY.replace(";", "")}.users.apply(({ length }) => length) };`;
    before(() => lab.api.cleanUp());

    it("is deployed, and shows no change while the tokens stay the same", async () => {
      const deployed = await run(PROGRAM, up);
      assertOk(deployed);
      assert.match(deployed.output, /✅ motherduck-tokens/);
      assert.match(deployed.output, /count: 5/);
      const [resource] = (await stateOf(stack)).organizationTokens;
      assert.equal(resource?.id, "organization");
      assert.deepEqual(Object.keys(resource.inputs).sort(), ["__provider", "_provenance", "users"]);
      assert.deepEqual(Object.keys(resource.outputs).sort(), ["__provider", "users"]);
      assert.deepEqual(resource.inputs.users, resource.outputs.users);
      // The tokens twice, as inputs and as outputs, and little else.
      const size = (value: unknown) => JSON.stringify(value).length;
      const rest = size(resource) - 2 * size(resource.outputs.users);
      assert.ok(rest < 1500, `${rest} bytes`);
      // In another order.
      for (const tokens of Object.values(lab.api.users)) tokens.reverse();
      assertOk(await run(PROGRAM, preview, "--expect-no-changes"));
    });

    it("shows a token that was added, and takes it over with `refresh`", async () => {
      const added = wireToken("ada", { name: "tablet", type: "read_scaling", created: -2, expires: 30 });
      lab.api.users.ada?.push(added);
      try {
        assertFails(await run(PROGRAM, preview, "--expect-no-changes"), "OrganizationTokens all update");
        const shown = await preview(stack, "--diff");
        assert.match(shown.output, /\+ name\s*: "tablet"/);
        assertOk(await stack.pulumi(["refresh", "--yes"]));
        assertOk(await run(PROGRAM, preview, "--expect-no-changes"));
      } finally {
        lab.api.users.ada?.pop();
      }
      assertOk(await run(PROGRAM, up));
    });

    it("takes users who came and who went over with `refresh`", async () => {
      const { users } = lab.api;
      lab.api.users = { ...users, barbara: [] };
      delete lab.api.users.ada;
      try {
        assertOk(await stack.pulumi(["refresh", "--yes"]));
      } finally {
        lab.api.users = users;
      }
      const [resource] = (await stateOf(stack)).organizationTokens;
      assert.deepEqual(
        (resource?.outputs.users as { username: string }[]).map(({ username }) => username),
        ["barbara", "grace", "linus", "svc_bi", "svc_etl"],
      );
      assertOk(await run(PROGRAM, up));
    });

    it("has old evidence reported in a run with --target", async () => {
      await editState(stack, (resources) => {
        for (const { type, inputs } of resources) {
          if (type.endsWith(":OrganizationTokens")) {
            (inputs._provenance as { fetchedAt: string }).fetchedAt = new Date(
              Date.now() - 25 * 3_600_000,
            ).toISOString();
          }
        }
      });
      const other = "urn:pulumi:dev::program::pulumi-nodejs:dynamic/motherduck:UserTokens::other";
      const program = `${EVERYBODY} new md.UserTokens("other", { username: "ada" });`;
      assertFails(await run(program, preview, "--target", other), /the tokens were read 25(\.\d)? hours ago/);
      assert.equal(listingRequests(), 0);
    });

    it("is updated in place when the selection changes", async () => {
      const narrowed = await run(`new md.OrganizationTokens("all", { accounts: "serviceAccounts" });`, up);
      assertOk(narrowed);
      assert.match(narrowed.output, /OrganizationTokens all updated/);
      const [resource] = (await stateOf(stack)).organizationTokens;
      assert.equal(resource?.outputs.accounts, "serviceAccounts");
      assertOk(await stack.pulumi(["refresh", "--yes"]));
      assert.equal(((await stateOf(stack)).organizationTokens[0]?.outputs.users as unknown[]).length, 2);
    });

    it("is destroyed without a single request", async () => {
      assertOk(await stack.pulumi(["destroy", "--yes"]));
      assert.equal(lab.api.requests.length, 0);
    });
  });

  it("is fresh for stack policies, too, after the tokens changed", async () => {
    const program = `new md.OrganizationTokens("ada", { usernames: ["ada"] });`;
    assertOk(await run(program, up));
    stack.write(
      packFiles(
        "names",
        `{ name: "names", description: "It tells the names.", validateStack({ resources }, report) {
          for (const { type, props } of resources)
            if (/OrganizationTokens/.test(type)) report("NAMES " + props.users[0].tokens.map(({ name }) => name)); } }`,
      ),
    );
    lab.api.users.ada?.push(wireToken("ada", { name: "tablet", type: "read_scaling", created: -2, expires: 30 }));
    try {
      const result = await stack.pulumi(["preview", "--policy-pack", "names"]);
      assertFails(result, /NAMES laptop,notebook,tablet$/m);
    } finally {
      lab.api.users.ada?.pop();
    }
    assertOk(await stack.pulumi(["destroy", "--yes"]));
  });

  it("is judged on the second page of the listing, too", async () => {
    const { users } = lab.api;
    lab.api.users = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`u${index}`, []]));
    lab.api.users.zoe = [wireToken("zoe", { name: "endless", type: "read_scaling", created: -20 })];
    const result = await run(EVERYBODY);
    lab.api.users = users;
    assertFails(result, 'zoe / "endless"');
    assert.equal(listingRequests(), 3);
  });

  describe("with a username that is not known yet", () => {
    const PROGRAM = `
      class Later extends pulumi.dynamic.Resource {
        constructor(name, value) {
          super({ create: async () => ({ id: "later", outs: { value } }) }, name, { value: undefined });
        }
      }
      const later = new Later("later", "svc_bi");
      new md.OrganizationTokens("late", { usernames: ["ada", later.value] });`;

    it("warns in preview, and sends nothing", async () => {
      const result = await run(PROGRAM);
      assertOk(result);
      assert.deepEqual(violationLines(result), ["advisory evidence-fresh late"]);
      assert.match(result.output, /late: its tokens are not known yet in this preview/);
      assert.equal(lab.api.requests.length, 0);
    });

    it("is judged by the `up` that follows, before the step", async () => {
      lab.api.users.svc_bi?.push(wireToken("svc_bi", { name: "endless", type: "read_scaling", created: -20 }));
      try {
        const result = await run(PROGRAM, up);
        assertFails(result, 'svc_bi / "endless"');
        assert.deepEqual((await stateOf(stack)).organizationTokens, []);
      } finally {
        lab.api.users.svc_bi?.pop();
      }
      assertOk(await stack.pulumi(["destroy", "--yes"]));
    });
  });

  it("drops `users` that the program passed", async () => {
    lab.api.script("ada", {
      body: { tokens: [wireToken("ada", { name: "endless", type: "read_write", created: -20 })] },
    });
    const forged = `[{ username: "ada", isDeprovisioned: false, tokens: [] }]`;
    for (const program of [
      `new md.OrganizationTokens("forged", { usernames: ["ada"], users: ${forged} });`,
      `new md.OrganizationTokens("forged", { usernames: ["ada"] }, {
        transforms: [({ props, opts }) => ({ props: { ...props, users: ${forged} }, opts })] });`,
    ]) {
      const result = await run(program);
      assertFails(result, 'ada / "endless"');
      assert.deepEqual(violationLines(result), [
        "advisory admin-tokens-limited forged",
        "mandatory tokens-must-expire forged",
      ]);
    }
  });

  it("is judged all the same, and is ciphertext in state, with `additionalSecretOutputs` and secret usernames", async () => {
    const program = `new md.OrganizationTokens("secret", { usernames: pulumi.secret(["ada"]) }, { additionalSecretOutputs: ["users"] });`;
    assertOk(await run(program, up));
    const [resource] = (await stateOf(stack)).organizationTokens;
    const isHidden = (value: unknown) => JSON.stringify(value).includes('"ciphertext"');
    assert.deepEqual(
      [resource?.inputs.usernames, resource?.outputs.usernames, resource?.outputs.users, resource?.inputs.users].map(
        isHidden,
      ),
      [true, true, true, false],
    );
    assertOk(await preview(stack, "--expect-no-changes"));
    lab.api.script("ada", {
      body: { tokens: [wireToken("ada", { name: "endless", type: "read_write", created: -20 })] },
    });
    assertFails(await preview(stack), 'ada / "endless"');
    assertOk(await stack.pulumi(["destroy", "--yes"]));
  });

  describe("stops the preview with one message", () => {
    it("where many users cannot be read: the first ten, and how many more", async () => {
      const { users } = lab.api;
      lab.api.users = Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [`u${String(index).padStart(2, "0")}`, []]),
      );
      for (const username of Object.keys(lab.api.users).slice(0, 12)) lab.api.script(username, ERRORS.internal);
      const result = await run(EVERYBODY);
      lab.api.users = users;
      assertFails(
        result,
        "could not read the tokens of 12 of 30 users:",
        /"u00", .*"u09": the API answered 500 INTERNAL_SERVER_ERROR/,
        "2 more users could not be read",
      );
      assert.doesNotMatch(result.output, /"u10"/);
      // The pack is shown what `check` returned, and does not call it compliant.
      assert.deepEqual(violationLines(result), ["mandatory evidence-fresh all"]);
    });

    it("a listing with an empty list of users", async () => {
      lab.api.scriptListing({ body: { users: [], total_count: 0, next_page_token: null } });
      assertFails(await run(EVERYBODY), "the API lists nobody");
    });

    it("a listing with fewer users than its `total_count`", async () => {
      lab.api.scriptListing({ body: { users: [{ id: "1", username: "ada" }], total_count: 2, next_page_token: null } });
      assertFails(await run(EVERYBODY), "the API announced 2 users and listed 1");
    });

    it("a listing with two users of one id, one of whom would never be read", async () => {
      const users = ["ada", "svc_bi"].map((username) => ({ id: "1", username }));
      lab.api.scriptListing({ body: { users, next_page_token: null } });
      assertFails(await run(EVERYBODY), 'two users have the id "1": "ada" and "svc_bi"');
    });

    it("a listing that is not a list", async () => {
      for (const body of [{}, { users: null }, [], "<html>"]) {
        lab.api.scriptListing({ body });
        assertFails(await run(EVERYBODY), "could not read the users of the organization");
      }
    });

    it("an empty selection: `usernames: []`", async () => {
      assertFails(await run(`new md.OrganizationTokens("none", { usernames: [] });`), "usernames is an empty list");
      assert.equal(lab.api.requests.length, 0);
    });

    it("an empty selection: a filter that matched nobody", async () => {
      const program = `new md.OrganizationTokens("none", { usernames: ["ada"], accounts: "serviceAccounts" });`;
      assertFails(await run(program), "the selection is empty");
    });

    it("a selection of a name that is not listed", async () => {
      const program = `new md.OrganizationTokens("typo", { usernames: ["ada", "svc_elt"] });`;
      assertFails(await run(program), 'not in the organization of this API token: "svc_elt"');
    });
  });

  describe("where the API token may not list users", () => {
    beforeEach(() => lab.api.scriptListing(ERRORS.forbidden));

    it("reads those that are named, and the rule that needs to know more says that it cannot judge", async () => {
      const result = await run(`new md.OrganizationTokens("named", { usernames: ["ada"] });`);
      assertFails(result, "ada: it is not known whether this user is deprovisioned");
      assert.deepEqual(violationLines(result), ["mandatory deprovisioned-user-has-tokens named"]);
    });

    it("fails where everybody is meant", async () => {
      assertFails(await run(EVERYBODY), "could not read the users of the organization: the API answered 403 FORBIDDEN");
    });
  });

  it("cannot be imported", async () => {
    assertFails(
      await run(`new md.OrganizationTokens("all", {}, { import: "organization" });`),
      `OrganizationTokens "all" cannot be imported`,
    );
  });
});
