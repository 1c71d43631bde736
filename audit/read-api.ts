import type { Reader } from "../client/reader";
import { readUsers } from "../client/read-users";
import { type UserSelection, selectUsers } from "../client/select-users";
import { isGlob } from "../core/glob";
import { encodeText } from "../core/printable";
import type { UserEvidence } from "../policies/rule";
import type { EvidenceItem, EvidenceSource } from "./evidence";

/** A user to read, and what the listing told. */
type Listed = Pick<UserEvidence, "isDeprovisioned" | "isServiceAccount"> & { readonly username: string };

/**
 * Evidence from the live API. Plain usernames are read without a listing; `--all`, globs and filters need one.
 *
 * @param now what the evidence is dated at, ISO 8601: the beginning of the audit.
 */
export function apiSource(
  { apiUrl, makeReader }: { apiUrl: string; makeReader: () => Promise<Reader> },
  selection: UserSelection,
  now: string,
): EvidenceSource {
  let expected: number | undefined;
  async function* read(): AsyncGenerator<EvidenceItem> {
    const reader = await makeReader();
    const users = await findUsers(reader, selection);
    expected = users.length;
    for await (const outcome of readUsers(
      users.map(toRead),
      (username) => reader.readAnew(username),
      reader.concurrency,
    )) {
      const { listed } = outcome.user;
      yield "error" in outcome
        ? failed(encodeText(listed.username), outcome.error)
        : { kind: "user", user: { ...listed, tokens: outcome.reading.tokens, fetchedAt: now } };
    }
  }
  return { source: { kind: "api", name: apiUrl }, expectedUsers: () => expected, read };
}

/** @param username safe to print. */
function failed(username: string, { message }: Error): EvidenceItem {
  return { kind: "failure", failure: { subject: username, username, message } };
}

async function findUsers(reader: Reader, selection: UserSelection): Promise<readonly Listed[]> {
  const { usernames, accounts = "all" } = selection;
  if (usernames && accounts === "all" && !usernames.some(isGlob)) {
    return [...new Set(usernames)].map((username) => ({ username }));
  }
  const listed = selectUsers(await reader.listUsers(), { ...selection, globs: true });
  return listed.map(({ username, isServiceAccount, isDeprovisioned }) => ({
    username,
    isDeprovisioned: isDeprovisioned ?? ("unknown" as const),
    ...(isServiceAccount !== undefined && { isServiceAccount }),
  }));
}

function toRead(listed: Listed) {
  return { listed, username: listed.username, isDeprovisioned: listed.isDeprovisioned === true };
}
