import { isUnknownValue } from "./engine-marks";

// Characters without a visible shape: controls, format characters (including zero-width ones and those that reorder text),
// line and paragraph separators, unpaired surrogates, fillers. Variation selectors are kept, because emoji use them.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/gu;

/** Printable ASCII: most names, which skip the slower path. */
const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * Makes text of unknown origin safe for terminals, logs and reports: characters that could move the cursor, forge a line,
 * reorder the text or hide in it are escaped, as in `\u001b`. At most `limit` characters are kept.
 *
 * The result is for people. Use {@link encodeText} for text that is decoded again.
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
 * Makes text as safe to print as {@link printable} does, but so that {@link decodeText} restores it: a backslash that already
 * precedes `u` and four hexadecimal digits becomes `\u005c`. The engine receives names in this form, because it prints them
 * unescaped. A text that the engine would take for a value that is not known yet has its first character escaped.
 */
export function encodeText(text: string): string {
  if (isUnknownValue(text)) return byNumber(text.charAt(0)) + text.slice(1);
  return PLAIN.test(text) ? text : text.replace(/\\(?=u[\da-f]{4})/gi, "\\u005c").replace(UNPRINTABLE, byNumber);
}

/** Restores the text that {@link encodeText} encoded. */
export function decodeText(encoded: string): string {
  if (!encoded.includes("\\u")) return encoded;
  return encoded.replace(/\\u([\da-f]{4})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** A name for messages: at most `limit` characters, encoded by {@link encodeText} so that different names look different. */
export function shownName(name: string, limit: number): string {
  return encodeText(cut(name, limit));
}

/** {@link shownName}, in double quotes. */
export function quotedName(name: string, limit: number): string {
  return `"${shownName(name, limit).replace(/"/g, '\\"')}"`;
}

/** Whether a text is invisible: only white space and characters without a shape. */
export function isBlank(text: string): boolean {
  return /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
}

function cut(text: string, limit: number): string {
  // Do not cut a surrogate pair in half.
  return text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** Escapes each code unit of a character. */
function byNumber(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}
