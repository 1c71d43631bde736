// The pack's own reads: the HTTP client, in a bundle of its own. It is loaded when something is read, and never otherwise.
import { Readable } from "node:stream";
import { isForbidden, SettingsError } from "../client/errors";
import { createOutcomes } from "../client/read-users";
import { createReader, type Reader } from "../client/reader";
import type { RetryTiming } from "../client/http/retry";
import { nameSome, selectUsers } from "../client/select-users";
import { resolveSettings, TOKEN_VARIABLES } from "../client/settings";
import { normalizeApiUrl, URL_VARIABLE } from "../core/api-url";
import { messageOf } from "../core/error-message";
import { compileGlob, compileGlobs, isGlob } from "../core/glob";
import { withoutDescription, withoutEmail } from "../core/personal-data";
import type { Origin } from "../core/provenance";
import { type User, usersNamed } from "../core/user";
import { describeFailedReads, type FailedRead, toFailedRead } from "../client/failed-reads";
import type { ApiSettings } from "./configuration/api";
import type { GuardSettings } from "./configuration/guard";
import { createGuardCache, type GuardCache } from "./guard-cache";
import type { OwnReading, UserEvidence } from "./rule";

/** Everybody in the organization, or why they could not be listed. */
export type Listing = { readonly users: readonly User[] } | Unlisted;

interface Unlisted {
  /** Safe to print. */
  readonly reason: string;
  /** Whether the API token may not list users. */
  readonly isForbidden: boolean;
}

/** Those whom the guard judges. */
export interface GuardReading {
  readonly users: readonly UserEvidence[];
  /** What could not be read; absent where everything was. Safe to print. */
  readonly failure?: string;
}

/** What a read of one user gives. */
export type OwnOutcome = Exclude<OwnReading, { readonly kind: "leftOut" }>;

/** What the pack reads by itself, each user once a run. Nothing here rejects. */
export interface OwnReader {
  /** Where it reads; absent if the settings are not valid. */
  readonly origin?: Origin;
  /**
   * A user's tokens.
   *
   * @param begunAfter milliseconds since the epoch: a read that began earlier is repeated. Default: any will do.
   */
  read(user: User, begunAfter?: number): Promise<OwnOutcome>;
  listUsers(): Promise<Listing>;
  /** Calls a function for each item, for as many at the same time as users may be read. */
  inTurn<In, Out>(items: readonly In[], call: (item: In) => Promise<Out>): Promise<Out[]>;
  /** Reads whom the guard judges; from the cache, where its settings allow that. */
  readGuarded(guard: GuardSettings): Promise<GuardReading>;
}

/** What an own reader needs. */
export interface OwnReaderOptions {
  readonly api: ApiSettings;
  /** From which addresses evidence may come. The pack reads from the one that the environment names, or else the first. */
  readonly apiUrls: readonly string[];
  /** Which organization that is; default: what the environment names. */
  readonly organization?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly timing?: RetryTiming;
}

/** Makes a reader with the settings of the pack's owner and the environment of its process, and nothing of the program's. */
export function createOwnReader({ api, apiUrls, organization, env, timing }: OwnReaderOptions): OwnReader {
  let client: Reader;
  let cacheKey: string;
  let apiUrl: string;
  let omits: boolean;
  try {
    const config: Record<string, string | number | undefined> = {
      ...api,
      apiUrl: chooseUrl(apiUrls, env),
      organization,
    };
    const tokenVariables = api.tokenVariable === undefined ? TOKEN_VARIABLES : [api.tokenVariable];
    const settings = resolveSettings((key) => config[key]?.toString(), env, {
      keyPrefix: "api.",
      tokenVariables,
      tokenInConfig: false,
    });
    // Including personal data, whatever the settings: otherwise evidence that holds it could not be verified.
    client = createReader({ ...settings, personalData: "keep" }, timing);
    omits = settings.personalData === "omit";
    cacheKey = settings.apiToken;
    apiUrl = settings.apiUrl;
  } catch (error) {
    return withoutClient(messageOf(error));
  }
  const outcomeOf = createOutcomes((username) => client.readAnew(username));
  const readings = new Map<string, { readonly began: number; readonly reading: Promise<OwnOutcome> }>();
  let listing: Promise<Listing> | undefined;

  async function readNow(user: User): Promise<OwnOutcome> {
    const outcome = await outcomeOf(user);
    if ("error" in outcome) {
      const { reason, isNotAsked = false } = toFailedRead(user.username, outcome.error);
      return { kind: "failed", reason, ...(isNotAsked && { isNotAsked }) };
    }
    const { tokens, fetchedAt } = outcome.reading;
    return { kind: "tokens", tokens, fetchedAt };
  }

  const { origin } = client;
  const reader: OwnReader = {
    origin,
    read(user, begunAfter = -Infinity) {
      const known = readings.get(user.username);
      if (known && known.began >= begunAfter) return known.reading;
      const reading = readNow(user);
      readings.set(user.username, { began: Date.now(), reading });
      return reading;
    },
    listUsers() {
      return (listing ??= client.listUsers().then(
        (users) => ({ users }),
        (error: unknown) => ({ reason: messageOf(error), isForbidden: isForbidden(error) }),
      ));
    },
    inTurn(items, call) {
      return Readable.from(items).map(call, { concurrency: client.concurrency }).toArray();
    },
    async readGuarded(guard) {
      try {
        const cache = guard.cache && createGuardCache({ ...guard.cache, apiUrl, key: cacheKey, env });
        return await readGuarded(guard, omits ? withoutPersonalData(reader) : reader, cache);
      } catch (error) {
        return { users: [], failure: messageOf(error) };
      }
    },
  };
  return reader;
}

/** The same reader, whose answers hold no personal data: they end up in messages and in the guard's cache. */
function withoutPersonalData(reader: OwnReader): OwnReader {
  return {
    ...reader,
    async read(...args) {
      const own = await reader.read(...args);
      return own.kind === "tokens" ? { ...own, tokens: own.tokens.map(withoutDescription) } : own;
    },
    async listUsers() {
      const listing = await reader.listUsers();
      return "users" in listing ? { users: listing.users.map(withoutEmail) } : listing;
    },
  };
}

function chooseUrl(apiUrls: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const named = normalizeApiUrl(env[URL_VARIABLE] ?? "");
  return apiUrls.find((url) => named !== undefined && normalizeApiUrl(url) === named) ?? apiUrls[0];
}

/** For settings that are not valid: each answer says why. */
function withoutClient(reason: string): OwnReader {
  return {
    read: () => Promise.resolve({ kind: "failed", reason }),
    listUsers: () => Promise.resolve({ reason, isForbidden: false }),
    inTurn: (items, call) => Promise.all(items.map(call)),
    readGuarded: () => Promise.resolve({ users: [], failure: reason }),
  };
}

/** @throws SettingsError for a selection that matches nobody, and for a cache folder that cannot be used. */
async function readGuarded(
  guard: GuardSettings,
  reader: OwnReader,
  cache: GuardCache | undefined,
): Promise<GuardReading> {
  const listing: Listing = cache?.users ? { users: cache.users } : await reader.listUsers();
  const { guarded, unmatched } = findGuarded(guard, listing);
  const failed: FailedRead[] = [];
  const users = await reader.inTurn(guarded, async (user) => {
    const { username } = user;
    const own = cache?.find(username) ?? (await reader.read(user));
    if (own.kind === "failed") {
      failed.push({ username, ...own });
      return [];
    }
    const evidence: UserEvidence = {
      ...user,
      isListingExpected: true,
      tokens: own.tokens,
      fetchedAt: own.fetchedAt,
      ...(reader.origin && { origin: reader.origin }),
      own,
    };
    return [evidence];
  });
  const read = users.flat();
  cache?.save("users" in listing ? listing.users : undefined, read);
  const failures = [
    ...(unmatched.length > 0 ? [`nobody in the organization of this API token is called ${nameSome(unmatched)}.`] : []),
    ...(failed.length > 0 ? [describeFailedReads(failed, guarded.length)] : []),
  ];
  return { users: read, ...(failures.length > 0 && { failure: failures.join(" And ") }) };
}

/** Whom the guard means, and which of its names and globs match nobody: what matches is still judged. */
function findGuarded(
  { usernames, accounts = "all" }: GuardSettings,
  listing: Listing,
): { readonly guarded: readonly User[]; readonly unmatched: readonly string[] } {
  if (!("users" in listing)) return { guarded: withoutListing({ usernames, accounts }, listing), unmatched: [] };
  const names = listing.users.map(({ username }) => username);
  const unmatched = (usernames ?? []).filter((pattern) => !names.some(compileGlob(pattern)));
  const matched = usernames && names.filter(compileGlobs(usernames));
  if (matched?.length === 0) return { guarded: [], unmatched };
  return { guarded: selectUsers(listing.users, { usernames: matched, accounts }), unmatched };
}

/** Where the API token may not list users, those that are named can still be read, without their details. */
function withoutListing({ usernames, accounts = "all" }: GuardSettings, listing: Unlisted): User[] {
  const isNamed = listing.isForbidden && accounts === "all" && usernames !== undefined && !usernames.some(isGlob);
  if (!isNamed) throw new SettingsError(listing.reason);
  return usersNamed(usernames);
}
