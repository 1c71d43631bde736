import { createJudge } from "../../audit/judge";
import { resolveConfiguration, type PolicyConfig } from "../../policies/configuration/configuration";
import { decodeText } from "../../core/printable";
import { sortTokens, type UserToken } from "../../core/user-token";
import type { Case } from "./random";
import { KNOWN_RULES } from "./second-judge";

/** What this package's own judge finds, in the words of the second one. */
export function judgeFirst({ users, settings }: Case, now: number): string[] {
  // As a file holds it: nothing of one judge's objects reaches the other.
  const config = JSON.parse(JSON.stringify(settings)) as PolicyConfig;
  const configuration = resolveConfiguration({ name: "a random case", config });
  const judge = createJudge({ configuration, now, failOn: "mandatory", failOnNew: false });
  const found: string[] = [];
  for (const { name, readAt, deprovisioned, roles, isService, email, tokens } of users) {
    const evidence = tokens.map((token): UserToken => ({
      id: token.id,
      ...(token.name !== undefined && { name: token.name }),
      ...(token.description !== undefined && { description: token.description }),
      ...(token.expires !== undefined && { expireAt: token.expires }),
      createdTs: token.created,
      readOnly: token.readOnly,
      tokenType: token.type,
    }));
    const details = {
      ...(deprovisioned !== "unknown" && { isDeprovisioned: deprovisioned }),
      ...(roles && { roles }),
      ...(isService !== undefined && { isServiceAccount: isService }),
      ...(email !== undefined && { email }),
    };
    const user = { username: name, tokens: sortTokens(evidence), isListingExpected: true, ...details };
    const judged = judge.take({ kind: "user", user: { ...user, ...(readAt !== undefined && { fetchedAt: readAt }) } });
    const ids = new Set(tokens.map(({ id }) => id));
    for (const { rule, severity, enforcementLevel, tokenId = null, parts = [], waiver, owner } of judged?.findings ??
      []) {
      if (!KNOWN_RULES.includes(rule)) continue;
      const concerned = parts.filter((part) => ids.has(part)).sort();
      const whose = owner ? `${decodeText(owner.name)}, ${owner.foundBy}` : null;
      found.push(
        JSON.stringify([rule, enforcementLevel, severity, name, tokenId, concerned, waiver?.id ?? null, whose]),
      );
    }
  }
  for (const { rule, enforcementLevel, subject = "" } of judge.close().findings) {
    if (KNOWN_RULES.includes(rule)) found.push(JSON.stringify([rule, enforcementLevel, decodeText(subject)]));
  }
  return found.sort();
}
