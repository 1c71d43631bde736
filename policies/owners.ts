import * as v from "valibot";
import { compileGlob, compileMostSpecific, specificity } from "../core/glob";
import { MAX_OWNER_NAME, type Owner, type UserOwners } from "../core/owner";
import { isBlank, printable } from "../core/printable";
import { compileTokenGlob, isTokenId, type UserToken } from "../core/user-token";
import { compileCapture, isCapture } from "./pattern";
import { byName, NonEmptyText } from "./setting-types";

/** What is known about a user whose owner is wanted. */
interface OwnedUser {
  readonly username: string;
  readonly email?: string | undefined;
}

/** Finds the owner of a user's token, or of the user as a whole; `undefined` where there is none. */
export type FindOwner = (user: OwnedUser, token?: Pick<UserToken, "id" | "name" | "description">) => Owner | undefined;

const OwnerName = v.pipe(
  NonEmptyText,
  v.maxLength(MAX_OWNER_NAME),
  v.check(
    (name) => !isBlank(name) && printable(name, Infinity) === name,
    "a text in which every character can be seen",
  ),
);

const TokenOwnerSchema = v.strictObject({
  user: v.optional(v.pipe(NonEmptyText, v.description("The username, or a glob. Default: everybody."))),
  token: v.pipe(NonEmptyText, v.description("The token's id, or a glob for its name.")),
  owner: v.pipe(OwnerName, v.description("A team, a person, a channel.")),
});

/** The settings' key `owners`. */
export const OwnersSchema = v.strictObject({
  users: v.optional(
    v.pipe(byName(OwnerName), v.description("Owners by username or glob; the most specific one holds. Default: none.")),
  ),
  tokens: v.optional(
    v.pipe(
      v.array(TokenOwnerSchema),
      v.description("Owners of tokens, which win over those of users; the most specific one holds. Default: none."),
    ),
  ),
  descriptionPattern: v.optional(
    v.pipe(
      v.string(),
      v.check(isCapture, "a regular expression in the syntax of RE2 with one capture group"),
      v.description(
        "A regular expression (RE2) whose one capture group is the owner in a token's description, where no setting names one. Default: descriptions name nobody.",
      ),
    ),
  ),
  email: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Whether a user's e-mail is the owner where nothing else names one. Default: true."),
    ),
  ),
});

/** Who owns users and tokens, as it is written in the settings file. */
export type OwnersConfig = v.InferOutput<typeof OwnersSchema>;

/** The keys that are allowed at the place of a mistake, and their depth. */
export function describeOwnersLevel(path: readonly PropertyKey[]): {
  readonly known: readonly string[];
  readonly depth: number;
} {
  return path[1] === "tokens"
    ? { known: Object.keys(TokenOwnerSchema.entries), depth: 4 }
    : { known: Object.keys(OwnersSchema.entries), depth: 2 };
}

/** The usernames and globs in the settings' owners, each once. */
export function usernamesInOwners(configs: readonly OwnersConfig[]): readonly string[] {
  const names = configs.flatMap(({ users = {}, tokens = [] }) => [
    ...Object.keys(users),
    ...tokens.flatMap(({ user }) => user ?? []),
  ]);
  return [...new Set(names)];
}

/** The first entry about the same token as an earlier one, which would never take effect; `undefined` where there is none. */
export function findRepeatedToken({ tokens = [] }: OwnersConfig): number | undefined {
  const keys = tokens.map(({ user = "*", token }) => JSON.stringify([user, token]));
  const repeated = keys.findIndex((key, index) => keys.indexOf(key) !== index);
  return repeated < 0 ? undefined : repeated;
}

/**
 * Compiles the owners of all sources of settings. An owner is that of
 *
 * 1. the entry of `tokens` that names the token most specifically, an id above a name above a glob, and of several, the one
 *    that names the user most specifically;
 * 2. the entry of `users` that names the user most specifically;
 * 3. the token's description;
 * 4. the user's e-mail.
 *
 * Of equally specific entries, the first one in the strongest source wins.
 *
 * @param configs the strongest last.
 */
export function compileOwners(configs: readonly OwnersConfig[]): FindOwner {
  const strongestFirst = [...configs].reverse();
  const entries = strongestFirst.flatMap(({ tokens = [] }) => tokens.map(compileTokenOwner)).sort(bySpecificity);
  const users = new Map<string, string>();
  for (const [key, name] of strongestFirst.flatMap(({ users = {} }) => Object.entries(users))) {
    if (!users.has(key)) users.set(key, name);
  }
  const keysFor = compileMostSpecific([...users.keys()]);
  const pattern = strongestFirst.find(({ descriptionPattern }) => descriptionPattern !== undefined)?.descriptionPattern;
  const capture = pattern === undefined ? undefined : compileCapture(pattern);
  const usesEmail = strongestFirst.find(({ email }) => email !== undefined)?.email ?? true;

  return (user, token) => {
    const { username, email = "" } = user;
    const entry = token && entries.find((one) => one.isOf(username, token));
    if (entry) return { name: entry.owner, foundBy: "token setting" };
    const [key] = keysFor(username);
    const owner = key === undefined ? undefined : users.get(key);
    if (owner !== undefined) return { name: owner, foundBy: "user setting" };
    const described = token?.description === undefined ? undefined : capture?.(token.description);
    if (described !== undefined && !isBlank(described)) return { name: described, foundBy: "description" };
    return usesEmail && !isBlank(email) ? { name: email, foundBy: "email" } : undefined;
  };
}

/** The owners of a user and of each of the user's tokens. */
export function ownersOf(
  user: OwnedUser & { readonly tokens: readonly UserToken[] },
  findOwner: FindOwner,
): UserOwners {
  const own = findOwner(user);
  const tokens = new Map<string, Owner>();
  for (const token of user.tokens) {
    const owner = findOwner(user, token);
    if (owner) tokens.set(token.id, owner);
  }
  return { ...(own && { user: own }), tokens };
}

interface CompiledTokenOwner {
  readonly owner: string;
  /** How specifically it names the token, and the user; higher is more specific. */
  readonly rank: readonly [token: number, user: number];
  isOf(username: string, token: Pick<UserToken, "id" | "name">): boolean;
}

function compileTokenOwner({ user, token, owner }: v.InferOutput<typeof TokenOwnerSchema>): CompiledTokenOwner {
  const matchesUser = user === undefined ? () => true : compileGlob(user);
  const matchesToken = compileTokenGlob(token);
  return {
    owner,
    rank: [isTokenId(token) ? ABOVE_NAMES : specificity(token), user === undefined ? 0 : specificity(user)],
    isOf: (username, its) => matchesUser(username) && matchesToken(its),
  };
}

/** An id belongs to one token, a name can belong to many. */
const ABOVE_NAMES = Number.MAX_VALUE;

function bySpecificity({ rank: a }: CompiledTokenOwner, { rank: b }: CompiledTokenOwner): number {
  return b[0] - a[0] || b[1] - a[1];
}
