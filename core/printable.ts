// Control characters, line and paragraph separators, and the marks that reorder text on a screen.
// eslint-disable-next-line no-control-regex -- these are the characters to find
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Makes text of unknown origin safe for terminals, logs and reports: what could move the cursor, forge a line or reorder
 * the text is shown as `\u001b` and the like. At most `limit` characters are kept.
 */
export function printable(text: string, limit = 500): string {
  // Not half of a character at the cut.
  const shown = text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return shown.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** {@link printable}, in double quotes. */
export function quoted(text: string, limit?: number): string {
  return `"${printable(text, limit).replace(/"/g, '\\"')}"`;
}
