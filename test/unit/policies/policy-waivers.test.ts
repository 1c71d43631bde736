import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { resolveConfiguration } from "../../../policies/configuration/configuration";
import { ORGANIZATION_TOKENS_TYPES } from "../../../policies/read-evidence";
import { createContext, toPolicy } from "../../../policies/policy";
import {
  evidenceFresh,
  maxReadWriteTokens,
  rules,
  stackRules,
  tokensMustExpire,
  waiverHygiene,
} from "../../../policies/rules";
import { analyzeResource, analyzeStack, unknown, userTokens } from "../../../testing";
import { at, configured, endlessToken, evidenceOf, failureOf, userToken, waiver } from "../support";

const endless = ["7c1f", "9e00"].map((id) => endlessToken({ id, name: `n-${id}`, createdTs: at(-10) }));
const levels = ({ violations }: Awaited<ReturnType<typeof analyzeResource>>) =>
  violations.map(({ enforcementLevel }) => enforcementLevel);

describe("A waived violation", () => {
  it("is an advisory note that says so; the others stay", async () => {
    const policies = configured({ waivers: [waiver({ token: "7c1f" })] }, tokensMustExpire);
    const { violations } = await analyzeResource(policies, evidenceOf("svc_bi", endless));
    assert.deepEqual(violations, [
      {
        policy: "tokens-must-expire",
        message:
          `svc_bi / "n-7c1f" (7c1f): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one. ` +
          "[waived by WVR-1 until 2026-03-31 (data-platform@example.com): The vendor cannot rotate yet]",
        enforcementLevel: "advisory",
      },
      {
        policy: "tokens-must-expire",
        message: `svc_bi / "n-9e00" (9e00): never expires. Create a replacement with ttl <= 7776000 (people create theirs in their own settings), switch its consumers, revoke this one.`,
        enforcementLevel: "mandatory",
      },
    ]);
  });

  it("can be one about the user as a whole", async () => {
    const waivers = [waiver({ rule: "max-read-write-tokens" })];
    const policies = configured({ waivers, rules: { "max-read-write-tokens": { max: 0 } } }, maxReadWriteTokens);
    assert.deepEqual(levels(await analyzeResource(policies, evidenceOf("svc_bi", endless))), ["advisory"]);
    assert.deepEqual(levels(await analyzeResource(policies, evidenceOf("ada", endless))), ["mandatory"]);
  });

  it("is one for as long as CrossGuard's own configuration allows, also where the settings file allows less", async () => {
    const policies = configured({ waivers: [waiver({ expires: "2026-06-30" })] }, waiverHygiene, tokensMustExpire);
    const judge = async (config: Record<string, object>) =>
      levels(await analyzeResource(policies, evidenceOf("svc_bi", endless.slice(1)), { config }));
    assert.deepEqual(await judge({}), ["mandatory"]);
    assert.deepEqual(await judge({ "waiver-hygiene": { maxDays: 180 } }), ["advisory"]);
    assert.deepEqual(await judge({ "waiver-hygiene": { maxDays: 180, requireTicket: true } }), ["mandatory"]);
  });

  it("is only the user's among those of an organization", async () => {
    const users = ["svc_bi", "ada"].map((username) => ({ username, tokens: endless.slice(1), isDeprovisioned: false }));
    const resource = { type: ORGANIZATION_TOKENS_TYPES[0], props: { ...evidenceOf("svc_bi").props, users } };
    const policies = configured({ waivers: [waiver()] }, tokensMustExpire);
    assert.deepEqual(levels(await analyzeResource(policies, resource)), ["advisory", "mandatory"]);
  });

  it("is looked for by a glob also among tokens whose name is null, as an older state may hold them", async () => {
    const tokens = [{ ...endless[0], name: null }];
    const resource = { props: { ...evidenceOf("svc_bi").props, tokens } };
    const policies = configured({ waivers: [waiver({ token: "n*" })] }, tokensMustExpire);
    assert.deepEqual(levels(await analyzeResource(policies, resource)), ["mandatory"]);
  });

  it("stays mandatory after the last day of the waiver", async () => {
    const policies = configured({ waivers: [waiver({ expires: "2026-02-28" })] }, tokensMustExpire);
    assert.deepEqual(levels(await analyzeResource(policies, evidenceOf("svc_bi", endless))), [
      "mandatory",
      "mandatory",
    ]);
  });

  it("is mandatory again from the moment in which the waiver ends, also while the pack runs", async () => {
    const config = { waivers: [waiver({ expires: "2026-03-01" })] };
    let now = Date.parse("2026-03-01T23:59:59.999Z");
    const policy = toPolicy(
      tokensMustExpire,
      createContext(resolveConfiguration({ name: "test", config }), () => now),
    );
    const judge = async () => levels(await analyzeResource([policy], evidenceOf("svc_bi", endless)));
    assert.deepEqual(await judge(), ["advisory", "advisory"]);
    now += 1;
    assert.deepEqual(await judge(), ["mandatory", "mandatory"]);
  });

  it("is never one about the evidence itself", async () => {
    const policies = configured(
      { waivers: [waiver({ token: "*" }), waiver({ id: "2" })] },
      tokensMustExpire,
      evidenceFresh,
    );
    for (const props of [{ username: "svc_bi" }, { username: "svc_bi", tokens: [], fetchedAt: at(-2) }]) {
      assert.deepEqual(levels(await analyzeResource(policies, { props })), ["mandatory"]);
    }
  });

  for (const rule of rules) {
    const { name } = rule;
    // Else the evidence, or the waivers, could be waived away.
    const isAboutEvidence = name.startsWith("evidence-") || stackRules.some((other) => other === rule);
    it(`is ${isAboutEvidence ? "refused" : "taken"} for ${name}`, async () => {
      const configure = () => configured({ waivers: [waiver({ rule: name })] });
      if (isAboutEvidence) assert.match((await failureOf(configure)).message, new RegExp(`${name} cannot be waived`));
      else assert.equal(configure().length, rules.length);
    });
  }
});

describe("waiver-hygiene, after the resources were judged,", () => {
  const hygiene = async (waivers: ReturnType<typeof waiver>[], ...resources: ReturnType<typeof evidenceOf>[]) => {
    const policies = configured({ waivers }, tokensMustExpire, waiverHygiene);
    for (const resource of resources) await analyzeResource(policies, resource);
    const { violations } = await analyzeStack(policies, resources);
    return violations.map(({ message }) => /waiver (\S+) .*: (.*)\. Renew/.exec(message)?.slice(1));
  };
  const unused = "no violation matches it any more";

  it("passes waivers that were needed", async () => {
    assert.deepEqual(await hygiene([waiver({ token: "7c1f" })], evidenceOf("svc_bi", endless)), []);
  });

  it("finds a waiver whose token is good now, or gone", async () => {
    const waivers = [waiver({ token: "7c1f" })];
    const good = evidenceOf("svc_bi", [userToken({ id: "7c1f" })]);
    assert.deepEqual(await hygiene(waivers, good), [["WVR-1", unused]]);
    assert.deepEqual(await hygiene(waivers, evidenceOf("svc_bi")), [["WVR-1", unused]]);
  });

  it("says nothing of several for the same violation, as where one is renewed ahead of time, in whatever order", async () => {
    const waivers = [waiver({ id: "old", expires: "2026-03-02" }), waiver({ id: "new" })];
    assert.deepEqual(await hygiene(waivers, evidenceOf("svc_bi", endless)), []);
    assert.deepEqual(await hygiene(waivers.toReversed(), evidenceOf("svc_bi", endless)), []);
  });

  it("says nothing of a waiver whose user was not judged here", async () => {
    assert.deepEqual(await hygiene([waiver({ user: "eve" })], evidenceOf("svc_bi", endless)), []);
  });

  it("says nothing of unused ones while something is not known yet", async () => {
    const later = { ...evidenceOf("x"), props: { username: unknown.string, tokens: unknown.string } } as never;
    assert.deepEqual(await hygiene([waiver()], evidenceOf("svc_bi"), later), []);
  });

  it("finds a faulty waiver, which hid nothing, whoever was judged", async () => {
    const waivers = [waiver({ reason: "" })];
    assert.deepEqual(await hygiene(waivers, userTokens("ada")), [["WVR-1", "its reason has fewer than 10 characters"]]);
  });
});
