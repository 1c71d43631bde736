import nodeModule from "node:module";
import os from "node:os";
import path from "node:path";

/** Node.js 22.1 has the first, 22.10 the second; the types of the oldest Node.js that is supported have neither. */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => unknown;
  readonly flushCompileCache?: () => void;
}

/**
 * Keeps compiled code from run to run, for all that this process loads from here on: more than half of what it costs to
 * load Pulumi's SDK. In Pulumi's own folder, which only its user can write: not in Node's default, below the temporary
 * folder that all users share. `NODE_DISABLE_COMPILE_CACHE=1` turns it off, `NODE_COMPILE_CACHE` puts it elsewhere.
 */
export function keepCompiledCode(): void {
  const { enableCompileCache, flushCompileCache } = nodeModule as unknown as CompileCache;
  const home = process.env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
  enableCompileCache?.(path.join(home, "node-compile-cache"));
  // Node writes when the process ends, but the engine does not let it end by itself.
  if (flushCompileCache) setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref();
}

/** When everything is loaded, and before the shortest run is over. */
const FLUSH_AFTER_MS = 1000;
