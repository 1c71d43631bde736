import type { Reader, UserTokensReading } from "../client/reader";
import { isForbidden } from "../client/errors";
import { readUsers } from "../client/read-users";
import { type UserSelection, selectUsers } from "../client/select-users";
import { compileGlob, isGlob } from "../core/glob";
import { encodeText } from "../core/printable";
import { type User, usersNamed } from "../core/user";
import type { UserEvidence } from "../policies/rule";
import type { EvidenceItem, EvidenceSource } from "./evidence-source";
import { causeOf } from "./failure-cause";

/**
 * Evidence from the live API.
 *
 * @param now the date of the evidence, ISO 8601: the beginning of the audit.
 * @param asksListing whether a rule needs the listing of users; `--all`, globs and filters need it anyway.
 */
export function apiSource(
  { apiUrl, makeReader }: { apiUrl: string; makeReader: () => Promise<Reader> },
  selection: UserSelection,
  now: string,
  asksListing: boolean,
): EvidenceSource {
  let expected: number | undefined;
  async function* read(): AsyncGenerator<EvidenceItem> {
    const reader = await makeReader();
    const { users, isListingExpected, failures } = await findUsers(reader, selection, asksListing);
    const asked = { now, origin: reader.origin, ...(isListingExpected && { isListingExpected }) };
    expected = users.length;
    yield* failures;
    for await (const outcome of readUsers(users, (username) => reader.readAnew(username), reader.concurrency)) {
      yield "error" in outcome
        ? failed(encodeText(outcome.user.username), outcome.error)
        : { kind: "user", user: toEvidence(outcome.user, outcome.reading, asked) };
    }
  }
  return { source: { kind: "api", name: apiUrl }, expectedUsers: () => expected, read };
}

/** The audit reads this itself, so a rule that compares evidence with the judge's own reading finds no difference. */
function toEvidence(
  user: User,
  { tokens, fetchedAt }: UserTokensReading,
  { now, ...asked }: { now: string } & Pick<UserEvidence, "origin" | "isListingExpected">,
): UserEvidence {
  return { ...user, ...asked, tokens, fetchedAt: now, own: { kind: "tokens", tokens, fetchedAt } };
}

/** @param username safe to print. */
function failed(username: string, error: Error): EvidenceItem {
  return { kind: "failure", failure: { subject: username, username, message: error.message, ...causeOf(error) } };
}

/** Whom to read, whether the listing was asked, and what is wrong with the selection or the listing. */
interface Found {
  readonly users: readonly User[];
  readonly isListingExpected: boolean;
  readonly failures: readonly EvidenceItem[];
}

async function findUsers(reader: Reader, selection: UserSelection, asksListing: boolean): Promise<Found> {
  const { usernames, accounts = "all" } = selection;
  if (!usernames || accounts !== "all") {
    return { users: selectUsers(await reader.listUsers(), selection), isListingExpected: true, failures: [] };
  }
  if (!usernames.some(isGlob)) return findNamed(reader, usernames, asksListing);
  return matchUsers(await reader.listUsers(), usernames);
}

/** Plain names can be read without the listing, which only adds their details. */
async function findNamed(reader: Reader, usernames: readonly string[], asksListing: boolean): Promise<Found> {
  const named = usersNamed(usernames);
  if (!asksListing) return { users: named, isListingExpected: false, failures: [] };
  try {
    const listed = new Map((await reader.listUsers()).map((user) => [user.username, user]));
    const users = named.map((user) => listed.get(user.username) ?? user);
    return { users, isListingExpected: true, failures: [] };
  } catch (error) {
    // This API token is not allowed to list users: the rule reports for each user that it cannot judge.
    if (isForbidden(error)) return { users: named, isListingExpected: true, failures: [] };
    if (!(error instanceof Error)) throw error;
    return {
      users: named,
      isListingExpected: true,
      failures: [
        { kind: "failure", failure: { subject: "the listing of users", message: error.message, ...causeOf(error) } },
      ],
    };
  }
}

/** Selects the users that match, and reports each pattern that matches nobody. */
function matchUsers(listed: readonly User[], patterns: readonly string[]): Found {
  const wanted = new Set<string>();
  const failures: EvidenceItem[] = [];
  for (const pattern of new Set(patterns)) {
    const matches = listed.map(({ username }) => username).filter(compileGlob(pattern));
    if (matches.length === 0) failures.push(notListed(pattern));
    for (const username of matches) wanted.add(username);
  }
  const users = listed.filter(({ username }) => wanted.has(username));
  return { users, isListingExpected: true, failures };
}

function notListed(pattern: string): EvidenceItem {
  const subject = encodeText(pattern);
  const message =
    "nobody of this name is in the organization of this API token. Check the spelling and the organization.";
  return { kind: "failure", failure: { subject, ...(!isGlob(pattern) && { username: subject }), message } };
}
