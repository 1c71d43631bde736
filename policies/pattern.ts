import type * as re2 from "./re2";

// Names are chosen by others, and a regular expression that backtracks can run practically forever on one name. RE2 takes
// time in proportion to the name's length, whatever the pattern; it has no look-around and no back-references. A separate
// file even in the bundled pack: most packs have no pattern, and never parse it.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import()` would make rules async
const load = () => require("./re2") as typeof re2;

const compiled = new Map<string, re2.RE2JS>();

/** @throws Error for a pattern that is not in the syntax of RE2, with the library's message. */
function compile(pattern: string, flags: string): re2.RE2JS {
  const key = `${flags}/${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  const { RE2JS } = load();
  // The translation below would turn it into a `k`.
  if (/\\k</.test(pattern)) throw new Error("back-references are not supported");
  // `\u0041` and the like are JavaScript's; they are translated.
  const expression = RE2JS.compile(RE2JS.translateRegExp(pattern), flags.includes("i") ? RE2JS.CASE_INSENSITIVE : 0);
  compiled.set(key, expression);
  return expression;
}

/**
 * Compiles a regular expression into a test for a match anywhere in a text: `^` and `$` match the text's ends, not a line's.
 *
 * @param flags `i`: case is ignored.
 * @throws Error for a pattern that is not in the syntax of RE2, with the library's message.
 */
export function compilePattern(pattern: string, flags = ""): (text: string) => boolean {
  const expression = compile(pattern, flags);
  return (text) => expression.matcher(text).find();
}

/**
 * Makes a function that finds what the one capture group of a regular expression holds in a text, at the first match.
 *
 * @throws Error for a pattern that is not in the syntax of RE2, or does not have exactly one capture group.
 */
export function compileCapture(pattern: string): (text: string) => string | undefined {
  const expression = compile(pattern, "");
  if (expression.groupCount() !== 1) throw new Error("it does not have exactly one capture group");
  return (text) => {
    const matcher = expression.matcher(text);
    return matcher.find() ? (matcher.group(1) ?? undefined) : undefined;
  };
}

/** Whether a text is a regular expression that {@link compilePattern} takes. */
export function isPattern(text: string): boolean {
  return compiles(() => compilePattern(text));
}

/** Whether a text is a regular expression that {@link compileCapture} takes. */
export function isCapture(text: string): boolean {
  return compiles(() => compileCapture(text));
}

function compiles(compileText: () => unknown): boolean {
  try {
    compileText();
    return true;
  } catch {
    return false;
  }
}
