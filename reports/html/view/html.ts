/** Markup that is safe: made by {@link html} only. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | false | undefined | readonly Part[];

/** Markup, in which everything that is not markup itself is escaped, for text and for attributes in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(compact(strings).reduce((text, string, i) => text + escapePart(parts[i - 1]) + string));
}

const compacted = new WeakMap<readonly string[], readonly string[]>();

/** Without the indentation of the sources, which thousands of rows would carry. */
function compact(strings: readonly string[]): readonly string[] {
  const known = compacted.get(strings);
  if (known) return known;
  const short = strings.map((string) => string.replace(/\n\s+/g, "\n"));
  compacted.set(strings, short);
  return short;
}

/** `text` where the condition holds, else nothing. */
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

/** JSON for a script element: no text in it can end the element or open a comment. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
