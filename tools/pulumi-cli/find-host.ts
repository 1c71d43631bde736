import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { cacheFolder, type PulumiCli, PULUMI_VERSION } from "./find-pulumi";
import { copyFromSdk, goBuild, goVersion, type Target } from "./go-build";

/** Languages whose programs are tested beside those of Node.js. */
export type Language = "yaml" | "python" | "go";

/** What runs a language's programs: a host, which the engine looks for on `PATH`, and what the host needs beside it. */
const HOSTS: Record<Language, { readonly target: Target; readonly script?: string }> = {
  // A separate module: it needs another version of the engine's packages.
  yaml: {
    target: {
      module: "language-yaml",
      program: "pulumi-language-yaml",
      source: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    },
  },
  python: {
    target: {
      module: "languages",
      program: "pulumi-language-python",
      source: "github.com/pulumi/pulumi/sdk/python/cmd/pulumi-language-python/v3",
    },
    script: "python/cmd/pulumi-language-python-exec",
  },
  go: {
    target: {
      module: "languages",
      program: "pulumi-language-go",
      source: "github.com/pulumi/pulumi/sdk/go/pulumi-language-go/v3",
    },
  },
};

/**
 * Finds the host of a language beside the CLI or in the cache, or builds it from the Go module proxy into the cache; a
 * minute, once a machine.
 *
 * @returns the folder that has to be on `PATH`.
 * @throws Error where Go is missing, or the build fails.
 */
export async function findHost(language: Language, cli: PulumiCli, report: (line: string) => void): Promise<string> {
  const { target, script } = HOSTS[language];
  const cache = path.join(cacheFolder(), "bin");
  const programs = [target.program, ...(script === undefined ? [] : [path.basename(script)])];
  const found = [cli.binFolder, cache].find((folder) => programs.every((program) => isExecutable(folder, program)));
  if (found !== undefined) return found;

  report(`No ${target.program} in ${cli.binFolder}; building it with ${await goVersion()} …`);
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(path.join(cacheFolder(), ".building-"));
  try {
    await goBuild(target, building, PULUMI_VERSION, report);
    if (script !== undefined) await copyFromSdk(script, building);
    // Each is there whole, or not at all, also where two builds run at the same time.
    for (const file of readdirSync(building)) renameSync(path.join(building, file), path.join(cache, file));
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return cache;
}

function isExecutable(folder: string, program: string): boolean {
  const suffix = process.platform === "win32" ? ".exe" : "";
  try {
    accessSync(path.join(folder, program.endsWith("-exec") ? program : program + suffix), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
