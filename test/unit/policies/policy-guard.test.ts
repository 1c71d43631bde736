import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import { ORGANIZATION_TOKENS_TYPES } from "../../../policies/read-evidence";
import { createGuardedUsers } from "../../../policies/guarded-users";
import { createOwnReads } from "../../../policies/own-reads";
import { createContext, toPolicy } from "../../../policies/policy";
import type { EnforcementLevel } from "../../../policies/rule";
import { rules, userRules } from "../../../policies/rules";
import { analyzeResource, analyzeStack, type TestResource } from "../../../testing";
import { loadOrganization } from "../../../tools/stand-in/organization";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { at, endlessToken, evidenceOf, NOW, useStandIn, waiver, wireToken } from "../support";

/** What the engine hands over first, whatever the program declares. */
const STACK: TestResource = { type: "pulumi:pulumi:Stack", name: "program-dev", props: {} };

/** Levels: the rules that are named, and all others disabled. */
const only = (levels: Record<string, EnforcementLevel>): NonNullable<PolicyConfig["rules"]> =>
  Object.fromEntries(rules.map(({ name }) => [name, levels[name] ?? "disabled"]));

describe("a pack that reads by itself", () => {
  const api = useStandIn();
  const endless = endlessToken({ id: "a" });
  afterEach(() => {
    const { users, members } = loadOrganization();
    Object.assign(api.standIn, { users, members });
  });

  /** The policies of one pack at {@link NOW}, and a judge of what the engine hands over. */
  function packOf(config: PolicyConfig, policyConfig = {}, env: NodeJS.ProcessEnv = api.standIn.env) {
    const configuration = resolveConfiguration({ name: "test", config: { api: { maxAttempts: 1 }, ...config } });
    const own = createOwnReads({ ...configuration, apiUrls: [api.standIn.url] }, env);
    const context = { ...createContext(configuration, () => NOW), own, guard: createGuardedUsers(own) };
    const policies = rules.map((rule) => toPolicy(rule, context));
    const options = { config: policyConfig };
    const linesOf = ({ violations }: Awaited<ReturnType<typeof analyzeResource>>) =>
      violations.map(({ policy, message, enforcementLevel }) => `${enforcementLevel} ${policy} ${message}`);
    return {
      judge: async (resource: TestResource) => linesOf(await analyzeResource(policies, resource, options)),
      judgeStack: async (...resources: TestResource[]) => linesOf(await analyzeStack(policies, resources, options)),
    };
  }

  describe("its guard", () => {
    it("judges with the first resource, whatever that is, and never again", async () => {
      const pack = packOf({ guard: ["svc_bi"], rules: only({ "tokens-must-expire": "mandatory" }) });
      const [line = "", ...others] = await pack.judge(STACK);
      assert.match(line, /^mandatory tokens-must-expire svc_bi \/ "dashboards"/);
      assert.deepEqual(others, []);
      assert.deepEqual(await pack.judge(STACK), []);
      assert.equal(api.standIn.readsOf("svc_bi"), 1);
    });

    it("keeps to levels of the pack and of CrossGuard, and to its settings", async () => {
      const levels = { "tokens-must-expire": "advisory", "max-read-write-tokens": "mandatory" } as const;
      const config = { guard: ["svc_bi", "grace"], rules: only(levels) };
      const lines = await packOf(config, { "max-read-write-tokens": { enforcementLevel: "advisory", max: 2 } }).judge(
        STACK,
      );
      assert.deepEqual(
        lines.map((line) => line.split(" ").slice(0, 3).join(" ")),
        ["advisory tokens-must-expire svc_bi", "advisory max-read-write-tokens grace:"],
      );
      assert.deepEqual(
        await packOf(config, { "max-read-write-tokens": { max: 3 }, "tokens-must-expire": "disabled" }).judge(STACK),
        [],
      );
    });

    for (const { title, levels, level } of [
      {
        title: "mandatory, where a rule is, also by one that is not",
        levels: { "token-name-required": "advisory", "tokens-must-expire": "mandatory" },
        level: "mandatory",
      },
      {
        title: "advisory, where all rules are",
        levels: { "token-name-required": "advisory", "tokens-must-expire": "advisory" },
        level: "advisory",
      },
    ] as const) {
      it(`reports once what it could not read: ${title}`, async () => {
        api.standIn.script("svc_bi", ERRORS.forbidden);
        const pack = packOf({ guard: ["svc_*"], rules: only(levels) });
        const lines = [...(await pack.judge(STACK)), ...(await pack.judge(evidenceOf("ada")))];
        assert.equal(lines.length, 1, lines.join("\n"));
        assert.match(lines[0] ?? "", new RegExp(`^${level} \\S+ guard: .*1 of 2 users:\\s+- "svc_bi"`));
        assert.deepEqual(await pack.judgeStack(), []);
      });
    }

    it("does not take the users of a resource for judged where it could read nobody", async () => {
      const pack = packOf({ guard: "everybody", rules: only({ "tokens-must-expire": "mandatory" }) }, {}, {});
      const lines = await pack.judge(evidenceOf("svc_bi", [endless]));
      assert.deepEqual(
        lines.map((line) => line.split(" ")[2]),
        ["guard:", "svc_bi"],
      );
    });

    describe("and a resource of the same user", () => {
      const config = { guard: ["ada"], rules: only({ "tokens-must-expire": "mandatory" }) };
      const wire = wireToken("a", { name: "a", created_ts: endless.createdTs });

      it("never report the same twice, whichever of the engine's resources comes first", async () => {
        api.standIn.users = { ada: [wire] };
        for (const first of [STACK, evidenceOf("ada", [endless])]) {
          const pack = packOf(config);
          const lines = [...(await pack.judge(first)), ...(await pack.judge(evidenceOf("ada", [endless])))];
          assert.equal(lines.length, 1, lines.join("\n"));
          assert.match(lines[0] ?? "", /ada \(administrator\) \/ "a"/);
        }
      });

      it("report what one of them alone holds", async () => {
        api.standIn.users = { ada: [wire] };
        const pack = packOf(config);
        assert.equal((await pack.judge(STACK)).length, 1);
        const lines = await pack.judge(evidenceOf("ada", [endless, endlessToken({ id: "forged" })]));
        assert.equal(lines.length, 1, lines.join("\n"));
        assert.match(lines[0] ?? "", /"forged"/);
        assert.match((await pack.judge(evidenceOf("eve", [endless]))).join(), /eve \/ "a"/);
      });
    });

    it("lets waivers hold, and counts them as used", async () => {
      const config = (guard: PolicyConfig["guard"]) => ({
        ...(guard && { guard }),
        rules: only({ "tokens-must-expire": "mandatory", "waiver-hygiene": "mandatory" }),
        waivers: [waiver()],
      });
      const guarded = packOf(config(["svc_bi"]));
      const lines = await guarded.judge(STACK);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", /^advisory .*waived by WVR-1/);
      // A resource whose violation the guard reported leaves the waiver in use, too.
      assert.deepEqual(await guarded.judgeStack(evidenceOf("svc_bi")), []);
      const unguarded = packOf(config(undefined));
      assert.deepEqual(await unguarded.judge(evidenceOf("svc_bi")), []);
      assert.match((await unguarded.judgeStack(evidenceOf("svc_bi"))).join(), /WVR-1.*no violation matches/);
    });

    it("reads for the stack's rules, which count whom it read", async () => {
      const covered = { "inventory-covered": { enforcementLevel: "mandatory", users: ["svc_bi", "grace"] } } as const;
      const pack = packOf({ guard: ["svc_*"], rules: { ...only({ "token-name-required": "advisory" }), ...covered } });
      await pack.judge(STACK);
      const [line = "", ...others] = await pack.judgeStack();
      assert.match(line, /^mandatory inventory-covered grace: /);
      assert.deepEqual(others, []);
    });

    it("accuses nobody of being missing whom it could not read", async () => {
      api.standIn.scriptListing(ERRORS.internal);
      const covered = { "inventory-covered": { enforcementLevel: "mandatory", users: ["ada"] } } as const;
      const pack = packOf({
        guard: "everybody",
        rules: { ...only({ "token-name-required": "mandatory" }), ...covered },
      });
      assert.match((await pack.judge(STACK)).join(), /^mandatory token-name-required guard: /);
      assert.match((await pack.judgeStack()).join(), /^advisory inventory-covered ada/);
    });

    it("says that no rule judged it, once, and as mandatory", async () => {
      const levels = { "inventory-covered": "advisory", "waiver-hygiene": "advisory" } as const;
      const pack = packOf({ guard: ["svc_bi"], rules: only(levels) });
      assert.deepEqual(await pack.judge(STACK), []);
      const lines = await pack.judgeStack();
      assert.deepEqual(
        lines
          .filter((line) => line.includes("guard: no rule about users has judged"))
          .map((line) => line.split(" ")[0]),
        ["mandatory"],
      );
      // Also where CrossGuard's own configuration switched them off.
      const off = packOf({ guard: ["svc_bi"] }, { all: "disabled", "inventory-covered": "advisory" });
      assert.deepEqual(await off.judge(STACK), []);
      assert.match((await off.judgeStack()).join("\n"), /^mandatory inventory-covered guard: no rule/m);
    });

    it("reads nothing where it is not there", async () => {
      const pack = packOf({ preset: "recommended" });
      await pack.judge(STACK);
      await pack.judge(evidenceOf("svc_bi"));
      await pack.judgeStack(evidenceOf("svc_bi"));
      assert.equal(api.standIn.requests.length, 0);
    });
  });

  describe("its verification", () => {
    const config = { rules: only({ "evidence-verified": "mandatory" }) };
    const wire = wireToken("a", { name: "a", created_ts: endless.createdTs });
    const organization = (...usernames: string[]) => ({
      type: ORGANIZATION_TOKENS_TYPES[0],
      name: "all",
      props: {
        users: usernames.map((username) => ({ username, tokens: [endless], isDeprovisioned: false })),
        _provenance: { fetchedAt: at(0), apiUrl: api.standIn.url },
      },
    });

    it("passes what the API tells, and asks once for a user of several resources", async () => {
      api.standIn.users = { ada: [wire] };
      const pack = packOf(config);
      for (const resource of [evidenceOf("ada", [endless]), evidenceOf("ada", [endless]), organization("ada")]) {
        assert.deepEqual(await pack.judge(resource), []);
      }
      assert.equal(api.standIn.readsOf("ada"), 1);
    });

    it("reports a difference, and who was left out", async () => {
      api.standIn.users = { ada: [wire, wireToken("b")], eve: [] };
      const pack = packOf(config);
      assert.match(
        (await pack.judge(evidenceOf("ada", [endless]))).join(),
        /^mandatory evidence-verified ada: .*\(b\)/,
      );
      const lines = await pack.judge(organization("ada"));
      assert.deepEqual(
        lines.map((line) => line.split(" ")[2]),
        ["ada:", "eve:"],
      );
    });

    it("reports that it cannot tell who was left out, with the resource's name", async () => {
      api.standIn.users = { ada: [wire] };
      api.standIn.scriptListing(ERRORS.forbidden);
      const lines = await packOf(config).judge(organization("ada"));
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", /^mandatory evidence-verified all: .*403/);
    });

    it("takes what the guard read", async () => {
      api.standIn.users = { ada: [wire] };
      const pack = packOf({ ...config, guard: ["ada"] });
      assert.deepEqual([await pack.judge(STACK), await pack.judge(evidenceOf("ada", [endless]))], [[], []]);
      assert.equal(api.standIn.readsOf("ada"), 1);
    });

    it("names a resource safely whose evidence is not known, or cannot be read", async () => {
      const pack = packOf(config);
      assert.match((await pack.judge({ ...evidenceOf("ada"), props: {} })).join(), /there is nothing to judge/);
      assert.equal(api.standIn.requests.length, 0);
    });
  });

  it("has nothing that depends on the order of the rules: each about users judges the guard alone, too", async () => {
    api.standIn.script("ada", ERRORS.forbidden);
    for (const { name } of userRules) {
      const lines = await packOf({ guard: ["ada"], rules: only({ [name]: "advisory" }) }).judge(STACK);
      assert.match(lines.join(), new RegExp(`^advisory ${name} guard: `), name);
    }
  });
});
