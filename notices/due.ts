import { DAY } from "../core/duration";
import type { Finding, JudgedUser } from "../audit/result";
import { count } from "../core/count";
import { originKey } from "../core/identity";
import { parseInstant } from "../core/instant";
import { decodeText } from "../core/printable";
import type { Origin } from "../core/provenance";
import type { FindOwner } from "../policies/owners";
import { type AuditReport, digestOf, noticeId, type Notice, type SentNotice } from "./notice";

/** Rules whose findings about a token say what a notice about its expiry says. */
const ABOUT_EXPIRY: readonly string[] = ["token-expiring-soon", "no-expired-tokens"];

type Token = JudgedUser["tokens"][number];

/**
 * Everything that is due, whatever was sent before: for each token the smallest threshold that applies, and each open
 * finding.
 */
export function currentNotices(
  { users, findings }: Pick<AuditReport, "users" | "findings">,
  options: { readonly findOwner: FindOwner; readonly thresholdsDays: readonly number[]; readonly now: number },
): Notice[] {
  const notices = users.flatMap((user) => [
    ...user.tokens.flatMap((token) => expiryNotice(user, token, options) ?? []),
    ...user.findings.flatMap((finding) => findingNotice(finding, user, options.findOwner) ?? []),
  ]);
  const others = findings.flatMap((finding) => findingNotice(finding, undefined, options.findOwner) ?? []);
  // Two resources can carry the same user.
  return [...new Map([...notices, ...others].map((notice) => [noticeId(notice), notice])).values()];
}

function expiryNotice(
  user: JudgedUser,
  token: Token,
  { findOwner, thresholdsDays, now }: Parameters<typeof currentNotices>[1],
): Notice | undefined {
  const expiry = expiryOf(token);
  if (expiry === undefined) return undefined;
  const left = expiry - now;
  const days = left > 0 ? Math.min(...thresholdsDays.filter((limit) => left <= limit * DAY)) : 0;
  if (!Number.isFinite(days)) return undefined;
  const at = new Date(expiry).toISOString();
  const what = nameToken(user.username, token);
  const owner = ownerOf(user, token, findOwner);
  return {
    ...(days > 0 ? { kind: "expiring" as const, days } : { kind: "expired" as const }),
    ...aboutToken(user, token),
    ...(owner !== undefined && { owner }),
    message:
      days > 0
        ? `${what} expires within ${count(Math.ceil(left / DAY), "day")}, at ${at}. Replace it before, or let it end.`
        : `${what} expired at ${at}. Replace it if something still needs it, and delete it.`,
  };
}

function findingNotice(finding: Finding, user: JudgedUser | undefined, findOwner: FindOwner): Notice | undefined {
  if (finding.waiver !== undefined || finding.isKnown === true) return undefined;
  const token = user?.tokens.find(({ id }) => id === finding.tokenId);
  if (token && ABOUT_EXPIRY.includes(finding.rule) && expiryOf(token) !== undefined) return undefined;
  // What is about no user belongs to nobody.
  const owner = user && ownerOf(user, token, findOwner);
  const { username, tokenId, tokenName } = finding;
  return {
    ...{ kind: "finding", subject: finding.fingerprint },
    ...place(finding.origin ?? user?.origin),
    ...(owner !== undefined && { owner }),
    ...(username !== undefined && { username }),
    ...(tokenId !== undefined && { tokenId }),
    ...(tokenName !== undefined && { tokenName }),
    message: `${finding.rule} (${finding.enforcementLevel}): ${finding.message}`,
  };
}

/**
 * Tokens that a channel had an expiry notice about, and that are not there any more, though their user was read, or everybody
 * was and the user is not there.
 */
export function goneNotices(
  { audit, users, failures }: Pick<AuditReport, "audit" | "users" | "failures">,
  sent: readonly SentNotice[],
): (Notice & { readonly channel: string })[] {
  const listed = new Map<string, Set<string>>();
  for (const { origin, username, tokens } of users) {
    const key = userKey(place(origin), username);
    const ids = listed.get(key) ?? new Set();
    for (const { id } of tokens) ids.add(id);
    listed.set(key, ids);
  }
  const failed = new Set(failures.flatMap(({ username }) => username ?? []));
  const everybody = audit.scope === "everybody" && audit.source.kind === "api" && failures.length === 0;
  const origins = new Set(everybody ? users.map(({ origin }) => originKey(origin)) : []);
  const isGone = ({ username = "", tokenId = "", ...where }: SentNotice) => {
    if (failed.has(username)) return false;
    const ids = listed.get(userKey(where, username));
    return ids ? !ids.has(tokenId) : origins.has(originKey(originOf(where)));
  };
  // Of each token and channel, the last notice.
  const last = new Map<string, SentNotice>();
  for (const one of sent) {
    if (one.kind === "finding") continue;
    last.set(JSON.stringify([one.channel, userKey(one, one.username ?? ""), one.tokenId]), one);
  }
  return [...last.values()].filter((one) => one.kind !== "gone" && isGone(one)).map(toGone);
}

function toGone(sent: SentNotice): Notice & { readonly channel: string } {
  const { subject, channel, owner, apiUrl, organization, username = "", tokenId = "", tokenName, expireAt } = sent;
  const named = { ...(tokenName !== undefined && { tokenName }) };
  const what = nameToken(username, { id: tokenId, ...(tokenName !== undefined && { name: tokenName }) });
  return {
    ...{ kind: "gone", subject, channel, apiUrl, organization, username, tokenId, ...named },
    ...(owner !== undefined && { owner }),
    ...(expireAt !== undefined && { expireAt }),
    message: `${what} is not there any more: it was revoked, or it ended. Its expiry was ${expireAt ?? "unknown"}.`,
  };
}

/** How late a notice is: once one was sent, no earlier one follows. */
export function rankOf({ kind, days = 0 }: Pick<Notice, "kind" | "days">): number {
  return kind === "gone" ? -1 : days;
}

function aboutToken(user: JudgedUser, { id, name, expireAt }: Token) {
  const where = place(user.origin);
  return {
    ...where,
    subject: digestOf("token", where.apiUrl, where.organization, user.username, id, expireAt),
    username: user.username,
    tokenId: id,
    ...(name !== undefined && { tokenName: name }),
    ...(expireAt !== undefined && { expireAt }),
  };
}

/** Names in reports are encoded; those in settings are not. */
function ownerOf(user: JudgedUser, token: Token | undefined, findOwner: FindOwner): string | undefined {
  const { email } = user;
  const owned = { username: decodeText(user.username), ...(email !== undefined && { email: decodeText(email) }) };
  if (!token) return findOwner(owned)?.name;
  const { id, name, description } = token;
  return findOwner(owned, {
    id: decodeText(id),
    ...(name !== undefined && { name: decodeText(name) }),
    ...(description !== undefined && { description: decodeText(description) }),
  })?.name;
}

function expiryOf({ expireAt }: Token): number | undefined {
  return expireAt === undefined ? undefined : parseInstant(expireAt);
}

function nameToken(username: string, { id, name }: { readonly id: string; readonly name?: string }): string {
  return name === undefined ? `Token ${id} of ${username}` : `Token "${name}" (${id}) of ${username}`;
}

interface Place {
  readonly apiUrl: string;
  readonly organization: string;
}

function place(origin: Origin | undefined): Place {
  return { apiUrl: origin?.apiUrl ?? "", organization: origin?.organization ?? "" };
}

function originOf({ apiUrl, organization }: Place): Origin | undefined {
  if (apiUrl === "") return undefined;
  return { apiUrl, ...(organization !== "" && { organization }) };
}

function userKey({ apiUrl, organization }: Place, username: string): string {
  return JSON.stringify([apiUrl, organization, username]);
}
