import { AuditError } from "../audit/audit-error";
import { EXPIRY_THRESHOLDS } from "../core/expiry-thresholds";
import { compileMostSpecific } from "../core/glob";
import { groupBy } from "../core/group-by";
import { quotedName } from "../core/printable";
import type { NotifyConfig } from "../policies/configuration/notify";
import type { FindOwner } from "../policies/owners";
import { currentNotices, goneNotices, rankOf } from "./due";
import { type AuditReport, type Digest, digestOf, type Notice, noticeId, type SentNotice } from "./notice";

/** Notices in one message, at most: Teams takes 28 KB. */
export const MAX_NOTICES = 25;

/** What a plan is made of. */
export interface PlanInput {
  readonly report: AuditReport;
  readonly notify: NotifyConfig;
  readonly findOwner: FindOwner;
  /** What channels have accepted, in that order. */
  readonly sent: readonly SentNotice[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Who gets what, over which channel: everything that is due and that the channel has not accepted before.
 *
 * @throws AuditError where something is due to somebody without a route, and there is no fallback.
 */
export function planDigests({ report, notify, findOwner, sent, now }: PlanInput): Digest[] {
  const { thresholdsDays = EXPIRY_THRESHOLDS } = notify;
  const channelsOf = compileRoutes(notify);
  const accepted = new Map<string, number>();
  for (const one of sent) {
    // A token that came back is reported again.
    if (one.kind === "gone") continue;
    const key = JSON.stringify([one.channel, one.subject]);
    accepted.set(key, Math.min(accepted.get(key) ?? Infinity, rankOf(one)));
  }
  const isDue = (notice: Notice, channel: string) =>
    (accepted.get(JSON.stringify([channel, notice.subject])) ?? Infinity) > rankOf(notice);
  const current = currentNotices(report, { findOwner, thresholdsDays, now }).flatMap((notice) =>
    channelsOf(notice.owner).flatMap((channel) => (isDue(notice, channel) ? [{ channel, notice }] : [])),
  );
  const gone = goneNotices(report, sent).flatMap(({ channel, ...notice }) =>
    channelsOf(notice.owner).includes(channel) ? [{ channel, notice }] : [],
  );
  const groups = groupBy([...current, ...gone], ({ channel, notice }) => JSON.stringify([channel, notice.owner]));
  return [...groups.values()].flatMap((group) => {
    const messages: (typeof group)[] = [];
    for (let start = 0; start < group.length; start += MAX_NOTICES)
      messages.push(group.slice(start, start + MAX_NOTICES));
    return messages.flatMap((message) => toDigest(message));
  });
}

function toDigest(message: readonly { readonly channel: string; readonly notice: Notice }[]): Digest[] {
  const [first] = message;
  if (!first) return [];
  const { channel } = first;
  const { owner } = first.notice;
  const notices = message.map(({ notice }) => notice);
  const id = digestOf(channel, owner ?? null, notices.map(noticeId).sort());
  return [{ channel, ...(owner !== undefined && { owner }), notices, id }];
}

/**
 * The channels of an owner: those of the most specific route, else the fallback.
 *
 * @returns a function that throws an AuditError where there is neither.
 */
export function compileRoutes({
  routes = [],
  fallback,
}: NotifyConfig): (owner: string | undefined) => readonly string[] {
  const keysFor = compileMostSpecific(routes.map(({ owner }) => owner));
  return (owner) => {
    const [key] = owner === undefined ? [] : keysFor(owner);
    const channels = routes.find((route) => route.owner === key)?.channels ?? fallback;
    if (channels) return [...new Set(channels)];
    const whom = owner === undefined ? "what nobody owns has" : `the owner ${quotedName(owner, 100)} has`;
    throw new AuditError(
      `nothing was sent: ${whom} no route. Add one to notify.routes, or name channels in notify.fallback.`,
    );
  };
}
