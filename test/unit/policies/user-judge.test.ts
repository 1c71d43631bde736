import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { UserToken } from "../../../core/user-token";
import type { PolicyConfig } from "../../../policies/configuration/configuration";
import { rules } from "../../../policies/rules";
import { ORGANIZATION_TOKENS_TYPES } from "../../../policies/read-evidence";
import { analyzeResource } from "../../../testing";
import { judgeWith, userItem } from "../audit/support";
import { at, configured, endlessToken, evidenceOf, userToken } from "../support";

interface Person {
  readonly username: string;
  readonly isServiceAccount?: boolean;
  readonly email?: string;
  readonly tokens: readonly UserToken[];
}

/** `level rule user/token owner` of all that the pack finds; it has to be what the audit finds. */
async function judgedAlike(config: PolicyConfig, ...users: readonly Person[]): Promise<string[]> {
  const judge = judgeWith(config);
  const found = users.flatMap(({ username, tokens, ...more }) => {
    const user = judge.take(userItem(username, tokens, { isDeprovisioned: false, isListingExpected: true, ...more }));
    return (user?.findings ?? []).map(({ rule, enforcementLevel, message, waiver, owner }) => ({
      rule,
      level: waiver ? "advisory" : enforcementLevel,
      text: owner ? `${message} [owned by ${owner.name} (${owner.foundBy})]` : message,
    }));
  });
  const evidence = users.map((user) => ({ isDeprovisioned: false, ...user }));
  const props = { ...evidenceOf("organization").props, users: evidence };
  const { violations } = await analyzeResource(configured(config), { type: ORGANIZATION_TOKENS_TYPES[0], props });
  const reported = violations.map(({ policy, enforcementLevel, message }) => ({
    ...{ rule: policy, level: enforcementLevel },
    text: message.replace(/ \[waived by .*\]$/, ""),
  }));
  const lines = (list: typeof found) => list.map(({ rule, level, text }) => `${level} ${rule} ${text}`).sort();
  assert.deepEqual(lines(found), lines(reported as typeof found));
  return found.map(({ rule, level, text }) => {
    const [about = ""] = text.split(":");
    const owner = /\[owned by (.*)\]$/.exec(text)?.[1];
    return `${level} ${rule} ${about.replace(/ \/ "([^"]*)".*/, "/$1")}${owner === undefined ? "" : ` ${owner}`}`;
  });
}

/** Of all rules only these judge. */
function only(judging: NonNullable<PolicyConfig["rules"]>): NonNullable<PolicyConfig["rules"]> {
  return { ...Object.fromEntries(rules.map(({ name }) => [name, "disabled"])), ...judging };
}

const old = (id: string, days: number) => userToken({ id, createdTs: at(-days), expireAt: at(1) });
const etl: Person = { username: "svc_etl", isServiceAccount: true, tokens: [old("a", 50)] };
const ada: Person = { username: "ada", isServiceAccount: false, tokens: [old("b", 50)] };

describe("The judge of users, in the pack and in the audit alike,", () => {
  const robots = (levelOrSettings: object | string) =>
    ({ name: "robots", users: ["svc_*"], rules: { "max-token-age": levelOrSettings } }) as never;

  for (const { title, config, users = [etl, ada], expected } of [
    {
      title: "keeps a group's limit",
      config: { rules: only({ "max-token-age": "advisory" }), groups: [robots({ maxDays: 30 })] },
      expected: ["advisory max-token-age svc_etl/a"],
    },
    {
      title: "keeps a group's level",
      config: {
        rules: only({ "max-token-age": { enforcementLevel: "advisory", maxDays: 30 } }),
        groups: [robots("mandatory")],
      },
      expected: ["mandatory max-token-age svc_etl/a", "advisory max-token-age ada/b"],
    },
    {
      title: "keeps a group's level where it is weaker",
      config: {
        rules: only({ "max-token-age": { enforcementLevel: "mandatory", maxDays: 30 } }),
        groups: [robots("advisory")],
      },
      expected: ["advisory max-token-age svc_etl/a", "mandatory max-token-age ada/b"],
    },
    {
      title: "leaves a group alone for which a rule is off",
      config: {
        rules: only({ "max-token-age": { enforcementLevel: "mandatory", maxDays: 30 } }),
        groups: [robots("disabled")],
      },
      expected: ["mandatory max-token-age ada/b"],
    },
    {
      title: "judges only groups by a rule that is off for everybody else",
      config: {
        rules: only({ "tokens-must-expire": "advisory" }),
        groups: [robots({ enforcementLevel: "mandatory", maxDays: 30 })],
      },
      expected: ["mandatory max-token-age svc_etl/a"],
    },
    {
      title: "judges one group by the stronger level, and another by its own",
      config: {
        rules: only({ "tokens-must-expire": "advisory" }),
        groups: [
          robots({ enforcementLevel: "mandatory", maxDays: 30 }),
          {
            name: "people",
            accounts: "humans",
            rules: { "max-token-age": { enforcementLevel: "advisory", maxDays: 30 } },
          },
        ],
      },
      expected: ["mandatory max-token-age svc_etl/a", "advisory max-token-age ada/b"],
    },
    {
      title: "judges as a person and as a service account who might be either, and takes the stronger",
      config: {
        rules: only({ "max-token-age": { enforcementLevel: "advisory", maxDays: 90 } }),
        groups: [
          { name: "people", accounts: "humans", rules: { "max-token-age": { maxDays: 30 } } },
          {
            name: "robots",
            accounts: "serviceAccounts",
            rules: { "max-token-age": { enforcementLevel: "mandatory", maxDays: 60 } },
          },
        ],
      },
      users: [{ username: "who", tokens: [old("young", 20), old("a", 50), old("b", 70)] }],
      expected: ["advisory max-token-age who/a", "mandatory max-token-age who/b"],
    },
    {
      title: "names no owners where the settings have none",
      config: { rules: only({ "max-token-age": { maxDays: 30, enforcementLevel: "advisory" } }) },
      users: [{ ...ada, email: "ada@example.com" }],
      expected: ["advisory max-token-age ada/b"],
    },
    {
      title: "names the token's owner, or the user's, and says how each was found",
      config: {
        rules: only({
          "max-token-age": { maxDays: 30, enforcementLevel: "advisory" },
          "max-tokens-per-user": { max: 0, enforcementLevel: "advisory" },
        }),
        owners: {
          users: { "svc_*": "platform" },
          tokens: [{ user: "svc_etl", token: "a", owner: "#night" }],
          descriptionPattern: "owner: (.*)",
        },
      },
      users: [
        etl,
        { ...ada, email: "ada@example.com", tokens: [{ ...old("b", 50), description: "owner: Eve" }, old("c", 50)] },
        { username: "zoe", isServiceAccount: false, tokens: [old("d", 50)] },
      ],
      expected: [
        "advisory max-token-age svc_etl/a #night (token setting)",
        "advisory max-tokens-per-user svc_etl platform (user setting)",
        "advisory max-token-age ada/b Eve (description)",
        "advisory max-token-age ada/c ada@example.com (email)",
        "advisory max-tokens-per-user ada ada@example.com (email)",
        "advisory max-token-age zoe/d",
        "advisory max-tokens-per-user zoe",
      ],
    },
    {
      title: "finds tokens without an owner, by the same owners",
      config: {
        rules: only({ "token-owner-required": "mandatory" }),
        owners: { tokens: [{ user: "svc_etl", token: "owned", owner: "platform" }] },
      },
      users: [
        { ...etl, tokens: [userToken({ id: "owned" }), userToken({ id: "free" })] },
        { ...ada, email: "ada@example.com" },
      ],
      expected: ["mandatory token-owner-required svc_etl/free"],
    },
    {
      title: "keeps a group's own limits in its advice",
      config: {
        rules: only({ "tokens-must-expire": "mandatory", "max-token-lifetime": "mandatory" }),
        groups: [{ name: "robots", users: ["svc_*"], rules: { "max-token-lifetime": { maxDays: 10 } } }],
      },
      users: [
        { ...etl, tokens: [endlessToken({ id: "e" })] },
        { ...ada, tokens: [endlessToken({ id: "f" })] },
      ],
      expected: ["mandatory tokens-must-expire svc_etl/e", "mandatory tokens-must-expire ada/f"],
    },
  ] satisfies { title: string; config: PolicyConfig; users?: Person[]; expected: string[] }[]) {
    it(title, async () => assert.deepEqual(await judgedAlike(config, ...users), expected));
  }

  describe("where CrossGuard gives the policy another level, for somebody who may be a person or a service account,", () => {
    const evidence = evidenceOf("who", [old("a", 400)]);
    const levels = async (settings: PolicyConfig, crossGuard: "mandatory" | "advisory") => {
      const config = { "max-token-age": crossGuard };
      const { violations } = await analyzeResource(configured(settings), evidence, { config });
      return violations.map(({ enforcementLevel }) => enforcementLevel);
    };
    const people = (enforcementLevel: "mandatory" | "advisory") =>
      [
        {
          name: "people",
          accounts: "humans",
          rules: { "max-token-age": { enforcementLevel, maxDays: 365 } },
        },
      ] as const;

    it("keeps it from being lost to a group's advisory level", async () => {
      const rules = only({ "max-token-age": "advisory" });
      assert.deepEqual(await levels({ rules, groups: people("advisory") }, "mandatory"), ["mandatory"]);
    });

    it("keeps a group's mandatory level from being lost to it", async () => {
      const rules = only({ "max-token-age": "mandatory" });
      assert.deepEqual(await levels({ rules, groups: people("mandatory") }, "advisory"), ["mandatory"]);
    });
  });

  it("tells a lifetime in days that the group allows", () => {
    const config: PolicyConfig = {
      groups: [{ name: "robots", users: ["svc_*"], rules: { "max-token-lifetime": { maxDays: 10 } } }],
    };
    const fixOf = (username: string) => {
      const user = judgeWith(config).take(userItem(username, [endlessToken({ id: "e" })]));
      return user?.findings.find(({ rule }) => rule === "tokens-must-expire")?.fix;
    };
    assert.match(fixOf("svc_etl") ?? "", /ttl <= 864000 /);
    assert.match(fixOf("ada") ?? "", /ttl <= 7776000 /);
  });
});

describe("A policy that is off in the settings", () => {
  const crossGuard = { "max-token-age": { enforcementLevel: "mandatory", maxDays: 30 } } as const;

  it("judges everybody where CrossGuard switches it on, but for a group that switches it off", async () => {
    const config: PolicyConfig = {
      rules: only({}),
      groups: [{ name: "robots", users: ["svc_*"], rules: { "max-token-age": "disabled" } }],
    };
    for (const { username, found } of [
      { username: "ada", found: 1 },
      { username: "svc_etl", found: 0 },
    ]) {
      const { violations } = await analyzeResource(configured(config), evidenceOf(username, [old("a", 50)]), {
        config: crossGuard,
      });
      assert.deepEqual(
        violations.map(({ policy, enforcementLevel }) => `${enforcementLevel} ${policy}`),
        found === 1 ? ["mandatory max-token-age"] : [],
      );
    }
  });

  it("has CrossGuard's settings for groups, too", async () => {
    const config: PolicyConfig = {
      rules: only({ "max-token-age": "advisory" }),
      groups: [{ name: "robots", users: ["svc_*"], rules: { "max-token-age": { maxDays: 60 } } }],
    };
    const run = (override: object) =>
      analyzeResource(configured(config), evidenceOf("svc_etl", [old("a", 50)]), {
        config: { "max-token-age": override },
      });
    assert.equal((await run({})).violations.length, 0);
    assert.equal((await run({ maxDays: 30 })).violations.length, 1);
  });
});
