import { printable } from "./printable";

/** What a command line has in place of a file's name for standard input, or for standard output. */
export const STANDARD_STREAM = "-";

/** A file to read, as messages name it. Safe to print. */
export function nameInput(file: string): string {
  return file === STANDARD_STREAM ? "standard input" : printable(file, Infinity);
}
