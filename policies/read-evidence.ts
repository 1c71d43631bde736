import { types } from "node:util";
import { isUnknownValue } from "../core/engine-marks";
import { readProvenance } from "../core/provenance";
import { decodeUser } from "../core/organization-user";
import { detailsOf } from "../core/user";
import { isTokenList } from "../core/user-token";
import { decodeText, printable } from "../core/printable";
import { DYNAMIC_PROVIDERS, DYNAMIC_TYPES, PLUGIN_TYPES } from "../core/resource-types";
import type { UserEvidence, Violation } from "./rule";
import type { EvidenceSelection } from "./verify-evidence";

/** The resource types whose evidence this version understands. */
export const USER_TOKENS_TYPES: readonly string[] = [DYNAMIC_TYPES.userTokens, PLUGIN_TYPES.userTokens];

/** The same for resources with many users. */
export const ORGANIZATION_TOKENS_TYPES: readonly string[] = [
  DYNAMIC_TYPES.organizationTokens,
  PLUGIN_TYPES.organizationTokens,
];

/** What a resource is to the rules. */
export type Evidence =
  /** Nothing that they judge. */
  | { readonly kind: "other" }
  | { readonly kind: "users"; readonly users: readonly UserEvidence[] }
  /** Not known yet in this preview; the update will judge it. */
  | { readonly kind: "unknown" }
  /** Something that they must not ignore. */
  | { readonly kind: "unreadable"; readonly reason: string; readonly fix?: string };

/**
 * Reads a resource's properties as evidence. What looks like this project's resources but is not understood is
 * `unreadable`, never `other`: a pack that matches nothing passes silently.
 * So is evidence with a part that is not known: it would hide what was read, also in an update, which nothing follows.
 *
 * @param given the properties as CrossGuard hands them over: reading an unknown value through its proxies throws.
 * @param provider the configuration of the resource's provider, handed over alike. While it is not known, the engine asks the
 * provider for nothing, and shows what the program passes.
 */
export function readEvidence(
  type: string,
  given: Record<string, unknown>,
  provider: Record<string, unknown> = {},
): Evidence {
  const read = USER_TOKENS_TYPES.includes(type)
    ? readOneUser
    : ORGANIZATION_TOKENS_TYPES.includes(type)
      ? readManyUsers
      : undefined;
  if (!read) {
    // A copy under another module, a subclass, a later version: it carries tokens, so it has to be judged.
    if (!/motherduck.*:(User|Organization)Tokens$/i.test(type)) return { kind: "other" };
    return unreadable(`this version of the pack does not know resources of type ${type}`);
  }
  const props = behindProxy(given);
  if (isNotReadYet(type, props)) return { kind: "unknown" };
  // Not "unknown": a setting can have the text of the engine's mark, in an update, too, and policies are not told which it is.
  if (holdsUnknown(behindProxy(provider))) return UNASKED;
  const evidence = read(props);
  if (evidence.kind === "users" && holdsUnknown(props)) {
    return unreadable("a part of what was read is marked as not known yet, which this package never does");
  }
  return markForeign(evidence, type, props);
}

/** Whom a resource of many users claims to hold; `undefined` for a resource of one user. */
export function readSelection(type: string, props: Record<string, unknown>): EvidenceSelection | undefined {
  if (!ORGANIZATION_TOKENS_TYPES.includes(type)) return undefined;
  const { usernames, accounts } = props;
  const decode = (name: unknown) => (typeof name === "string" ? decodeText(name) : name);
  return { usernames: Array.isArray(usernames) ? (usernames as unknown[]).map(decode) : usernames, accounts };
}

/** The engine keeps the text of a dynamic provider in states and events, and hides it from policies. */
function markForeign(evidence: Evidence, type: string, { __provider }: Record<string, unknown>): Evidence {
  const own = DYNAMIC_PROVIDERS[type];
  if (evidence.kind !== "users" || own === undefined || __provider === undefined || __provider === own) return evidence;
  return { ...evidence, users: evidence.users.map((user) => ({ ...user, hasForeignProvider: true })) };
}

/**
 * Whether a resource is as the provider leaves it in a preview that does not know yet whom to read: without a list. No update
 * can carry that out, so it reads the tokens, and they are judged.
 */
function isNotReadYet(type: string, props: Record<string, unknown>): boolean {
  const { username, tokens, usernames, accounts, users } = props;
  const [whom, list] = USER_TOKENS_TYPES.includes(type) ? [username, tokens] : [[usernames, accounts], users];
  return holdsUnknown(whom) && (list === undefined || isUnknownValue(list));
}

function readOneUser(props: Record<string, unknown>): Evidence {
  const { username, tokens } = props;
  if (tokens === undefined) return unreadable("`tokens` is missing: they were not read");
  if (!isTokenList(tokens)) return unreadable("`tokens` is not a list of tokens that this version knows");
  if (typeof username !== "string") return unreadable("`username` is missing or not a string");
  return { kind: "users", users: [decodeUser({ username, tokens, ...readProvenance(props) })] };
}

function readManyUsers(props: Record<string, unknown>): Evidence {
  const { users } = props;
  if (users === undefined) return unreadable("`users` is missing: they were not read");
  if (!Array.isArray(users) || users.length === 0) return unreadable("`users` is not a list of users, or is empty");
  const provenance = readProvenance(props);
  const evidence: UserEvidence[] = [];
  for (const user of users as (Record<string, unknown> | null)[]) {
    const { username, tokens } = user ?? {};
    if (user === null || typeof username !== "string" || !isTokenList(tokens)) {
      return unreadable("`users` holds an entry that this version does not know");
    }
    evidence.push(decodeUser({ username, tokens, isListingExpected: true, ...detailsOf(user), ...provenance }));
  }
  return { kind: "users", users: evidence };
}

/**
 * The properties for which CrossGuard hands over a proxy. Each access through one makes another, which was most of the time of a
 * policy with many tokens. What a proxy does beside that, finding what is not known yet, {@link holdsUnknown} does. Properties
 * that are no proxy are used as they are: a state can hold the name of the SDK's that gives the target.
 */
function behindProxy(props: Record<string, unknown>): Record<string, unknown> {
  const target = types.isProxy(props) ? props.__getSpecialProxyTarget : undefined;
  return typeof target === "object" && target !== null ? (target as Record<string, unknown>) : props;
}

/** Whether something in a value is not known yet. */
function holdsUnknown(value: unknown): boolean {
  if (typeof value === "string") return isUnknownValue(value);
  if (Array.isArray(value)) return value.some(holdsUnknown);
  if (typeof value !== "object" || value === null) return false;
  for (const key in value) if (holdsUnknown((value as Record<string, unknown>)[key])) return true;
  return false;
}

function unreadable(reason: string): Evidence {
  return { kind: "unreadable", reason };
}

const READ_AGAIN =
  "Unless this resource has an error of its own, run again without --target and --exclude, and with the same version " +
  "of the package and of the pack.";

const UNASKED: Evidence = {
  kind: "unreadable",
  reason: "the configuration of its provider is not known yet, so the engine did not ask the provider",
  fix:
    "Configure the provider with values that are known in a preview. Where the same program makes one of them, run " +
    '"pulumi up --skip-preview" once: the update judges the tokens before it acts.',
};

/** What is reported, once, for a resource whose tokens are not known yet. */
export function describeUnknown(name: string, enforcementLevel: "advisory" | "mandatory"): Violation {
  const then =
    enforcementLevel === "advisory" ? "the update judges them before it acts" : "the settings do not allow that";
  const fact = `its tokens are not known yet in this preview; ${then}.`;
  return { about: printable(name), fact, parts: ["unknown"], enforcementLevel };
}

/** What is reported, once, for a resource whose evidence cannot be judged. */
export function describeUnreadable(
  name: string,
  { reason, fix = READ_AGAIN }: { readonly reason: string; readonly fix?: string },
): Violation {
  return { about: printable(name), fact: `there is nothing to judge: ${reason}`, fix };
}
