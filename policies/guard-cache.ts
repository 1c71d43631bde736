import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { SettingsError } from "../client/errors";
import { MINUTE } from "../core/duration";
import { parseInstant } from "../core/instant";
import type { User } from "../core/user";
import { isTokenList, type UserToken } from "../core/user-token";
import type { OwnReading, UserEvidence } from "./rule";

/** What the guard has read before: metadata only, never an API token. */
export interface GuardCache {
  /** The listing of users; absent if there is none, or it is too old. */
  readonly users: readonly User[] | undefined;
  /** A user's tokens; `undefined` if there are none, or they are too old. */
  find(username: string): Extract<OwnReading, { readonly kind: "tokens" }> | undefined;
  /** Keeps what was read. What it cannot write is read again next time. */
  save(users: readonly User[] | undefined, evidence: readonly UserEvidence[]): void;
}

/** What a cache needs. */
export interface GuardCacheOptions {
  readonly maxAgeMinutes: number;
  /** Users of two addresses are kept apart; */
  readonly apiUrl: string;
  /** those of two API tokens, too. It signs the file, and is not in it. */
  readonly key: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The content of a cache file. */
interface Content {
  readonly version: 1;
  readonly listing?: { readonly fetchedAt: string; readonly users: readonly User[] } | undefined;
  readonly tokens: Readonly<Record<string, { readonly fetchedAt: string; readonly tokens: readonly UserToken[] }>>;
}

const EMPTY: Content = { version: 1, tokens: {} };

/**
 * Opens the cache of one address and API token. A file that is damaged, or was not signed with the same API token, counts
 * as none.
 *
 * @throws SettingsError where others may write to its folder.
 */
export function createGuardCache({ maxAgeMinutes, apiUrl, key, env }: GuardCacheOptions): GuardCache {
  const home = env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
  const folder = path.join(home, "motherduck-tokens", "guard");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  refuseOpenFolder(folder);
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("hex");
  const file = path.join(folder, `${sign(apiUrl)}.json`);
  const content = readContent(file, sign);
  const isRecent = (fetchedAt: string) => {
    const age = Date.now() - (parseInstant(fetchedAt) ?? -Infinity);
    return age >= 0 && age <= maxAgeMinutes * MINUTE;
  };
  const listing = content.listing && isRecent(content.listing.fetchedAt) ? content.listing : undefined;

  return {
    users: listing?.users,
    find(username) {
      const known = Object.hasOwn(content.tokens, username) ? content.tokens[username] : undefined;
      if (!known || !isRecent(known.fetchedAt) || !isTokenList(known.tokens)) return undefined;
      return { kind: "tokens", tokens: known.tokens, fetchedAt: known.fetchedAt };
    },
    save(users, evidence) {
      const kept = Object.entries(content.tokens).filter(([, { fetchedAt }]) => isRecent(fetchedAt));
      const read = evidence.map(({ username, tokens, fetchedAt = "" }) => [username, { fetchedAt, tokens }] as const);
      const now = new Date().toISOString();
      writeContent(file, sign, {
        version: 1,
        listing: listing ?? (users && { fetchedAt: now, users }),
        tokens: Object.fromEntries([...kept, ...read]),
      });
    },
  };
}

/** Windows has no owners or modes to check: there, the user's own folder is closed to others by default. */
function refuseOpenFolder(folder: string): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  const stats = lstatSync(folder);
  const { uid, mode } = stats;
  const isOpen = (mode & 0o077) !== 0;
  if (stats.isDirectory() && uid === user && !isOpen) return;
  throw new SettingsError(
    `the guard's cache is not used: ${folder} ${isOpen ? "is open to others" : "is not a folder of this user"}. ` +
      `Remove it, or make it one that only its owner can enter (chmod 700), or take guard.cache out of the settings.`,
  );
}

function readContent(file: string, sign: (text: string) => string): Content {
  try {
    const text = readFileSync(file, "utf8");
    const end = text.indexOf("\n");
    const [signature, body] = [text.slice(0, end), text.slice(end + 1)];
    const expected = sign(body);
    if (signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) {
      return EMPTY;
    }
    const content = JSON.parse(body) as Content;
    return content.version === 1 ? content : EMPTY;
  } catch {
    return EMPTY;
  }
}

/** In one step, so that a concurrent run reads either the old file or the new one. */
function writeContent(file: string, sign: (text: string) => string, content: Content): void {
  const body = JSON.stringify(content);
  const temporary = `${file}.${randomUUID()}`;
  try {
    writeFileSync(temporary, `${sign(body)}\n${body}`, { mode: 0o600, flag: "wx" });
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true });
  }
}
