import { statSync } from "node:fs";
import { fingerprint } from "../audit/baseline";
import { describeRules } from "../audit/judge";
import type { AuditHeader, Finding, JudgedUser } from "../audit/result";
import { DAY } from "../core/duration";
import type { UserToken } from "../core/user-token";
import { Recorder } from "../history/record";
import { resolveConfiguration } from "../policies/configuration/configuration";
import { createRandom } from "../tools/random";

const START = Date.parse("2025-01-01T02:00:00Z");

/** What really happened to a token, by the index of the run that could see it first. */
export interface Deed {
  readonly tokenId: string;
  readonly kind: "created" | "revoked";
  readonly night: number;
}

export interface YearOptions {
  readonly users: number;
  readonly tokensPerUser: number;
  readonly nights: number;
  /** The share of tokens that are replaced each night. */
  readonly churn: number;
  /** The share of runs in which some users cannot be read. */
  readonly failing: number;
}

/** Nightly audits with a realistic churn, recorded in a ledger. */
export async function simulateYear(place: string, { users, tokensPerUser, nights, churn, failing }: YearOptions) {
  const { chance } = createRandom(42);
  const rules = describeRules(resolveConfiguration());
  const deeds: Deed[] = [];
  const appends: number[] = [];
  let made = 0;
  const make = (night: number): UserToken => ({
    id: uuid(made++),
    name: `token ${made % 40}`,
    createdTs: new Date(START + (night - 0.5) * DAY).toISOString(),
    expireAt: new Date(START + (night + 400) * DAY).toISOString(),
    readOnly: false,
    tokenType: made % 3 === 0 ? "read_scaling" : "read_write",
  });
  const held = Array.from({ length: users }, () => Array.from({ length: tokensPerUser }, () => make(0)));
  for (let night = 0; night < nights; night++) {
    for (const own of night === 0 ? [] : held) {
      for (const [index, old] of own.entries()) {
        if (!chance(churn)) continue;
        own[index] = make(night);
        deeds.push({ tokenId: old.id, kind: "revoked", night }, { tokenId: own[index].id, kind: "created", night });
      }
    }
    const now = new Date(START + night * DAY).toISOString();
    const fails = chance(failing);
    const failures: { subject: string; message: string }[] = [];
    const header: AuditHeader = {
      ...{ version: "1.0.0", now, source: { kind: "api", name: "https://api.example.com" }, rules },
      ...{ failOn: "mandatory", failOnNew: false },
    };
    const judged: JudgedUser[] = [];
    for (const [index, tokens] of held.entries()) {
      const username = `user_${index}`;
      if (fails && chance(0.1)) failures.push({ subject: username, message: "MotherDuck answered 500" });
      else
        judged.push({
          username,
          isServiceAccount: index % 4 === 0,
          fetchedAt: now,
          tokens: [...tokens],
          findings: findingsOf(username, tokens),
        });
    }
    const counts = { mandatory: 0, advisory: 0, waived: 0, known: 0, failures: failures.length };
    const begin = performance.now();
    const recorder = await Recorder.start(place, header, { env: {} });
    for (const user of judged) recorder.add(user);
    const summary = {
      users: judged.length,
      tokens: judged.length * tokensPerUser,
      ...counts,
      exitCode: fails ? 2 : 0,
    } as const;
    await recorder.finish({ findings: [], failures, summary }, "everybody", {}, Date.parse(now) + 60_000);
    recorder.close();
    appends.push(performance.now() - begin);
  }
  return { deeds, appends, bytes: statSync(place).size };
}

/** Every tenth token breaks a rule. */
function findingsOf(username: string, tokens: readonly UserToken[]): Finding[] {
  const rule = "max-token-lifetime";
  return tokens
    .filter(({ id }) => id.endsWith("0"))
    .map(({ id: tokenId }) => ({
      ...{ rule, severity: "high", enforcementLevel: "mandatory", username, tokenId },
      fact: "it lives for 400 days, allowed are 90.",
      message: `${username} / ${tokenId}: it lives for 400 days, allowed are 90.`,
      fingerprint: fingerprint({ rule, username, tokenId }),
    }));
}

function uuid(number: number): string {
  const { int } = createRandom(number + 1);
  const hex = (digits: number) => Array.from({ length: digits }, () => int(16).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(4)}${String(number).padStart(8, "0")}`;
}
