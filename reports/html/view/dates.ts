import { count } from "../../../core/count";
import { daysToMs, HOUR } from "../../../core/duration";
import type { TokenDate } from "../model";

/** The day in UTC, `2026-03-01`. */
export function day(instant: number): string {
  return new Date(instant).toISOString().replace(/T.*/, "");
}

/** Day and minute, `2026-03-01 12:00 UTC`. */
export function minute(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, -8).replace("T", " ")} UTC`;
}

/** Whole days between, as people say them: what is over a limit must not read as within it. */
export function span(milliseconds: number): string {
  const hours = Math.abs(milliseconds) / HOUR;
  if (hours < 24) return hours < 1 ? "less than an hour" : count(Math.floor(hours), "hour");
  const days = Math.floor(hours / 24);
  return days < 730 ? count(days, "day") : `${(days / 365.25).toFixed(1)} years`;
}

/** How old a token is. */
export function age(created: TokenDate, now: number): string {
  if (typeof created === "string") return "age unknown";
  return created > now ? "not yet created" : `${span(now - created)} old`;
}

/** When a token ends, as people say it. */
export function end(expires: number, now: number): string {
  return expires > now ? `in ${span(expires - now)}` : `expired ${span(now - expires)} ago`;
}

/** Whether dates are this close that they need a colour. */
export function isWithin(instant: number, now: number, days: number): boolean {
  return instant > now && instant - now <= daysToMs(days);
}
