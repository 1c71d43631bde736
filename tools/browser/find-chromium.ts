import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { accessSync, constants } from "node:fs";
import path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "chrome.exe"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** A Chromium, or why there is none. */
export type FoundChromium = { readonly path: string } | { readonly reason: string };

/** What the search looks at. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether this process may install packages. */
  readonly isRoot: boolean;
  /** Installs Debian's package. */
  readonly install: () => void;
}

/**
 * Finds a Chromium: where `CHROME_PATH` says, on `PATH`, or where installers put it. In CI, as root and with `apt-get`, it
 * is installed where there is none; elsewhere nothing is changed.
 */
export function findChromium(report: (line: string) => void, surroundings = thisMachine()): FoundChromium {
  const { env, isRoot, install } = surroundings;
  if (env.CHROME_PATH) {
    const isThere = isExecutable(env.CHROME_PATH);
    return isThere
      ? { path: env.CHROME_PATH }
      : { reason: `CHROME_PATH is ${env.CHROME_PATH}, and nothing runs there` };
  }
  const found = onPath(NAMES, env) ?? PLACES.find(isExecutable);
  if (found !== undefined) return { path: found };
  const missing = "there is no Chromium on PATH; install one, or set CHROME_PATH";
  if (!isCi(env) || !isRoot || onPath(["apt-get"], env) === undefined) return { reason: missing };
  report("There is no Chromium. Installing Debian's package …");
  try {
    install();
  } catch (error) {
    return { reason: `${missing}; apt-get failed: ${error instanceof Error ? error.message : String(error)}` };
  }
  const installed = onPath(NAMES, env);
  return installed === undefined ? { reason: `${missing}; apt-get installed none` } : { path: installed };
}

/** In CI a test that cannot run is a failure. */
export function isCi(env: Surroundings["env"]): boolean {
  return env.CI === "true" || env.CI === "1";
}

function thisMachine(): Surroundings {
  return { env: process.env, isRoot: process.getuid?.() === 0, install: installByApt };
}

function installByApt(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options: ExecFileSyncOptions = { env, stdio: ["ignore", "ignore", "inherit"], timeout: 600_000 };
  execFileSync("apt-get", ["update", "-q"], options);
  execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], options);
}

function onPath(names: readonly string[], { PATH = "" }: Surroundings["env"]): string | undefined {
  const folders = PATH.split(path.delimiter).filter((folder) => folder !== "");
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
