import { execFile, spawn } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gte, valid } from "semver";
import { buildPulumi } from "./build-pulumi";

const run = promisify(execFile);
const wrapperManifest = require.resolve("pulumi/package.json");

/** The version of npm's wrapper `pulumi`, which is the one that the project is tested with. */
export const PULUMI_VERSION = (require(wrapperManifest) as { version: string }).version; // eslint-disable-line @typescript-eslint/no-require-imports

/** The newest version of the engine that the Go module proxy serves, of which `engine-newest` is made. */
export const NEWEST_PULUMI_VERSION = versionIn("engine-newest");

function versionIn(module: string): string {
  const text = readFileSync(path.join(__dirname, module, "go.mod"), "utf8");
  const [, version] = /\bgithub\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(text) ?? [];
  if (version === undefined) throw new Error(`${module}/go.mod does not name the engine's version`);
  return version;
}

/** A Pulumi CLI that works. */
export interface PulumiCli {
  /** The folder with `pulumi` and its language hosts. It has to come first on `PATH`. */
  readonly binFolder: string;
  readonly version: string;
}

/** Where npm's wrapper keeps the CLI. */
export function cacheFolder(version = PULUMI_VERSION): string {
  return path.join(process.env.PULUMI_HOME || path.join(homedir(), ".pulumi"), "versions", version);
}

/** The newest CLI of the Go module proxy, where an earlier run has built it. */
export function findBuiltNewestPulumi(): Promise<PulumiCli | undefined> {
  return inFolder(path.join(cacheFolder(NEWEST_PULUMI_VERSION), "bin"));
}

/** Finds the newest CLI, or builds it once per machine, which takes some minutes. @throws Error if the build fails. */
export async function findNewestPulumi(report: (line: string) => void): Promise<PulumiCli> {
  const built = await findBuiltNewestPulumi();
  if (built) return built;
  const folder = cacheFolder(NEWEST_PULUMI_VERSION);
  report(`No Pulumi CLI ${NEWEST_PULUMI_VERSION} in ${folder}; building it from the Go module proxy …`);
  await buildPulumi("engine-newest", folder, NEWEST_PULUMI_VERSION, report);
  const cli = await inFolder(path.join(folder, "bin"));
  if (!cli) throw new Error(`the build left no CLI that works in ${folder}`);
  return cli;
}

/**
 * Finds a Pulumi CLI, or gets one: on `PATH`, in the cache of npm's wrapper `pulumi`, by the wrapper's download, or by a
 * build from the Go module proxy into that cache.
 *
 * @param report receives the progress, one line per call.
 * @throws Error that says what was tried, and what to do.
 */
export async function findPulumi(report: (line: string) => void): Promise<PulumiCli> {
  const installed = (await onPath()) ?? (await inFolder(path.join(cacheFolder(), "bin")));
  if (installed) return installed;

  report(`No Pulumi CLI ${PULUMI_VERSION} or newer on PATH or in ${cacheFolder()}.`);
  const failures: string[] = [];
  for (const { how, get } of [
    { how: "download", get: download },
    { how: "build from the Go module proxy", get: () => buildPulumi("engine", cacheFolder(), PULUMI_VERSION, report) },
  ]) {
    report(`Trying to get it by ${how} …`);
    try {
      await get();
      const cli = await inFolder(path.join(cacheFolder(), "bin"));
      if (cli) return cli;
      failures.push(`${how}: it ended well, but left no CLI that works`);
    } catch (error) {
      failures.push(`${how}: ${error instanceof Error ? error.message : String(error)}`);
    }
    report(`  ${failures.at(-1)}`);
  }
  throw new Error(
    `No Pulumi CLI was found, and none could be installed:\n${failures.map((line) => `  ${line}\n`).join("")}` +
      `Install Pulumi ${PULUMI_VERSION} or newer (https://www.pulumi.com/docs/install/), then try again.`,
  );
}

async function onPath(): Promise<PulumiCli | undefined> {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  for (const folder of folders) {
    // npm puts its wrapper on the PATH of scripts; it is asked for below, in its turn.
    if (folder === "" || folder.includes("node_modules")) continue;
    const cli = await inFolder(folder);
    if (cli && gte(cli.version, PULUMI_VERSION)) return cli;
  }
  return undefined;
}

/** The CLI of a folder, if it runs and the host for Node.js programs is beside it. */
async function inFolder(folder: string): Promise<PulumiCli | undefined> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  try {
    accessSync(path.join(folder, `pulumi-language-nodejs${suffix}`), constants.X_OK);
    const { stdout } = await run(path.join(folder, `pulumi${suffix}`), ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    const version = valid(stdout.trim());
    return version === null ? undefined : { binFolder: folder, version };
  } catch {
    return undefined;
  }
}

/** npm's wrapper downloads what it does not have. */
async function download(): Promise<void> {
  const child = spawn(process.execPath, [path.join(path.dirname(wrapperManifest), "run.js"), "version"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(output.trim().split("\n").at(-1) || `the wrapper ended with ${String(code)}`);
}
