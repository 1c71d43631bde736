import assert from "node:assert/strict";
import { unknownValue } from "@pulumi/pulumi/runtime";
import { describe, it } from "mocha";
import { ORGANIZATION_TOKENS_TYPES } from "../../../policies/read-evidence";
import { evidenceFresh } from "../../../policies/rules";
import { analyzeResource, type TestResource, unknown } from "../../../testing";
import { at, configured, evidenceOf, onByDefault, userToken } from "../support";

const evidence = (fields: object) => ({
  name: "bi",
  props: { ...evidenceOf("svc_bi", [userToken({ id: "a" })]).props, ...fields },
});
const withToken = (fields: object) =>
  evidence({ tokens: [userToken({ id: "b" }), { ...userToken({ id: "a" }), ...fields }] });
const PROVENANCE = { _provenance: { apiUrl: "https://api.motherduck.com", fetchedAt: at(0) } };
const [ORGANIZATION] = ORGANIZATION_TOKENS_TYPES;
const withUser = (fields: object) => ({
  name: "bi",
  type: ORGANIZATION,
  props: { users: [{ username: "ada", tokens: [], isDeprovisioned: false, ...fields }], ...PROVENANCE },
});

const all = { username: unknownValue, tokens: unknownValue, _provenance: unknownValue };
const later = evidence(all);
const ofMany = (fields: object) => ({ name: "bi", type: ORGANIZATION, props: { users: unknownValue, ...fields } });

const CASES: Record<string, TestResource> = {
  "all that the provider's check leaves unknown": later,
  "a username of another type": evidence({ ...all, username: unknown.object }),
  "the tokens, as a list": evidence({ ...all, tokens: unknown.array }),
  "a username whose tokens nobody asked for": evidence({ ...all, tokens: undefined }),
  "the usernames of an organization": ofMany({ usernames: unknown.array }),
  "one of the usernames of an organization": ofMany({ usernames: ["ada", unknown.string] }),
  "which accounts of an organization": ofMany({ accounts: unknown.string }),
};

/** What would hide tokens from the rules: the provider knows either all or nothing. */
const IN_PART: Record<string, TestResource> = {
  "the username alone": evidence({ username: unknown.string }),
  "the tokens, as a list": evidence({ tokens: unknown.array }),
  "the tokens, as text": evidence({ tokens: unknown.string }),
  "a token": evidence({ tokens: [userToken({ id: "b" }), unknown.object] }),
  "a token's id": withToken({ id: unknown.string }),
  "a token's name": withToken({ name: unknown.string }),
  "a token's expiry": withToken({ expireAt: unknown.string }),
  "a token's type": withToken({ tokenType: unknown.string }),
  "whether a token can only read": withToken({ readOnly: unknown.boolean }),
  "the provenance": evidence({ _provenance: unknown.string }),
  "the time of reading": evidence({ _provenance: { apiUrl: "https://api.motherduck.com", fetchedAt: unknown.string } }),
  "the organization": evidence({ _provenance: { ...PROVENANCE._provenance, organization: unknown.string } }),
  "the time of reading, in an older state": evidence({ _provenance: undefined, fetchedAt: unknown.string }),
  "who read it": evidence({ __provider: unknown.string }),
  "an organization's users": { ...withUser({}), props: { users: unknown.array, ...PROVENANCE } },
  "a user's tokens": withUser({ tokens: unknown.array }),
  "whether a user is deprovisioned": withUser({ isDeprovisioned: unknown.boolean }),
  "whom an organization's users were read for": ofMany({ ...withUser({}).props, accounts: unknown.string }),
};

describe("Evidence with something unknown", () => {
  const reportedByFresh = onByDefault
    .filter((rule) => rule.name !== evidenceFresh.name)
    .map(({ name }) => ({ policy: name, reason: "There is nothing to judge, as evidence-fresh reports." }));

  for (const [title, resource] of Object.entries(CASES)) {
    it(`is reported once, by evidence-fresh, and passes no rule: ${title}`, async () => {
      const { violations, notApplicable } = await analyzeResource(configured({}), resource);
      assert.deepEqual(violations, [
        {
          policy: "evidence-fresh",
          message: "bi: its tokens are not known yet in this preview; the update judges them before it acts.",
          enforcementLevel: "advisory",
        },
      ]);
      assert.deepEqual(notApplicable, reportedByFresh);
    });
  }

  for (const [title, resource] of Object.entries(IN_PART)) {
    it(`is a violation where the rest is known: ${title}`, async () => {
      const { violations, notApplicable } = await analyzeResource(configured({}), resource);
      assert.deepEqual(
        violations.map(({ policy, enforcementLevel }) => [policy, enforcementLevel]),
        [["evidence-fresh", "mandatory"]],
      );
      assert.match(violations[0]?.message ?? "", /^bi: there is nothing to judge: /);
      assert.deepEqual(notApplicable, reportedByFresh);
    });
  }

  for (const { title, config, options } of [
    { title: "onUnknown", config: { rules: { "evidence-fresh": { onUnknown: "mandatory" } } } as const, options: {} },
    {
      title: "CrossGuard's configuration",
      config: {},
      options: { config: { "evidence-fresh": { onUnknown: "mandatory" } } },
    },
  ]) {
    it(`is mandatory by ${title}`, async () => {
      const { violations } = await analyzeResource(configured(config, evidenceFresh), later, options);
      assert.deepEqual(violations, [
        {
          policy: "evidence-fresh",
          message: "bi: its tokens are not known yet in this preview; the settings do not allow that.",
          enforcementLevel: "mandatory",
        },
      ]);
    });
  }

  it("is reported by the next policy where evidence-fresh is switched off, with what it says of the level", async () => {
    for (const [config, options, enforcementLevel] of [
      [{ rules: { "evidence-fresh": "disabled" } }, {}, "advisory"],
      [{}, { config: { "evidence-fresh": "disabled" } }, "advisory"],
      [{ rules: { "evidence-fresh": { enforcementLevel: "disabled", onUnknown: "mandatory" } } }, {}, "mandatory"],
    ] as const) {
      const policies = configured(config);
      const { violations } = await analyzeResource(policies, later, options);
      assert.deepEqual(
        violations.map(({ policy, enforcementLevel }) => [policy, enforcementLevel]),
        [[onByDefault[1]?.name, enforcementLevel]],
      );
    }
  });

  it("is reported for each resource", async () => {
    const policies = configured({});
    for (const name of ["a", "b", "a"]) {
      const { violations } = await analyzeResource(policies, { ...later, name });
      assert.deepEqual(
        violations.map(({ message }) => message.split(":")[0]),
        [name],
      );
    }
  });

  describe("in the configuration of the resource's provider, where the engine shows what the program passes,", () => {
    const told = { ...evidence({}), provider: { apiUrl: "https://api.motherduck.com", token: unknown.string } };

    it("is a violation: a setting may have the text of the mark in an update, too", async () => {
      const { violations, notApplicable } = await analyzeResource(configured({}), told);
      assert.deepEqual(
        violations.map(({ policy, enforcementLevel }) => [policy, enforcementLevel]),
        [["evidence-fresh", "mandatory"]],
      );
      assert.match(
        violations[0]?.message ?? "",
        /^bi: there is nothing to judge: the configuration of its provider is not known yet, .*"pulumi up --skip-preview"/,
      );
      assert.deepEqual(notApplicable, reportedByFresh);
    });

    it("does not matter where it is known, nor for other resources", async () => {
      const others = [
        { ...told, provider: { token: "t" } },
        { ...told, type: "aws:s3/bucket:Bucket" },
      ];
      for (const other of others) assert.deepEqual((await analyzeResource(configured({}), other)).violations, []);
    });
  });

  it("is spelt alike by the provider and the policies' SDK", () => assert.equal(unknownValue, unknown.string));
});
