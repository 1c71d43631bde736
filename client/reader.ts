import pLimit from "p-limit";
import { withoutDescription, withoutEmail } from "../core/personal-data";
import type { Origin } from "../core/provenance";
import type { User } from "../core/user";
import type { UserToken } from "../core/user-token";
import { listUserTokens } from "./api/list-user-tokens";
import { listUsers } from "./api/list-users";
import type { ClientSettings } from "./settings";
import type { RetryTiming } from "./http/retry";
import { createTransport } from "./http/transport";

/** A user's tokens, and when they were read. */
export interface UserTokensReading {
  readonly username: string;
  /** As the API has them, in canonical order. */
  readonly tokens: UserToken[];
  /** ISO 8601, by this machine's clock. */
  readonly fetchedAt: string;
}

/** Reads users' tokens, `concurrency` users at a time; what was read once is not asked for again. A read that failed is. */
export interface Reader {
  /** Where it reads. */
  readonly origin: Origin;
  /** Users whose tokens are read at the same time, at most. */
  readonly concurrency: number;
  /**
   * Lists everybody in the organization, once.
   *
   * @throws ApiError, NetworkError or ResponseError.
   */
  listUsers(): Promise<User[]>;
  /** @throws SettingsError, ApiError, NetworkError or ResponseError. */
  read(username: string): Promise<UserTokensReading>;
  /** {@link read}, always anew, and not remembered: for so many users that memory counts. */
  readAnew(username: string): Promise<UserTokensReading>;
}

/** Makes a reader. Its memory lasts as long as it does, which should be one operation. */
export function createReader(settings: ClientSettings, timing?: RetryTiming): Reader {
  const transport = createTransport(settings, timing);
  const omits = settings.personalData === "omit";
  // Here and not in the pool of connections: a read that waits for its turn must not use up its own time.
  const inTurn = pLimit(settings.concurrency);
  const readings = new Map<string, Promise<UserTokensReading>>();
  let listing: Promise<User[]> | undefined;

  async function fetchTokens(username: string): Promise<UserTokensReading> {
    const all = await listUserTokens(transport, username, settings.readTimeoutSeconds);
    const tokens = omits ? all.map(withoutDescription) : all;
    return { username, tokens, fetchedAt: new Date().toISOString() };
  }

  async function fetchUsers(): Promise<User[]> {
    const users = await listUsers(transport, settings.readTimeoutSeconds);
    return omits ? users.map(withoutEmail) : users;
  }

  const readAnew = (username: string) => inTurn(() => fetchTokens(username));

  const { apiUrl, organization } = settings;
  return {
    origin: { apiUrl, ...(organization !== undefined && { organization }) },
    concurrency: settings.concurrency,
    listUsers() {
      if (listing) return listing;
      listing = fetchUsers();
      listing.catch(() => (listing = undefined));
      return listing;
    },
    read(username) {
      const known = readings.get(username);
      if (known) return known;
      const reading = readAnew(username);
      readings.set(username, reading);
      reading.catch(() => readings.delete(username));
      return reading;
    },
    readAnew,
  };
}
