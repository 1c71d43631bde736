import { DAY } from "./duration";

// date, time, seconds with their fraction, offset. The API declares no format for its dates, so this is ISO 8601 as
// databases write it.
const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?(?:(Z)|([+-])(\d{2})(?::?(\d{2}))?)?)?$/i;

const FOUR_CENTURIES = 146_097 * DAY;

/**
 * Parses an ISO 8601 date and time into milliseconds since the epoch; without an offset it is UTC. Returns `undefined`
 * for everything else, including days and times that do not exist: `Date` would turn 30 February into 1 March.
 */
export function parseInstant(text: string): number | undefined {
  if (parsed.has(text)) return parsed.get(text);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  const instant = parse(text);
  parsed.set(text, instant);
  return instant;
}

/** The rules ask for the dates of a user's tokens in turn, so each would be parsed a dozen times. */
const parsed = new Map<string, number | undefined>();
const MAX_PARSED = 200;

function parse(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  // Groups that did not match are undefined, which counts as 0 here.
  const number = (group: number) => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [number(1), number(2), number(3), number(4), number(5), number(6)];
  const [offsetHour, offsetMinute] = [number(10), number(11)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  // 24:00:00 is the end of the day.
  const isMidnight = hour === 24 && minute === 0 && second === 0;
  if ((hour > 23 && !isMidnight) || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59)
    return undefined;
  const offset = (offsetHour * 60 + offsetMinute) * (match[9] === "-" ? -1 : 1);
  const milliseconds = Number((match[7] ?? ".0").slice(1, 4).padEnd(3, "0"));
  // `Date.UTC` takes the years 0 to 99 for 1900 to 1999. The calendar repeats every 400 years.
  return Date.UTC(year + 400, month - 1, day, hour, minute - offset, second, milliseconds) - FOUR_CENTURIES;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
