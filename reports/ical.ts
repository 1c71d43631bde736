import ical, { ICalAlarmType, ICalCalendarMethod, ICalEventTransparency, type ICalEventData } from "ical-generator";
import { failuresOf } from "../audit/failure";
import type { AuditClosing, AuditHeader, JudgedToken, JudgedUser } from "../audit/result";
import { count } from "../core/count";
import { DAY, SECOND } from "../core/duration";
import { EXPIRY_THRESHOLDS } from "../core/expiry-thresholds";
import { originKey } from "../core/identity";
import { listSome } from "../core/list-some";
import { expiryOf } from "../policies/token-facts";
import { sha256 } from "./code-host";
import { FirstItems } from "./first-items";
import type { ReportFormat } from "./report";
import { nameShownToken, nameWithOrganization } from "./vocabulary/names";
import { describeOutcome, describeScope } from "./vocabulary/outcome";

/** Tokens in a calendar, at most: those that expire first. Calendars refuse files that are much larger. */
export const ICAL_LIMIT = 1000;

/** An expiry. */
interface Expiry {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly user: JudgedUser;
  readonly token: JudgedToken;
}

/**
 * A calendar of expiries (RFC 5545): one event per token, with alarms before it. An event has the same UID in every run, so
 * that a calendar which is imported again, or subscribed to, updates it.
 */
export const icalReport: ReportFormat = (header) => {
  const now = new Date(header.now);
  // By UID: two resources may hold one token.
  const expiries = new FirstItems<Expiry>(ICAL_LIMIT, (a, b) => placeOf(a, now) - placeOf(b, now));
  const notes: string[] = [];
  return {
    user(user) {
      for (const token of user.tokens) {
        const at = expiryOf(token);
        const id = eventId("expiry", originKey(user.origin), user.username, token.id);
        if (at !== undefined) expiries.set(id, { id, at, user, token });
      }
      return "";
    },
    end(closing) {
      const { items, leftOut } = expiries.take();
      const texts = [describeOutcome(closing), describeScope(header, closing)];
      if (leftOut > 0) {
        const note = `${count(leftOut, "token")} left out, those that expire last: a calendar has ${count(ICAL_LIMIT, "token")}.`;
        texts.push(note);
        notes.push(note);
      }
      const calendar = ical({
        prodId: { company: "pulumi-motherduck-tokens", product: "audit", language: "EN" },
        method: ICalCalendarMethod.PUBLISH,
        name: nameCalendar(header),
        description: texts.join(" "),
        ttl: DAY / SECOND,
      });
      if (failuresOf(closing).length > 0) calendar.createEvent(incompleteEvent(header, closing, now));
      for (const expiry of items) calendar.createEvent(expiryEvent(expiry, now));
      return `${calendar.toString()}\r\n`;
    },
    notes: () => notes,
  };
};

/** So that the calendars of several owners can be told apart. */
function nameCalendar({ organization, owners }: AuditHeader): string {
  const whose = owners === undefined ? "" : `: ${listSome(owners)}`;
  return `MotherDuck tokens${organization === undefined ? "" : ` of ${organization}`}${whose}`;
}

/** What expires next comes first, and what has expired last. */
function placeOf({ at }: Expiry, now: Date): number {
  return at > now.getTime() ? at : Number.MAX_SAFE_INTEGER - at;
}

function expiryEvent({ id, at, user, token }: Expiry, now: Date): ICalEventData {
  const who = nameWithOrganization(user.username, user.origin);
  return {
    id,
    stamp: now,
    start: new Date(at),
    summary: `${who}: token ${nameShownToken(token)} expires`,
    description: [
      `User: ${who}`,
      `Token: ${nameShownToken(token)}, ${token.tokenType}`,
      `Created: ${token.createdTs}`,
      `Expires: ${token.expireAt ?? ""}`,
      ...(token.owner ? [`Owner: ${token.owner.name}, by ${token.owner.foundBy}`] : []),
      "Create a replacement and switch its consumers before that.",
    ].join("\n"),
    // By which calendars filter.
    ...(token.owner && { categories: [{ name: token.owner.name }] }),
    // It does not make anybody busy.
    transparency: ICalEventTransparency.TRANSPARENT,
    alarms: EXPIRY_THRESHOLDS.map((days) => ({
      type: ICalAlarmType.display,
      triggerBefore: (days * DAY) / SECOND,
      description: `${who}: token ${nameShownToken(token)} expires in ${count(days, "day")}`,
    })),
  };
}

/** An event of the whole day of an audit that is incomplete: tokens of those who are missing have no events. */
function incompleteEvent(header: AuditHeader, closing: AuditClosing, now: Date): ICalEventData {
  const failures = failuresOf(closing).map(({ subject, message }) => `${subject}: ${message}`);
  return {
    id: eventId("incomplete", header.organization ?? ""),
    stamp: now,
    start: now,
    allDay: true,
    summary: "Incomplete: MotherDuck tokens may be missing in this calendar",
    description: `Not judged: ${listSome(failures)}`,
    transparency: ICalEventTransparency.TRANSPARENT,
  };
}

function eventId(...parts: readonly string[]): string {
  return `${sha256(...parts)}@pulumi-motherduck-tokens`;
}
