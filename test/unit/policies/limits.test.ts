import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import { judgeUser } from "../../../policies/judge-user";
import { formatViolation } from "../../../policies/rule";
import { limitsInForce } from "../../../policies/limits";
import { userRules } from "../../../policies/rules";
import { analyzeResource, userTokens } from "../../../testing";
import { at, configured, endlessToken, NOW, userToken } from "../support";

const DAY = 86_400;

/** The ttl that every advice names, for a token that breaks as much as it can. */
function advised(config: PolicyConfig, tokenType: string): number[] {
  const configuration = resolveConfiguration({ name: "test", config });
  const tokens = [
    endlessToken({ id: "endless", tokenType, name: " ", createdTs: at(-3000) }),
    userToken({ id: "long", tokenType, name: " ", createdTs: at(-3000), expireAt: at(1) }),
  ];
  const user = { username: "svc_bi", tokens, fetchedAt: at(0) };
  const limits = limitsInForce(configuration);
  const messages = userRules
    .filter((rule) => configuration.level(rule) !== "disabled")
    .flatMap((rule) => judgeUser(rule, user, configuration.settings(rule), () => [], NOW, limits))
    .map(formatViolation);
  const all = messages.flatMap((message) => [...message.matchAll(/ttl <= (\d+)/g)].map(([, ttl]) => Number(ttl)));
  for (const message of messages) assert.ok(!/Create/.test(message) || /ttl <= \d/.test(message), message);
  return [...new Set(all)];
}

describe("every advice", () => {
  const age = (days: number) => ({ "max-token-age": { maxDays: days } });
  for (const { title, config, readWrite, readScaling } of [
    { title: "the defaults", config: {}, readWrite: 90, readScaling: 90 },
    { title: "the preset strict", config: { preset: "strict" }, readWrite: 30, readScaling: 30 },
    {
      title: "a limit by type",
      config: { rules: { "max-token-lifetime": { maxDays: 60, byType: { read_scaling: 7 } } } },
      readWrite: 60,
      readScaling: 7,
    },
    { title: "an age that is shorter than the lifetime", config: { rules: age(20) }, readWrite: 20, readScaling: 20 },
    {
      title: "longer limits",
      config: { rules: { "max-token-lifetime": { maxDays: 365 }, ...age(3650) } },
      readWrite: 365,
      readScaling: 365,
    },
    {
      title: "no limit of lifetime, and an age beyond what the API allows",
      config: { rules: { "max-token-lifetime": "disabled", ...age(3650) } },
      readWrite: 365,
      readScaling: 365,
    },
    {
      title: "no limits at all",
      config: { rules: { "max-token-lifetime": "disabled", "max-token-age": "disabled" } },
      readWrite: 90,
      readScaling: 90,
    },
    {
      title: "a fraction of days",
      config: { rules: { "max-token-lifetime": { maxDays: 4.35 } } },
      readWrite: 4.35,
      readScaling: 4.35,
    },
  ] satisfies { title: string; config: PolicyConfig; readWrite: number; readScaling: number }[]) {
    it(`keeps the limits in force: ${title}`, () => {
      assert.deepEqual(advised(config, "read_write"), [Math.round(readWrite * DAY)]);
      assert.deepEqual(advised(config, "read_future"), [Math.round(readWrite * DAY)]);
      assert.deepEqual(advised(config, "read_scaling"), [Math.round(readScaling * DAY)]);
    });
  }

  it("names the ttl of a read_scaling token to those who only read", () => {
    const rules = { "read-scaling-only": { users: ["*"] }, "max-token-lifetime": { byType: { read_scaling: 7 } } };
    assert.deepEqual(new Set(advised({ rules }, "read_write")), new Set([90 * DAY, 7 * DAY]));
  });

  it("keeps, in a pack, what CrossGuard's own configuration sets", async () => {
    const resource = userTokens("svc_bi", [endlessToken({ id: "endless" })], { fetchedAt: at(0) });
    const config = { "max-token-lifetime": { enforcementLevel: "mandatory", maxDays: 12 } } as const;
    const { violations } = await analyzeResource(configured({}), resource, { config });
    assert.deepEqual(
      violations.map(({ message }) => /ttl <= \d+/.exec(message)?.[0]),
      [`ttl <= ${12 * DAY}`],
    );
  });
});
