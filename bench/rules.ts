// `npm run bench:rules`: how many tokens a second all rules judge, and how that grows with their number.
import { DAY } from "../core/duration";
import { resolveConfiguration } from "../policies/configuration/configuration";
import { judgeUser } from "../policies/judge-user";
import { limitsInForce } from "../policies/limits";
import type { UserEvidence } from "../policies/rule";
import { userRules } from "../policies/rules";
import { createWaiverMatcher } from "../policies/waivers";
import type { UserToken } from "../core/user-token";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const TOKENS_PER_USER = 5;

function users(count: number): UserEvidence[] {
  return Array.from({ length: count }, (_, user) => ({
    username: `svc_${user}`,
    fetchedAt: new Date(NOW).toISOString(),
    isDeprovisioned: false,
    tokens: Array.from({ length: TOKENS_PER_USER }, (_, index): UserToken => ({
      id: `${user}-${index}`,
      name: `token-${index}`,
      createdTs: new Date(NOW - (index + 1) * DAY).toISOString(),
      ...(index > 0 && { expireAt: new Date(NOW + index * 30 * DAY).toISOString() }),
      readOnly: index % 2 === 0,
      tokenType: index % 2 === 0 ? "read_scaling" : "read_write",
    })),
  }));
}

const configuration = resolveConfiguration({
  name: "the benchmark",
  config: { rules: { "read-scaling-only": { users: ["bi_*", "svc_1*"] } } },
});

function judgeAll(evidence: UserEvidence[]): number {
  const findWaiver = createWaiverMatcher(configuration.waivers, configuration.waiverLimits, NOW);
  const limits = limitsInForce(configuration);
  let violations = 0;
  for (const rule of userRules) {
    const settings = configuration.settings(rule);
    for (const user of evidence) violations += judgeUser(rule, user, settings, findWaiver, NOW, limits).length;
  }
  return violations;
}

judgeAll(users(1000));
console.log("   tokens  violations  seconds  tokens/s   relative to the first");
let first: number | undefined;
for (const tokens of [10_000, 100_000, 1_000_000]) {
  const evidence = users(tokens / TOKENS_PER_USER);
  const started = performance.now();
  const violations = judgeAll(evidence);
  const seconds = (performance.now() - started) / 1000;
  first ??= seconds / tokens;
  const row = [
    String(tokens).padStart(9),
    String(violations).padStart(10),
    seconds.toFixed(2).padStart(7),
    Math.round(tokens / seconds)
      .toString()
      .padStart(8),
    `${(seconds / tokens / first).toFixed(2)} x per token`.padStart(22),
  ];
  console.log(row.join("  "));
}
