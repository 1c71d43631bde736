import type * as re2 from "./re2";

// Names are chosen by others, and a regular expression that goes back and forth can take longer for one name than anybody
// waits. RE2 takes time in proportion to the name, whatever the pattern; it has no look-around and no back-references.
// A file of its own also where the pack is bundled: most packs have no pattern, and do not even parse it.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import()` would make rules async
const load = () => require("./re2") as typeof re2;

const compiled = new Map<string, re2.RE2JS>();

/** @throws Error for a pattern that is not in the syntax of RE2, with the library's message. */
function compile(pattern: string, flags: string): re2.RE2JS {
  const key = `${flags}/${pattern}`;
  const known = compiled.get(key);
  if (known) return known;
  const { RE2JS } = load();
  // The translation below would make a `k` of it.
  if (/\\k</.test(pattern)) throw new Error("back-references are not supported");
  // `\u0041` and the like are JavaScript's; they are translated.
  const expression = RE2JS.compile(RE2JS.translateRegExp(pattern), flags.includes("i") ? RE2JS.CASE_INSENSITIVE : 0);
  compiled.set(key, expression);
  return expression;
}

/**
 * Makes a test for texts that hold a match of a regular expression, anywhere: `^` and `$` are for the whole.
 *
 * @param flags `i`: case makes no difference.
 * @throws Error for a pattern that is not in the syntax of RE2, with the library's message.
 */
export function compilePattern(pattern: string, flags = ""): (text: string) => boolean {
  const expression = compile(pattern, flags);
  return (text) => expression.matcher(text).find();
}

/**
 * Makes a function that finds what the one capture group of a regular expression holds in a text, at the first match.
 *
 * @throws Error for a pattern that is not in the syntax of RE2, or has not one capture group.
 */
export function compileCapture(pattern: string): (text: string) => string | undefined {
  const expression = compile(pattern, "");
  if (expression.groupCount() !== 1) throw new Error("it has not one capture group");
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
