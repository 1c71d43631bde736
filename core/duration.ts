import { count } from "./count";

/** In milliseconds. Days have 24 hours, as in UTC. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Converts a setting in days to whole milliseconds, so that 4.35 days are exactly 375,840,000. */
export function daysToMs(days: number): number {
  return Math.round(days * DAY);
}

/** {@link daysToMs} for a setting in hours. */
export function hoursToMs(hours: number): number {
  return Math.round(hours * HOUR);
}

const UNITS = [
  { noun: "day", length: DAY, digits: 10 },
  { noun: "hour", length: HOUR, digits: 10 },
  { noun: "minute", length: MINUTE, digits: 1 },
  { noun: "second", length: SECOND, digits: 1 },
] as const;

/**
 * Formats a length of time for messages: in days (or `unit`), or in the next smaller unit if it is less than one. Days and
 * hours have one decimal.
 *
 * @param rounding `up` for a value over a limit, `down` for a value within it, so that no message claims that a number
 *   exceeds itself.
 */
export function duration(milliseconds: number, rounding: "up" | "down", unit: "day" | "hour" = "day"): string {
  const units = unit === "day" ? UNITS : UNITS.slice(1);
  const { noun, length, digits } = units.find((candidate) => milliseconds >= candidate.length) ?? UNITS[3];
  // One division of whole numbers: 1.1 days times ten would be 11.000000000000002.
  const rounded = (rounding === "up" ? Math.ceil : Math.floor)((milliseconds * digits) / length) / digits;
  return rounded === 0 ? "less than a second" : count(rounded, noun);
}
