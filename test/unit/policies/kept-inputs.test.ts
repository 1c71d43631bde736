import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { findKeptInput } from "../../../policies/kept-inputs";
import { ORGANIZATION_TOKENS_TYPES, USER_TOKENS_TYPES } from "../../../policies/read-evidence";
import { evidenceFresh } from "../../../policies/rules";
import { analyzeResource, type TestResource } from "../../../testing";
import { configured, evidenceOf, onByDefault, userToken, without } from "../support";

const TYPES = {
  username: USER_TOKENS_TYPES,
  usernames: ORGANIZATION_TOKENS_TYPES,
  accounts: ORGANIZATION_TOKENS_TYPES,
};

/** Paths as the engine takes them; it skips dots in front, and keeps a list in part, too. */
const pathsTo = (input: string) => [
  input,
  `["${input}"]`,
  `.${input}`,
  `.["${input}"]`,
  `${input}[0]`,
  `["${input}"][*]`,
];
const OTHERS = [
  "tokens",
  "tokens[0].name",
  "_provenance",
  "users",
  "users[*].username",
  "usernamed",
  'x["username"]',
  "[0]",
  "",
];

describe("ignoreChanges", () => {
  for (const [input, types] of Object.entries(TYPES)) {
    for (const type of types) {
      it(`keeps an earlier run's choice of users by ${input}, or by everything: ${type}`, () => {
        for (const path of [...pathsTo(input), "*", "[*]"])
          assert.equal(findKeptInput(type, ["tokens", path]), path, path);
        for (const path of OTHERS) assert.equal(findKeptInput(type, [path]), undefined, path);
        assert.equal(findKeptInput(type), undefined);
      });
    }
  }

  it("keeps nobody by an input that the resource does not have", () => {
    for (const type of USER_TOKENS_TYPES) assert.equal(findKeptInput(type, ["usernames", "accounts"]), undefined);
    for (const type of ORGANIZATION_TOKENS_TYPES) assert.equal(findKeptInput(type, ["username"]), undefined);
  });

  it("is of no interest in other resources", () =>
    assert.equal(findKeptInput("aws:s3/bucket:Bucket", ["*"]), undefined));

  describe("that keeps the users of an earlier run", () => {
    const kept: TestResource = {
      ...evidenceOf("svc_bi", [userToken({ id: "a" })]),
      name: "bi",
      ignoreChanges: ["tokens", "username"],
    };
    const message =
      'bi: ignoreChanges has "username", so the users of an earlier run may be judged instead of those that the program names ' +
      "now. Remove it from ignoreChanges.";

    it("is an advisory note of evidence-fresh, once, and its users are judged all the same", async () => {
      const forever = { ...kept, props: evidenceOf("svc_bi", [without(userToken({ id: "a" }), "expireAt")]).props };
      const { violations } = await analyzeResource(configured({}), forever);
      assert.deepEqual(
        violations.map(({ policy, enforcementLevel }) => [policy, enforcementLevel]),
        [
          ["evidence-fresh", "advisory"],
          ["tokens-must-expire", "mandatory"],
        ],
      );
      assert.equal(violations[0]?.message, message);
    });

    for (const { title, config, options } of [
      {
        title: "onIgnoreChanges",
        config: { rules: { "evidence-fresh": { onIgnoreChanges: "mandatory" } } } as const,
        options: {},
      },
      { title: "the preset strict", config: { preset: "strict" } as const, options: {} },
      {
        title: "CrossGuard's configuration",
        config: {},
        options: { config: { "evidence-fresh": { onIgnoreChanges: "mandatory" } } },
      },
    ]) {
      it(`is mandatory by ${title}`, async () => {
        const { violations } = await analyzeResource(configured(config, evidenceFresh), kept, options);
        assert.deepEqual(violations, [{ policy: "evidence-fresh", message, enforcementLevel: "mandatory" }]);
      });
    }

    it("is reported by the next policy where evidence-fresh is disabled", async () => {
      const { violations } = await analyzeResource(configured({ rules: { "evidence-fresh": "disabled" } }), kept);
      assert.deepEqual(
        violations.map(({ policy }) => policy),
        [onByDefault[1]?.name],
      );
    });
  });
});
