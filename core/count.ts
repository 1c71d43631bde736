/** A number with commas between its thousands: `1,234`. */
export function thousands(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** `1 token`, `2 tokens`, `1,234 tokens`. */
export function count(number: number, noun: string): string {
  return `${thousands(number)} ${noun}${number === 1 ? "" : "s"}`;
}
