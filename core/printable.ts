// What has no shape of its own: controls, format characters (zero-width ones and the marks that reorder text among them),
// line and paragraph separators, halves of characters, fillers. Variation selectors stay: emoji have them.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/gu;

/** What every terminal shows as it is: most names, so the slower way is for the others. */
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * Makes text of unknown origin safe for terminals, logs and reports: what could move the cursor, forge a line, reorder the
 * text or hide in it is shown as `\u001b` and the like. At most `limit` characters are kept.
 *
 * For people. What has to be read again is written by {@link encodeText}.
 */
export function printable(text: string, limit = 500): string {
  const shown = cut(text, limit);
  return PLAIN.test(shown) ? shown : shown.replace(UNPRINTABLE, byNumber);
}

/** {@link printable}, in double quotes. */
export function quoted(text: string, limit?: number): string {
  return `"${printable(text, limit).replace(/"/g, '\\"')}"`;
}

/**
 * Writes text as safe to print as {@link printable} does, so that {@link decodeText} gives it back: a backslash that stands
 * before `u` and four hexadecimal digits already becomes `\u005c`. The engine gets names in this form, because it prints
 * them as they are.
 */
export function encodeText(text: string): string {
  return PLAIN.test(text) ? text : text.replace(/\\(?=u[\da-f]{4})/gi, "\\u005c").replace(UNPRINTABLE, byNumber);
}

/** The text that {@link encodeText} was given. */
export function decodeText(encoded: string): string {
  if (!encoded.includes("\\u")) return encoded;
  return encoded.replace(/\\u([\da-f]{4})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** A name for messages: at most `limit` of its characters, in the form of {@link encodeText}, so that two names look different. */
export function shownName(name: string, limit: number): string {
  return encodeText(cut(name, limit));
}

/** {@link shownName}, in double quotes. */
export function quotedName(name: string, limit: number): string {
  return `"${shownName(name, limit).replace(/"/g, '\\"')}"`;
}

/** Whether nothing of a text would be seen: it has no characters but white space and those without a shape. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

function cut(text: string, limit: number): string {
  // Not half of a character at the cut.
  return text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** Each code unit of a character. */
function byNumber(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}
