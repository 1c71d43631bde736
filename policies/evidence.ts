import { isTokenList } from "../core/user-token";
import type { UserEvidence } from "./rule";

/** The resource types whose evidence this version understands. */
export const USER_TOKENS_TYPES: readonly string[] = [
  "pulumi-nodejs:dynamic/motherduck:UserTokens",
  "motherduck-tokens:index:UserTokens",
];

/** What a resource is to the rules: none of their business, evidence, or something that they must not pass over. */
export type Evidence =
  | { readonly kind: "other" }
  | { readonly kind: "user"; readonly user: UserEvidence }
  | { readonly kind: "unreadable"; readonly reason: string };

/**
 * Reads a resource's inputs as evidence. What looks like this project's resources but is not understood is
 * `unreadable`, never `other`: a pack that matches nothing passes silently.
 */
export function readEvidence(type: string, props: Record<string, unknown>): Evidence {
  if (!USER_TOKENS_TYPES.includes(type)) {
    // A copy under another module, a subclass, a later version: it carries tokens, so it has to be judged.
    if (!/motherduck.*:(User|Organization)Tokens$/i.test(type)) return { kind: "other" };
    return { kind: "unreadable", reason: `this version of the pack does not know resources of type ${type}` };
  }
  // Each property is read once: reading an unknown one makes the engine report the policy as "can't run".
  const { username, tokens, fetchedAt } = props;
  if (tokens === undefined) return { kind: "unreadable", reason: "`tokens` is missing: they were not read" };
  if (!isTokenList(tokens)) {
    return { kind: "unreadable", reason: "`tokens` is no list of tokens as this version knows them" };
  }
  if (typeof username !== "string") return { kind: "unreadable", reason: "`username` is missing or no string" };
  return {
    kind: "user",
    user: { username, tokens, ...(typeof fetchedAt === "string" && { fetchedAt }) },
  };
}
