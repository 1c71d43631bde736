import { compileGlob } from "../core/glob";
import type { Owner, UserOwners } from "../core/owner";
import { encodeText } from "../core/printable";
import type { Failure } from "./result";

/** The owners whose users and findings an audit is about; of everything else it tells only how much there is. */
export interface OwnerSelection {
  /** Whether a user, or any of the user's tokens, is theirs. To be asked of every user. */
  includesUser(owners: UserOwners): boolean;
  /** Whether what has this owner is theirs. What nobody owns is not. */
  includes(owner: Owner | undefined): boolean;
  /** The names and globs that no owner has had. */
  failures(): Failure[];
}

/** Makes a selection. @param patterns names of owners, or globs. */
export function createOwnerSelection(patterns: readonly string[]): OwnerSelection {
  const compiled = [...new Set(patterns)].map((pattern) => ({ pattern, matches: compileGlob(pattern) }));
  const unmatched = new Set(compiled);
  const known = new Map<string, boolean>();

  function includesName(name: string): boolean {
    const isKnown = known.get(name);
    if (isKnown !== undefined) return isKnown;
    const matching = compiled.filter(({ matches }) => matches(name));
    for (const one of matching) unmatched.delete(one);
    known.set(name, matching.length > 0);
    return matching.length > 0;
  }

  return {
    includesUser({ user, tokens }) {
      const owners = [...(user ? [user] : []), ...tokens.values()];
      // Of each, so that no pattern is called unmatched because another one matched before.
      return owners.map(({ name }) => includesName(name)).includes(true);
    },
    includes: (owner) => owner !== undefined && includesName(owner.name),
    failures: () =>
      [...unmatched].map(({ pattern }) => ({
        subject: `--owner ${encodeText(pattern)}`,
        message:
          "nobody and nothing that was judged has an owner of this name. Check the spelling, and owners in the settings.",
      })),
  };
}
