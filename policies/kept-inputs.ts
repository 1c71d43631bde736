import { printable, quoted } from "../core/printable";
import { ORGANIZATION_TOKENS_TYPES, USER_TOKENS_TYPES } from "./read-evidence";
import type { Violation } from "./rule";

/** The inputs that decide who is read. The provider sets all others anew in each run, whatever is ignored. */
function selectingInputs(type: string): readonly string[] {
  if (USER_TOKENS_TYPES.includes(type)) return ["username"];
  return ORGANIZATION_TOKENS_TYPES.includes(type) ? ["usernames", "accounts"] : [];
}

/**
 * The entry of a resource's `ignoreChanges` with which the engine keeps an earlier run's choice of users, so that nobody judges
 * those whom the program names now; `undefined` where there is none.
 *
 * @param ignoreChanges property paths, as policies and states have them; a state has none where the list is empty.
 */
export function findKeptInput(type: string, ignoreChanges: readonly string[] = []): string | undefined {
  const selecting = selectingInputs(type);
  if (selecting.length === 0) return undefined;
  return ignoreChanges.find((path) => ["*", ...selecting].includes(firstKey(path)));
}

/** `usernames` of `usernames[0]` and of `["usernames"][0]`. The engine skips dots in front. */
function firstKey(path: string): string {
  return /^\.*\[?"?([^."[\]]+)/.exec(path)?.[1] ?? "";
}

/** What is reported, once, for a resource that keeps an earlier run's choice of users. */
export function describeKept(name: string, path: string, enforcementLevel: "advisory" | "mandatory"): Violation {
  return {
    about: printable(name),
    fact:
      `ignoreChanges has ${quoted(path, 60)}, so the users of an earlier run may be judged instead of those that the ` +
      "program names now",
    fix: "Remove it from ignoreChanges.",
    parts: [`ignoreChanges ${path}`],
    enforcementLevel,
  };
}
