import { count } from "../core/count";
import { printable } from "../core/printable";
import type { Digest, Notice } from "./notice";

/** Characters of one notice, at most. */
const MAX_LINE = 300;

/** The headline of a message. It holds no names, which could inject markup there. */
export function titleOf({ notices }: Pick<Digest, "notices">): string {
  return `MotherDuck tokens: ${count(notices.length, "notice")}`;
}

/** Whom a message is for. */
export function salutationOf({ owner }: Pick<Digest, "owner">): string {
  return owner === undefined ? "Nobody owns what this is about." : `Owner: ${plain(owner, 100)}`;
}

/** A notice on one line. */
export function lineOf({ message }: Notice): string {
  return plain(message, MAX_LINE);
}

/** Chat and mail programs turn addresses in plain text into links, so the beginning of each address is broken up. */
function plain(text: string, limit: number): string {
  // Twice: escapes are longer than what they stand for, and messages have a size limit.
  return printable(printable(text, limit), limit)
    .replaceAll("://", "[:]//")
    .replace(/\bwww\./gi, (start) => `${start.slice(0, -1)}[.]`);
}
