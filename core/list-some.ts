/** How many items a message names; the others are counted. */
export const NAMED_ITEMS = 10;

/** The first items, and how many more there are: `a, b and 3 more`. */
export function listSome(items: readonly string[]): string {
  const more = items.length - NAMED_ITEMS;
  const shown = items.slice(0, NAMED_ITEMS).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
