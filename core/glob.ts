/**
 * Compiles a glob into a predicate for names: `*` matches any text, including none, `?` matches one character, everything
 * else matches itself. Glob libraries are made for paths: they treat `/`, leading dots, braces, `|` and `!` specially, and
 * names contain those.
 *
 * Others choose the names, so the work is bounded by the length of the glob times that of the name.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  if (!isGlob(glob)) return (name) => name === glob;
  // By character, not by code unit, so that `?` matches a whole emoji. Consecutive stars are one.
  const pattern = [...glob.replace(/\*+/g, "*")];
  return (name) => matchesGlob(pattern, [...name]);
}

/**
 * Whether the characters of a name match those of a glob. After a mismatch, only the last star is retried, with one more
 * character: what earlier stars matched no longer matters.
 */
export function matchesGlob(glob: ArrayLike<string>, name: ArrayLike<string>): boolean {
  let inGlob = 0;
  let inName = 0;
  let star = -1;
  let taken = 0;
  while (inName < name.length) {
    const wanted = inGlob < glob.length ? glob[inGlob] : undefined;
    if (wanted === "*") {
      star = inGlob++;
      taken = inName;
    } else if (wanted === "?" || (wanted !== undefined && wanted === name[inName])) {
      inGlob++;
      inName++;
    } else if (star >= 0) {
      inGlob = star + 1;
      inName = ++taken;
    } else {
      return false;
    }
  }
  while (inGlob < glob.length && glob[inGlob] === "*") inGlob++;
  return inGlob === glob.length;
}

/** {@link compileGlob} for a list: true if any of them matches. */
export function compileGlobs(globs: readonly string[]): (name: string) => boolean {
  const tests = globs.map(compileGlob);
  return (name) => tests.some((matches) => matches(name));
}

/** Whether a text has wildcards. */
export function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * The keys of a table that apply to a name: the name itself, or else the matching globs with the most characters that are
 * not wildcards.
 */
export function mostSpecific(keys: readonly string[], name: string): readonly string[] {
  return compileMostSpecific(keys)(name);
}

/** {@link mostSpecific} for many names. */
export function compileMostSpecific(keys: readonly string[]): (name: string) => readonly string[] {
  const names = new Set(keys);
  const globs = keys.filter(isGlob).map((key) => ({ key, matches: compileGlob(key), rank: specificity(key) }));
  return (name) => {
    if (names.has(name)) return [name];
    const matching = globs.filter(({ matches }) => matches(name));
    const most = Math.max(...matching.map(({ rank }) => rank));
    return matching.filter(({ rank }) => rank === most).map(({ key }) => key);
  };
}

/** How specific a name or a glob is, more being more: a glob by its characters that are not wildcards, a name above all. */
export function specificity(glob: string): number {
  return isGlob(glob) ? [...glob.replace(/[*?]/g, "")].length : Number.MAX_SAFE_INTEGER;
}
