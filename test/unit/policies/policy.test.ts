import assert from "node:assert/strict";
import type { ResourceValidation, ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";
import { unknownValue } from "@pulumi/pulumi/runtime";
import { Ajv } from "ajv";
import { describe, it } from "mocha";
import { USER_TOKENS_TYPES } from "../../../policies/evidence";
import { toPolicy } from "../../../policies/policy";
import { maxReadWriteTokens, rules, tokensMustExpire } from "../../../policies/rules";
import { PolicyConfigError, resolveRuleSettings } from "../../../policies/settings";
import { endlessToken, failureOf, userToken } from "../support";

// What the SDK leaves out of its types.
const { unknownCheckingProxy, UnknownValueError, ...sentinels } = proxy as unknown as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  UnknownValueError: typeof Error;
  unknownStringValue: string;
  unknownBooleanValue: string;
  unknownArrayValue: string;
  unknownObjectValue: string;
};

class NotApplicable extends Error {}

interface Judged {
  type?: string;
  name?: string;
  props: object;
}

/** Judges one resource as CrossGuard's server does (its `makeAnalyzeRpcFun`); gives the messages of the violations. */
async function judge(policy: ResourceValidationPolicy, resource: Judged, config: object = {}): Promise<string[]> {
  const violations: string[] = [];
  const args: Partial<ResourceValidationArgs> = {
    type: resource.type ?? USER_TOKENS_TYPES[0] ?? "",
    name: resource.name ?? "evidence",
    props: unknownCheckingProxy(resource.props),
    getConfig: <T extends object>() => config as T,
    notApplicable: (reason) => {
      throw new NotApplicable(reason);
    },
  };
  const validate = policy.validateResource as ResourceValidation;
  await validate(args as ResourceValidationArgs, (message) => violations.push(message));
  return violations;
}

/** Evidence as the provider's `check` makes it. */
const evidence = (fields: object = {}) => ({
  props: { username: "svc_bi", tokens: [userToken({ id: "a" })], fetchedAt: new Date().toISOString(), ...fields },
});

describe("toPolicy", () => {
  it("tells CrossGuard all that the rule tells", () => {
    const { validateResource, configSchema, framework, ...rest } = toPolicy(tokensMustExpire);
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
      remediationSteps: tokensMustExpire.remediation,
      url: "https://motherduck.com/docs/key-tasks/service-accounts-guide/manage-service-accounts-and-tokens/",
    });
  });

  it("takes the level that it is given", () => {
    assert.equal(toPolicy(tokensMustExpire, { enforcementLevel: "advisory" }).enforcementLevel, "advisory");
  });

  it("refuses a mistake of the pack's author when the pack is loaded", async () => {
    await failureOf(() => toPolicy(maxReadWriteTokens, { maximum: 1 }), PolicyConfigError);
  });

  describe("its validation", () => {
    for (const rule of rules) {
      it(`passes evidence that ${rule.name} has nothing against`, async () => {
        assert.deepEqual(await judge(toPolicy(rule), evidence()), []);
      });
    }

    it("reports each of the rule's violations, in order", async () => {
      const tokens = [endlessToken({ id: "a" }), userToken({ id: "b" }), endlessToken({ id: "c" })];
      const violations = await judge(toPolicy(tokensMustExpire), evidence({ tokens }));
      assert.deepEqual(
        violations.map((message) => message.split(":")[0]),
        [`svc_bi / "a" (a)`, `svc_bi / "c" (c)`],
      );
    });

    it("judges both kinds of evidence", async () => {
      const props = evidence({ tokens: [endlessToken({ id: "a" })] }).props;
      for (const type of USER_TOKENS_TYPES) {
        assert.equal((await judge(toPolicy(tokensMustExpire), { type, props })).length, 1);
      }
    });

    it("does not apply to other resources", async () => {
      const bucket = { type: "aws:s3/bucket:Bucket", props: { tokens: [] } };
      const { message } = await failureOf(() => judge(toPolicy(tokensMustExpire), bucket), NotApplicable);
      assert.equal(message, "It judges resources that carry MotherDuck tokens.");
    });

    for (const { title, resource, reason } of [
      {
        title: "without tokens",
        resource: { props: { username: "svc_bi" } },
        reason: "`tokens` is missing: they were not read",
      },
      {
        title: "of a type that looks like it",
        resource: { ...evidence(), type: "motherduck-tokens:v2:UserTokens" },
        reason: "this version of the pack does not know resources of type motherduck-tokens:v2:UserTokens",
      },
    ]) {
      for (const rule of rules) {
        it(`of ${rule.name} is a violation for evidence ${title}`, async () => {
          assert.deepEqual(await judge(toPolicy(rule), { ...resource, name: "e\u001b[2J" }), [
            `e\\u001b[2J: there is nothing to judge: ${reason}. Unless this resource has an error of its own, ` +
              "run again without --target and --exclude, and with the same version of the package and of the pack.",
          ]);
        });
      }
    }
  });

  describe("with something unknown in the evidence", () => {
    const withToken = (fields: object) =>
      evidence({ tokens: [userToken({ id: "b" }), { ...userToken({ id: "a" }), ...fields }] });
    const cases: Record<string, Judged> = {
      "all that the provider's check leaves unknown": {
        props: { username: unknownValue, tokens: unknownValue, fetchedAt: unknownValue },
      },
      "the username": evidence({ username: sentinels.unknownStringValue }),
      "the tokens, as a list": evidence({ tokens: sentinels.unknownArrayValue }),
      "the tokens, as text": evidence({ tokens: sentinels.unknownStringValue }),
      "a token": evidence({ tokens: [userToken({ id: "b" }), sentinels.unknownObjectValue] }),
      "a token's id": withToken({ id: sentinels.unknownStringValue }),
      "a token's expiry": withToken({ expireAt: sentinels.unknownStringValue }),
      "a token's type": withToken({ tokenType: sentinels.unknownStringValue }),
      "whether a token can only read": withToken({ readOnly: sentinels.unknownBooleanValue }),
      "the time of reading": evidence({ fetchedAt: sentinels.unknownStringValue }),
    };
    for (const [title, resource] of Object.entries(cases)) {
      for (const rule of rules) {
        it(`${rule.name} does not pass: ${title}`, async () => {
          await failureOf(() => judge(toPolicy(rule), resource), UnknownValueError);
        });
      }
    }

    it("which the provider and the policies' SDK spell alike", () => {
      assert.equal(unknownValue, sentinels.unknownStringValue);
    });
  });

  describe("the configuration", () => {
    const two = evidence({ tokens: [endlessToken({ id: "a" }), endlessToken({ id: "b" })] });

    it("of CrossGuard wins over the pack's, setting by setting", async () => {
      const policy = toPolicy(maxReadWriteTokens, { max: 0, perUser: { svc_bi: 1 } });
      assert.equal((await judge(policy, two)).length, 1);
      assert.deepEqual(await judge(policy, two, { perUser: { svc_bi: 2 } }), []);
      assert.equal((await judge(policy, two, { max: 5 })).length, 1);
      assert.deepEqual(await judge(policy, two, { max: 5, perUser: {} }), []);
    });

    it("with a mistake in it is an error even where there is nothing to judge", async () => {
      const bucket = { type: "aws:s3/bucket:Bucket", props: {} };
      for (const resource of [two, bucket, { props: {} }]) {
        const { message } = await failureOf(
          () => judge(toPolicy(maxReadWriteTokens), resource, { maxx: 1 }),
          PolicyConfigError,
        );
        assert.match(message, /^configuration of policy max-read-write-tokens: maxx is not a setting/);
      }
    });
  });

  describe("the schema of the configuration", () => {
    const schemaOf = (rule: (typeof rules)[number]) => ({ type: "object", ...toPolicy(rule).configSchema });

    for (const rule of rules) {
      it(`of ${rule.name} describes each setting, and has no default that would beat other sources`, () => {
        const { properties = {} } = toPolicy(rule).configSchema ?? {};
        for (const schema of Object.values(properties)) assert.equal(typeof schema.description, "string");
        assert.doesNotMatch(JSON.stringify(properties), /"default":/);
      });
    }

    it("allows and refuses the same values as the rules do", () => {
      const values = [
        -1,
        0,
        0.5,
        1,
        2,
        365,
        366,
        8760,
        8761,
        "1",
        null,
        true,
        [],
        {},
        ["read_write"],
        ["x"],
        { ada: 1 },
        { ada: -1 },
        [1],
      ];
      for (const rule of rules) {
        const validate = new Ajv().compile(schemaOf(rule));
        for (const key of Object.keys(rule.settings.entries)) {
          for (const value of values) {
            const taken = outcome(() => resolveRuleSettings(rule, { [key]: value }));
            assert.equal(validate({ [key]: value }), taken, `${rule.name}: ${JSON.stringify({ [key]: value })}`);
          }
        }
      }
    });
  });
});

function outcome(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
