import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { oldestNode, version } from "../core/version";

/** The module that every state names: see `dynamic-provider.ts`. */
const PROVIDER_MODULE = "pulumi-motherduck-tokens/dynamic-provider";

// Recorded at load time: the program may change its working directory later, and the provider's process does not follow.
const startedIn = process.cwd();
let isReachable = false;

/**
 * Rejects programs whose provider would not be found. Pulumi runs the provider in a separate process, which looks for this
 * package only from the program's folder. Strict package managers put a dependency of a dependency elsewhere.
 *
 * @throws RunError, which the SDK prints without a stack trace, that says what to add where, or that Node.js is missing.
 */
export function refuseUnreachable(): void {
  if (process.versions.bun !== undefined && isRunByPulumi() && !hasNode(process.env.PATH)) {
    throw new pulumi.RunError(
      `Pulumi runs the provider of MotherDuck tokens, and the policy pack, with Node.js, even if the program runs with ` +
        `Bun, and there is no node on PATH. Install Node.js ${oldestNode} or newer (docs/workspaces.md).`,
    );
  }
  isReachable ||= !isRunByPulumi() || findsProvider(startedIn) || findsProvider(process.cwd());
  if (isReachable) return;
  throw new pulumi.RunError(
    `pulumi-motherduck-tokens is not a dependency of the program itself, so Pulumi cannot find its provider from ` +
      `${startedIn}. Add "pulumi-motherduck-tokens": "${version}" to the dependencies in ` +
      `${path.join(startedIn, "package.json")} and install them (docs/workspaces.md).`,
  );
}

/** Whether Node.js is in one of the folders of a `PATH`. */
export function hasNode(folders = ""): boolean {
  const program = process.platform === "win32" ? "node.exe" : "node";
  return folders.split(path.delimiter).some((folder) => folder !== "" && existsSync(path.join(folder, program)));
}

/** Unit tests with mocks have no provider, and an inline program of the Automation API may run in any folder. */
export function isRunByPulumi(script = process.argv[1] ?? ""): boolean {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run[\\/]/.test(script);
}

/** Resolves the provider as its process does: from a module in the folder. */
export function findsProvider(folder: string): boolean {
  try {
    createRequire(path.join(folder, "program.js")).resolve(PROVIDER_MODULE);
    return true;
  } catch {
    return false;
  }
}
