import { count } from "../../core/count";

/** `a, b and c`. */
export function enumerate(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}

/** For how long something has been so. */
export function describeDays(days: number): string {
  return days > 0 ? count(days, "day") : "less than a day";
}

/** The text with a capital letter at its start. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
