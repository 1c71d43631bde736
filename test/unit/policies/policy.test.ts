import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import type { RuleConfig } from "../../../policies/rule";
import { PolicyConfigError } from "../../../policies/configuration/config-error";
import { ORGANIZATION_TOKENS_TYPES, USER_TOKENS_TYPES } from "../../../policies/read-evidence";
import { createContext, toPolicy } from "../../../policies/policy";
import { maxReadWriteTokens, rules, tokensMustExpire, userRules, waiverHygiene } from "../../../policies/rules";
import { analyzeResource, userTokens } from "../../../testing";
import { configured, endlessToken, evidenceOf, failureOf, NOW, onByDefault, userToken } from "../support";

const contextOf = (config: PolicyConfig) => createContext(resolveConfiguration({ name: "test", config }), () => NOW);

describe("toPolicy", () => {
  it("tells CrossGuard all that the rule tells", () => {
    const policy = toPolicy(tokensMustExpire);
    assert.ok("validateResource" in policy);
    const { validateResource, configSchema, framework, ...rest } = policy;
    assert.equal(typeof validateResource, "function");
    assert.deepEqual(Object.keys(configSchema?.properties ?? {}), ["tokenTypes", "graceDays"]);
    assert.equal(framework?.name, "NIST 800-53");
    assert.deepEqual(rest, {
      name: "tokens-must-expire",
      displayName: "Tokens must expire",
      description: tokensMustExpire.description,
      enforcementLevel: "mandatory",
      severity: "high",
      tags: ["motherduck", "tokens", ...tokensMustExpire.controls],
      remediationSteps: `${tokensMustExpire.remediation} See docs/rules/tokens-must-expire.md in the package pulumi-motherduck-tokens.`,
      url: "https://motherduck.com/docs/key-tasks/service-accounts-guide/manage-service-accounts-and-tokens/",
    });
  });

  it("makes a resource policy of a rule about users, a stack policy of a rule about stacks", () => {
    for (const rule of rules) {
      const policy = toPolicy(rule);
      assert.deepEqual(
        ["validateResource" in policy, "validateStack" in policy],
        // What waiver-hygiene is set to is needed by the others, so it is asked for each resource, too.
        rule.kind === "user" ? [true, false] : [rule === waiverHygiene, true],
        rule.name,
      );
    }
  });

  it("takes the level of its context", () => {
    const context = contextOf({ rules: { "tokens-must-expire": "advisory" } });
    assert.equal(toPolicy(tokensMustExpire, context).enforcementLevel, "advisory");
  });

  describe("its validation", () => {
    for (const rule of userRules) {
      it(`passes evidence that ${rule.name} has nothing against`, async () => {
        const analysis = await analyzeResource(configured({}, rule), evidenceOf("svc_bi", [userToken({ id: "a" })]));
        assert.deepEqual({ ...analysis }, { violations: [], notApplicable: [] });
      });
    }

    it("reports each of the rule's violations, in order", async () => {
      const tokens = [endlessToken({ id: "a" }), userToken({ id: "b" }), endlessToken({ id: "c" })];
      const { violations } = await analyzeResource(configured({}, tokensMustExpire), evidenceOf("svc_bi", tokens));
      assert.deepEqual(
        violations.map(({ message, enforcementLevel }) => [message.split(":")[0], enforcementLevel]),
        [
          [`svc_bi / "a" (a)`, "mandatory"],
          [`svc_bi / "c" (c)`, "mandatory"],
        ],
      );
    });

    it("judges all kinds of evidence", async () => {
      const { props } = evidenceOf("svc_bi", [endlessToken({ id: "a" })]);
      for (const type of USER_TOKENS_TYPES) {
        const { violations } = await analyzeResource(configured({}, tokensMustExpire), { type, props });
        assert.equal(violations.length, 1, type);
      }
      for (const type of ORGANIZATION_TOKENS_TYPES) {
        const users = [props, { ...props, username: "ada" }, { username: "eve", tokens: [] }];
        const organization = { type, props: { ...props, users } };
        const { violations } = await analyzeResource(configured({}, tokensMustExpire), organization);
        assert.deepEqual(
          violations.map(({ message }) => message.split(" ")[0]),
          ["svc_bi", "ada"],
          type,
        );
      }
    });

    it("does not apply to other resources", async () => {
      const bucket = { type: "aws:s3/bucket:Bucket", props: { tokens: [] } };
      const { violations, notApplicable } = await analyzeResource(configured({}), bucket);
      assert.deepEqual(violations, []);
      assert.deepEqual(
        notApplicable,
        onByDefault.map(({ name }) => ({ policy: name, reason: "It judges resources that carry MotherDuck tokens." })),
      );
    });

    for (const { title, resource, reason } of [
      {
        title: "without tokens",
        resource: { props: { username: "svc_bi" } },
        reason: "`tokens` is missing: they were not read",
      },
      {
        title: "of a type that looks like it",
        resource: { ...userTokens("svc_bi"), type: "motherduck-tokens:v2:UserTokens" },
        reason: "this version of the pack does not know resources of type motherduck-tokens:v2:UserTokens",
      },
    ]) {
      it(`is a violation, once, for evidence ${title}`, async () => {
        const { violations, notApplicable } = await analyzeResource(configured({}), {
          ...resource,
          name: "e\u001b[2J",
        });
        const message =
          `e\\u001b[2J: there is nothing to judge: ${reason}. Unless this resource has an error of its own, ` +
          "run again without --target and --exclude, and with the same version of the package and of the pack.";
        assert.deepEqual(violations, [{ policy: "evidence-fresh", message, enforcementLevel: "mandatory" }]);
        assert.deepEqual(
          notApplicable.map(({ reason }) => reason),
          onByDefault.slice(1).map(() => "There is nothing to judge, as evidence-fresh reports."),
        );
      });

      for (const rule of onByDefault) {
        it(`is a violation of ${rule.name}, where it is the only rule, for evidence ${title}`, async () => {
          const { violations } = await analyzeResource(configured({}, rule), resource);
          assert.deepEqual(
            violations.map(({ policy, enforcementLevel }) => [policy, enforcementLevel]),
            [[rule.name, rule.enforcementLevel]],
          );
        });
      }
    }
  });

  describe("the configuration", () => {
    const two = evidenceOf("svc_bi", [endlessToken({ id: "a" }), endlessToken({ id: "b" })]);
    const configure = (settings: RuleConfig) => configured({ rules: { [maxReadWriteTokens.name]: settings } });

    it("of CrossGuard wins over the pack's, setting by setting", async () => {
      const policies = configure({ max: 0, perUser: { svc_bi: 1 } }).filter(
        ({ name }) => name === maxReadWriteTokens.name,
      );
      for (const { config, count } of [
        { config: {}, count: 1 },
        { config: { perUser: { svc_bi: 2 } }, count: 0 },
        { config: { max: 5 }, count: 1 },
        { config: { max: 5, perUser: {} }, count: 0 },
      ]) {
        const { violations } = await analyzeResource(policies, two, { config: { [maxReadWriteTokens.name]: config } });
        assert.equal(violations.length, count, JSON.stringify(config));
      }
    });

    it("with a mistake in it is an error even where there is nothing to judge", async () => {
      const bucket = { type: "aws:s3/bucket:Bucket", props: {} };
      for (const resource of [two, bucket, { props: {} }]) {
        const config = { [maxReadWriteTokens.name]: { maxx: 1 } };
        const { cause } = await failureOf(() => analyzeResource(configured({}), resource, { config }));
        assert.ok(cause instanceof PolicyConfigError);
        assert.match(cause.message, /^configuration of policy max-read-write-tokens: maxx is not a setting/);
      }
    });
  });
});
