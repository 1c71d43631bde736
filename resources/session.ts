import type { Reader, UserTokensReading } from "../client/reader";
import { type ConfigLookup, resolveSettings } from "../client/settings";
import { compileGlobs, isGlob } from "../core/glob";

/** What the resources of one operation share: the settings, and a reader that asks once for each user. */
export interface Session {
  /** @throws SettingsError where the settings do not hold. It must fail in `check`, where the engine shows it well. */
  reader(): Promise<Reader>;
  /** Reads a user's tokens; a read that was started ahead is not started again, also where it failed. */
  read(username: string): Promise<UserTokensReading>;
  /** Starts reads that will be asked for soon. Their errors wait for {@link Session.read}. */
  readAhead(usernames: readonly string[]): void;
}

/** What a session does besides reading. */
export interface SessionOptions {
  /** Usernames or globs whose reads start with the first one, because many of them will be asked for. Default: none. */
  readonly usersAhead?: readonly string[];
  /** Called once, when reads that nothing had started ahead have taken long. */
  readonly onSlowReads?: (users: number, seconds: number) => void;
}

/** From so many reads and so much time on, somebody may wonder what takes so long. */
const SLOW = { users: 10, milliseconds: 3000 };

/** Makes a session. Its memory lasts as long as it does, which should be one operation. */
export function createSession(
  config: ConfigLookup,
  env: NodeJS.ProcessEnv,
  { usersAhead = [], onSlowReads }: SessionOptions = {},
): Session {
  let reader: Reader | undefined;
  let isAhead = false;
  const ahead = new Map<string, Promise<UserTokensReading>>();
  const asked = new Set<string>();
  const waited = { users: 0, milliseconds: 0, isTold: false };

  async function getReader(): Promise<Reader> {
    if (reader) return reader;
    const settings = resolveSettings(config, env);
    // The HTTP client is loaded on first use: a preview in which nothing is known yet does not need it.
    const { createReader } = await import("../client/reader");
    return (reader ??= createReader(settings));
  }

  const readNow = async (username: string) => (await getReader()).read(username);

  function readAhead(usernames: readonly string[]): void {
    for (const username of usernames) {
      if (ahead.has(username)) continue;
      const reading = readNow(username);
      // Nobody may ever ask: the resource can be left out by --target.
      reading.catch(() => undefined);
      ahead.set(username, reading);
    }
  }

  /** Where users cannot be listed, each is read when it is asked for. */
  async function readUsersAhead(): Promise<void> {
    isAhead = true;
    readAhead(usersAhead.filter((name) => !isGlob(name)));
    const globs = usersAhead.filter(isGlob);
    if (globs.length === 0) return;
    const users = await (await getReader()).listUsers();
    const matches = compileGlobs(globs);
    readAhead(users.map(({ username }) => username).filter((username) => matches(username) && !asked.has(username)));
  }

  async function readAlone(username: string): Promise<UserTokensReading> {
    const started = performance.now();
    const reading = await readNow(username);
    waited.users++;
    waited.milliseconds += performance.now() - started;
    if (!waited.isTold && waited.users >= SLOW.users && waited.milliseconds >= SLOW.milliseconds) {
      waited.isTold = true;
      onSlowReads?.(waited.users, waited.milliseconds / 1000);
    }
    return reading;
  }

  return {
    reader: getReader,
    read(username) {
      if (!isAhead) readUsersAhead().catch(() => undefined);
      asked.add(username);
      const started = ahead.get(username);
      // Once only: a request after a failure starts another attempt.
      ahead.delete(username);
      return started ?? readAlone(username);
    },
    readAhead,
  };
}
