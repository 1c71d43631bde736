import { detailsOf, type User } from "../core/user";
import { tellsTruth } from "../core/user-token";
import type { OwnReader } from "./own-reader";
import type { OwnReading, UserEvidence } from "./rule";

/** Whom an `OrganizationTokens` says that it holds, in its own inputs. Absent properties: everybody. */
export interface EvidenceSelection {
  readonly usernames?: unknown;
  readonly accounts?: unknown;
}

/** Evidence with what was read to compare it with. */
export interface VerifiedEvidence {
  readonly users: readonly UserEvidence[];
  /** Why it cannot be told whether somebody was left out, if so. */
  readonly failure?: string;
}

/**
 * Reads again what evidence holds. Only a read that began after the evidence was at hand can show a difference: an earlier
 * read of this run may be from before a token was created or revoked.
 *
 * @param selection of evidence of many users; absent for that of one.
 */
export async function verifyEvidence(
  users: readonly UserEvidence[],
  selection: EvidenceSelection | undefined,
  reader: OwnReader,
): Promise<VerifiedEvidence> {
  const began = Date.now();
  const listing = selection && (await reader.listUsers());
  const listed = new Map(listing && "users" in listing ? listing.users.map((user) => [user.username, user]) : []);

  async function verify(user: UserEvidence): Promise<UserEvidence> {
    const { username } = user;
    const real = listed.get(username) ?? { username };
    let own = await reader.read(real);
    if (own.kind === "tokens" && !tellsTruth(user.tokens, own.tokens)) own = await reader.read(real, began);
    return { ...user, own: own.kind === "tokens" ? { ...own, ...detailsOf(real) } : own };
  }

  const verified = await reader.inTurn(users, verify);
  if (!listing || !selection) return { users: verified };
  const { usernames, accounts = "all" } = selection;
  if (!("users" in listing)) {
    // Where the API token may not list users, the resource itself can only have read those that are named.
    if (!listing.isForbidden || usernames === undefined || accounts !== "all") {
      return { users: verified, failure: listing.reason };
    }
    return { users: [...verified, ...leftOut(usernames, users)] };
  }
  const expected =
    usernames ?? listing.users.filter((user) => isExpected(user, accounts)).map(({ username }) => username);
  return { users: [...verified, ...leftOut(expected, users)] };
}

const NOT_IN_EVIDENCE: OwnReading = { kind: "leftOut" };

function leftOut(expected: unknown, users: readonly UserEvidence[]): UserEvidence[] {
  const there = new Set(users.map(({ username }) => username));
  const names = Array.isArray(expected) ? (expected as unknown[]).filter((name) => typeof name === "string") : [];
  return [...new Set(names)]
    .filter((username) => !there.has(username))
    .map((username) => ({ username, tokens: [], own: NOT_IN_EVIDENCE }));
}

/** What `accounts` of `OrganizationTokens` selects; users of unknown kind are expected to be included. */
function isExpected({ isServiceAccount }: User, accounts: unknown): boolean {
  if (accounts === "humans") return isServiceAccount !== true;
  if (accounts === "serviceAccounts") return isServiceAccount !== false;
  return true;
}
