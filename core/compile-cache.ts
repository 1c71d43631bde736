import { existsSync } from "node:fs";
import nodeModule from "node:module";
import os from "node:os";
import path from "node:path";

/** Node.js has the first since 22.1 and the second since 22.10. The types of the oldest supported Node.js have neither. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
  readonly flushCompileCache?: () => void;
}

/**
 * Caches the compiled code of everything that this process loads from now on. Compiling is more than half the cost of
 * loading Pulumi's SDK. The cache is in Pulumi's own folder, which only its user can write to; Node's default is below the
 * temporary folder, which all users share. Where there is no such folder, nothing is cached. `NODE_DISABLE_COMPILE_CACHE=1` turns it off, `NODE_COMPILE_CACHE` moves it.
 */
export function keepCompiledCode(): void {
  const { enableCompileCache, flushCompileCache } = nodeModule as unknown as CompileCache;
  const home = process.env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
  if (!existsSync(home)) return;
  enableCompileCache?.(path.join(home, "node-compile-cache"));
  // Node writes the cache when the process exits, but the engine kills this process.
  if (flushCompileCache) setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref();
}

/** Late enough that everything is loaded, and early enough for the shortest run. */
const FLUSH_AFTER_MS = 1000;
