/** Safe markup, which only {@link html} creates. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | false | undefined | readonly Part[];

/** A template for markup: every part that is not {@link Html} is escaped, for text and for attributes in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(compact(strings).reduce((text, string, i) => text + escapePart(parts[i - 1]) + string));
}

const compacted = new WeakMap<readonly string[], readonly string[]>();

/** Removes the sources' indentation, which thousands of rows would repeat. */
function compact(strings: readonly string[]): readonly string[] {
  const known = compacted.get(strings);
  if (known) return known;
  const short = strings.map((string) => string.replace(/\n\s+/g, "\n"));
  compacted.set(strings, short);
  return short;
}

/** `text` if the condition holds, otherwise nothing. */
export function when(condition: unknown, text: () => Html): Html | undefined {
  return condition ? text() : undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapePart(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(escapePart).join("");
  if (part === undefined || part === false) return "";
  return String(part).replace(/[&<>"']/g, (c) => ESCAPES[c] ?? c);
}

/** JSON for a script element, in which no text can end the element or open a comment. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
