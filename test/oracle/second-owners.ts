import {
  fits,
  isGlob,
  letters,
  looksLikeAnId,
  type OwnersRecord,
  seen,
  type TokenRecord,
  type UserRecord,
} from "./second-facts";

/** Patterns for descriptions, and what their group holds. */
export const OWNER_PATTERNS: Readonly<Record<string, (description: string) => string | undefined>> = {
  "owner: (\\w*)": (description) => /owner: ([A-Za-z0-9_]*)/.exec(description)?.[1],
  "^(.*)$": (description) => (description.includes("\n") ? undefined : description),
};

/** `owner, how it was found` of a token, or of the user as a whole. */
export function ownerOf(
  { name: user, email = "" }: UserRecord,
  token: TokenRecord | undefined,
  { users = {}, tokens = [], descriptionPattern, email: usesEmail = true }: OwnersRecord = {},
): string | undefined {
  const fitting = tokens.filter((entry) => {
    if (token === undefined || !fits(entry.user ?? "*", user)) return false;
    if (entry.token === token.id) return true;
    return !looksLikeAnId(entry.token) && token.name !== undefined && fits(entry.token, token.name);
  });
  // An id is above each name, a name above each glob.
  const rank = (text: string) => (looksLikeAnId(text) ? 2e9 : isGlob(text) ? letters(text) : 1e9);
  const userRank = (text = "*") => (isGlob(text) ? letters(text) : 1e9);
  let best: (typeof fitting)[number] | undefined;
  for (const entry of fitting) {
    const difference = best && (rank(entry.token) - rank(best.token) || userRank(entry.user) - userRank(best.user));
    if (difference === undefined || difference > 0) best = entry;
  }
  if (best) return `${best.owner}, token setting`;
  const entries = Object.entries(users);
  let named = entries.find(([key]) => key === user);
  if (!named) {
    for (const entry of entries.filter(([key]) => isGlob(key) && fits(key, user))) {
      if (!named || letters(entry[0]) > letters(named[0])) named = entry;
    }
  }
  if (named) return `${named[1]}, user setting`;
  const described =
    descriptionPattern === undefined || token?.description === undefined
      ? undefined
      : OWNER_PATTERNS[descriptionPattern]?.(token.description);
  if (described !== undefined && seen(described)) return `${described}, description`;
  return usesEmail && seen(email) ? `${email}, email` : undefined;
}
