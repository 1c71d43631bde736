import assert from "node:assert/strict";

/** Holds that two lists have the same items, in whatever order. @param hint what to do where they have not. */
export function assertSameItems(actual: readonly string[], expected: readonly string[], hint: string): void {
  const lines = [
    ...without(actual, expected).map((item) => `+ ${item}`),
    ...without(expected, actual).map((item) => `- ${item}`),
  ].sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));
  if (lines.length > 0) assert.fail(`${hint}\n+ actual, - expected:\n${lines.join("\n")}`);
}

/** What is left of a list when each item of the other one is taken out once. */
function without(list: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return list.filter((item) => {
    const place = rest.indexOf(item);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
