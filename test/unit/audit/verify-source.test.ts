import assert from "node:assert/strict";
import { unknownValue } from "@pulumi/pulumi/runtime";
import { describe, it } from "mocha";
import { stateSource } from "../../../audit/read-state";
import { verifySource } from "../../../audit/verify-source";
import { DYNAMIC_TYPES } from "../../../core/resource-types";
import { createOwnReader } from "../../../policies/own-reader";
import type { WireToken } from "../../../tools/stand-in/organization";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { at, FAST, useStandIn, userToken, wireToken } from "../support";
import { itemsOf, judgeWith, streamOf, urnOf, USER_TOKENS } from "./support";

const endless: WireToken = wireToken("endless", { name: "endless" });
const token = userToken({ id: "a" });
const wire = wireToken("a", { name: "a", created_ts: token.createdTs, expire_at: token.expireAt ?? "" });

describe("what an audit verifies of a state", () => {
  const api = useStandIn();

  /** The findings of the rule, and the failures. */
  async function audit(resources: object[], env: NodeJS.ProcessEnv = api.standIn.env) {
    const state = JSON.stringify({ deployment: { resources } });
    const source = verifySource(stateSource("state.json", streamOf(state)), () =>
      Promise.resolve(createOwnReader({ api: {}, apiUrls: [api.standIn.url], env, timing: FAST })),
    );
    const judge = judgeWith({ rules: { "evidence-verified": "mandatory", "evidence-origin": "disabled" } });
    const users = (await itemsOf(source)).map((item) => judge.take(item));
    const { findings: ofStack, failures, summary } = judge.close();
    const findings = users.flatMap((user) => user?.findings ?? []).filter(({ rule }) => rule === "evidence-verified");
    return {
      findings: findings.map(({ message }) => message),
      ofStack: ofStack.map(({ message }) => message),
      failures,
      exitCode: summary.exitCode,
    };
  }

  const userOf = (username: string, name = username) => ({
    urn: urnOf(name),
    type: USER_TOKENS,
    inputs: { username, tokens: [token], fetchedAt: at(0) },
  });

  it("is nothing where it is what the API tells, with one request for two resources of a user", async () => {
    api.standIn.users = { ada: [wire] };
    assert.deepEqual(await audit([userOf("ada", "one"), userOf("ada", "two")]), {
      findings: [],
      ofStack: [],
      failures: [],
      exitCode: 0,
    });
    assert.equal(api.standIn.readsOf("ada"), 1);
  });

  it("is each difference, and whom a resource of everybody leaves out", async () => {
    api.standIn.users = { ada: [wire, endless], eve: [] };
    const users = [{ username: "ada", tokens: [token], isDeprovisioned: false }];
    const everybody = {
      urn: urnOf("all"),
      type: DYNAMIC_TYPES.organizationTokens,
      inputs: { users, fetchedAt: at(0) },
    };
    const { findings, exitCode } = await audit([everybody]);
    assert.deepEqual(
      findings.map((message) => message.replace(/ Find out who.*/, "")),
      [
        'ada: the evidence is not what the API tells: missing "endless" (endless).',
        "eve: the evidence should hold this user, and leaves it out.",
      ],
    );
    assert.equal(exitCode, 1);
  });

  it("is nothing that is not evidence about users: that is passed on as it is, and nothing is read", async () => {
    const unknown = { urn: urnOf("new"), type: USER_TOKENS, inputs: { username: unknownValue } };
    const { failures } = await audit([unknown, { urn: urnOf("odd"), type: USER_TOKENS, inputs: { username: 7 } }]);
    assert.deepEqual(
      failures.map(({ subject }) => subject),
      [urnOf("new"), urnOf("odd")],
    );
    assert.equal(api.standIn.requests.length, 0);
  });

  it("is a failure where it cannot be told whether a resource of everybody leaves somebody out", async () => {
    api.standIn.users = { ada: [wire] };
    api.standIn.scriptListing(ERRORS.forbidden);
    const urn = urnOf("all");
    const users = [{ username: "ada", tokens: [token], isDeprovisioned: false }];
    const everybody = { urn, type: DYNAMIC_TYPES.organizationTokens, inputs: { users, fetchedAt: at(0) } };
    const { findings, failures, exitCode } = await audit([everybody]);
    assert.deepEqual([findings, exitCode], [[], 2]);
    assert.deepEqual(
      failures.map((failure) => [failure.subject, failure.urn]),
      [[urn, urn]],
    );
    assert.match(
      failures[0]?.message ?? "",
      /^it cannot be verified that the evidence holds everybody: .*403 FORBIDDEN/,
    );
  });

  it("is a failure where it cannot be read", async () => {
    const { findings, failures, exitCode } = await audit([userOf("ada")], {});
    assert.equal(exitCode, 2);
    assert.match(findings[0] ?? "", /^ada: the evidence cannot be verified: no MotherDuck API token: looked at MOTHER/);
    assert.deepEqual(
      failures.map(({ subject }) => subject),
      ["ada"],
    );
  });
});
