import { closest, distance } from "fastest-levenshtein";
import { compileGlob, isGlob } from "../core/glob";
import { quotedName } from "../core/printable";
import type { Violation } from "./rule";

/**
 * * Advisory notes on names in settings that match nobody. It has to know everybody. Without these notes, a misspelled name
 * silently protects nobody.
 *
 * @param where the settings, as notes name them, for example `users of read-scaling-only`.
 * @param names usernames or globs.
 * @param usernames everybody's.
 */
export function findUnmatchedNames(where: string, names: readonly string[], usernames: readonly string[]): Violation[] {
  return names
    .filter((name) => !usernames.some(compileGlob(name)))
    .map((name) => ({
      subject: name,
      enforcementLevel: "advisory",
      about: where,
      fact: `${quotedName(name, 255)} matches nobody in the organization${describeNearest(name, usernames)}`,
      fix: "Correct it, or remove it.",
    }));
}

function describeNearest(name: string, usernames: readonly string[]): string {
  if (isGlob(name) || usernames.length === 0) return "";
  const twin = usernames.find((username) => username.normalize("NFC") === name.normalize("NFC"));
  if (twin !== undefined) {
    return `, and looks like ${quotedName(twin, 255)}, whose accents are written with other characters (Unicode NFC and NFD)`;
  }
  const nearest = closest(name, [...usernames]);
  return distance(name, nearest) <= Math.max(2, name.length / 3) ? ` (did you mean ${quotedName(nearest, 255)}?)` : "";
}
