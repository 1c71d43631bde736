import { DAY } from "../../../core/duration";
import type { PageData } from "../model";

/** The time range that all bars share. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}

const LONGEST_PAST = 548 * DAY;
const LONGEST_FUTURE = 400 * DAY;

/** From the first creation to the last expiry, limited so that the present stays visible. */
export function scaleOf({ now, users, limits }: PageData): Scale {
  let [first, last] = [now - 60 * DAY, now + Math.max(60, (limits.warnDays ?? 0) * 2) * DAY];
  for (const { tokens } of users) {
    for (const { created, expires } of tokens) {
      if (typeof created === "number") first = Math.min(first, created);
      if (typeof expires === "number") last = Math.max(last, expires);
    }
  }
  const [from, to] = [Math.max(first, now - LONGEST_PAST), Math.min(last, now + LONGEST_FUTURE)];
  const margin = (to - from) * 0.03;
  return { from: from - margin, to: to + margin };
}

/** The position of an instant in percent, clamped to the scale. */
export function placeOf({ from, to }: Scale, instant: number): number {
  const percent = ((instant - from) / (to - from)) * 100;
  return Math.round(Math.min(100, Math.max(0, percent)) * 100) / 100;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The starts of months in UTC, at most eight of them. */
export function ticksOf({ from, to }: Scale): { readonly instant: number; readonly label: string }[] {
  const months = (to - from) / (30.4 * DAY);
  const step = [1, 2, 3, 6, 12].find((candidate) => months / candidate <= 8) ?? 12;
  const start = new Date(from);
  const ticks = [];
  // From the start of a year, so that January is among them.
  for (let month = 0; ; month += step) {
    const instant = Date.UTC(start.getUTCFullYear(), month);
    if (instant > to) return ticks;
    const name = MONTHS[month % 12] ?? "";
    if (instant >= from)
      ticks.push({ instant, label: name === "Jan" ? String(new Date(instant).getUTCFullYear()) : name });
  }
}
