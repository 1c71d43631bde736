import { type BigIntStats, fstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** What tells a file from others, however its path is written. */
export interface FileIdentity {
  /** Equal for one file. */
  readonly key: string;
  /** Whether it is there, and is a file: no pipe, no terminal, no device. */
  readonly isFile: boolean;
}

/** Links that lead to links, at most; as many as Linux follows. */
const MAX_LINKS = 40;

/**
 * The file that a path leads to: links and hard links are the file itself, and a link to a file that is not there yet is
 * that file. `undefined` for the null device, which takes everything.
 */
export function identify(file: string): FileIdentity | undefined {
  const found = orUndefined(() => statSync(file, { bigint: true }));
  if (found) return identityOf(found);
  // Where file systems take no notice of case, two names may become one file; no report is worth finding out.
  return { key: resolveTarget(file).normalize("NFC").toLowerCase(), isFile: false };
}

/** The same for an open file, such as standard output; `undefined` where it is closed, too. */
export function identifyOpen(descriptor: number): FileIdentity | undefined {
  const found = orUndefined(() => fstatSync(descriptor, { bigint: true }));
  return found && identityOf(found);
}

function identityOf(found: BigIntStats): FileIdentity | undefined {
  const nothing = orUndefined(() => statSync(os.devNull, { bigint: true }));
  const key = `${found.dev}:${found.ino}`;
  if (nothing && key === `${nothing.dev}:${nothing.ino}`) return undefined;
  return { key, isFile: found.isFile() };
}

/** The absolute path to which a path leads, with all links followed, also those whose target is not there yet. */
export function resolveTarget(file: string): string {
  let target = path.resolve(file);
  for (let links = 0; links < MAX_LINKS; links++) {
    const real = orUndefined(() => realpathSync(target));
    if (real !== undefined) return real;
    const folder = path.dirname(target);
    if (folder === target) return target;
    target = path.join(resolveTarget(folder), path.basename(target));
    const link = orUndefined(() => readlinkSync(target));
    if (link === undefined) return target;
    target = path.resolve(path.dirname(target), link);
  }
  // A circle: whoever opens it is told.
  return target;
}

function orUndefined<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
