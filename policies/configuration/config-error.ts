import { closest, distance } from "fastest-levenshtein";
import { printable } from "../../core/printable";

/** A mistake in the configuration. The engine shows it and fails the preview. */
export class PolicyConfigError extends Error {
  constructor(message: string) {
    super(printable(message, 1000));
    // The engine prints the stack; the message says what to do, the stack says nothing more.
    this.stack = this.message;
  }

  static {
    // On the prototype: the host prints an error's own properties, too.
    this.prototype.name = "PolicyConfigError";
  }
}

/** `allowed is a, b, c`, with the nearest one first where it is near. */
export function suggest(found: string, allowed: readonly string[]): string {
  const list = `allowed: ${allowed.join(", ")}`;
  if (allowed.length === 0) return "there are none";
  const nearest = closest(found, allowed);
  return distance(found, nearest) <= Math.max(2, found.length / 3) ? `did you mean ${nearest}? (${list})` : list;
}
