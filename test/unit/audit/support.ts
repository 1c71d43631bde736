import { Readable } from "node:stream";
import type { EvidenceItem, EvidenceSource } from "../../../audit/evidence-source";
import { createJudge, type Judge, type JudgeOptions } from "../../../audit/judge";
import { type PolicyConfig, resolveConfiguration } from "../../../policies/configuration/configuration";
import type { UserEvidence } from "../../../policies/rule";
import { NOW, without } from "../support";

/** The type of the resources in recorded stacks. */
export const USER_TOKENS = "pulumi-nodejs:dynamic/motherduck:UserTokens";

/** The URN of a resource of that type. */
export function urnOf(name: string, type = USER_TOKENS): string {
  return `urn:pulumi:dev::program::${type}::${name}`;
}

/** Where the live API is. */
const ORIGIN = { apiUrl: "https://api.motherduck.com" };

/** A judge at {@link NOW}, with the preset `recommended`. */
export function judgeWith(config: PolicyConfig = {}, options: Partial<JudgeOptions> = {}): Judge {
  const configuration = resolveConfiguration({ name: "test", config });
  return createJudge({ configuration, now: NOW, failOn: "mandatory", failOnNew: false, ...options });
}

/** Evidence about a user, as the live API gives it. */
export function userItem(
  username: string,
  tokens: UserEvidence["tokens"],
  more: Partial<UserEvidence> = {},
): EvidenceItem {
  return { kind: "user", user: { username, tokens, origin: ORIGIN, fetchedAt: new Date(NOW).toISOString(), ...more } };
}

/** All that a source finds, user by user: that the first of a resource carries all of them is a matter of verification. */
export async function itemsOf(source: EvidenceSource): Promise<EvidenceItem[]> {
  const items: EvidenceItem[] = [];
  for await (const item of source.read()) items.push(item.kind === "user" ? without(item, "resource") : item);
  return items;
}

/** A stream of this text. */
export function streamOf(text: string): () => Readable {
  return () => Readable.from([text]);
}
