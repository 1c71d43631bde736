import { type BigIntStats, fstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** The identity of a file, however its path is written. */
export interface FileIdentity {
  /** The same for all paths to one file. */
  readonly key: string;
  /** Whether it exists and is a regular file, not a pipe, a terminal or a device. */
  readonly isFile: boolean;
}

/** The longest chain of links to follow, as on Linux. */
const MAX_LINKS = 40;

/**
 * Identifies the file that a path leads to. Symbolic and hard links are the file itself, even if the target does not exist
 * yet. Returns `undefined` for the null device, to which everything may be written.
 */
export function identify(file: string): FileIdentity | undefined {
  const found = orUndefined(() => statSync(file, { bigint: true }));
  if (found) return identityOf(found);
  // On a file system that ignores case, two missing names may become one file. That is not checked.
  return { key: resolveTarget(file).normalize("NFC").toLowerCase(), isFile: false };
}

/** The same for an open file, such as standard output. Also `undefined` if it is closed. */
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

/** Resolves a path to an absolute one and follows all links, including those whose target does not exist yet. */
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
  // A circle: opening it fails.
  return target;
}

function orUndefined<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
