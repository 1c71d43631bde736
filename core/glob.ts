/**
 * Makes a test for names: `*` stands for any text, also none, `?` for one character, all else for itself. Libraries for
 * globs are made for paths: they treat `/`, leading dots, braces, `|` and `!` in ways of their own, and names hold those.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  const source = glob
    .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replace(/(\\\*)+/g, ".*")
    .replaceAll("\\?", ".");
  const expression = new RegExp(`^${source}$`, "su");
  return (name) => expression.test(name);
}

const compiledLists = new WeakMap<readonly string[], (name: string) => boolean>();

/** {@link compileGlob} for a list: true where one of them matches. A list is compiled once. */
export function compileGlobs(globs: readonly string[]): (name: string) => boolean {
  const known = compiledLists.get(globs);
  if (known) return known;
  const tests = globs.map(compileGlob);
  const test = (name: string) => tests.some((matches) => matches(name));
  compiledLists.set(globs, test);
  return test;
}

/** Whether a text is more than a plain name. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}
