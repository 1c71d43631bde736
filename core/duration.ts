/** Milliseconds. Days have 24 hours, in UTC. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A setting in days as whole milliseconds: as they are compared, 4.35 days are 375,840,000 and no fraction less. */
export function daysToMs(days: number): number {
  return Math.round(days * DAY);
}

/** {@link daysToMs} for a setting in hours. */
export function hoursToMs(hours: number): number {
  return Math.round(hours * HOUR);
}

/** `1 token`, `2 tokens`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

const UNITS = [
  { noun: "day", length: DAY, digits: 10 },
  { noun: "hour", length: HOUR, digits: 10 },
  { noun: "minute", length: MINUTE, digits: 1 },
  { noun: "second", length: SECOND, digits: 1 },
] as const;

/**
 * A length of time for messages, in days (or `unit`), or in the next smaller unit where it is less than one. Days and hours
 * have one decimal.
 *
 * @param rounding `up` for what is over a limit, `down` for what is within one: so that the message never says that a number
 *   is over itself, or within less than itself.
 */
export function duration(milliseconds: number, rounding: "up" | "down", unit: "day" | "hour" = "day"): string {
  const units = unit === "day" ? UNITS : UNITS.slice(1);
  const { noun, length, digits } = units.find((candidate) => milliseconds >= candidate.length) ?? UNITS[3];
  // Whole numbers are divided once: 1.1 days times ten would be 11.000000000000002.
  const rounded = (rounding === "up" ? Math.ceil : Math.floor)((milliseconds * digits) / length) / digits;
  return rounded === 0 ? "less than a second" : count(rounded, noun);
}
