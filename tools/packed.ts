import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { minVersion } from "semver";
import manifest from "../package.json";
import { ROOT } from "./sandbox";

/** The peer dependencies. */
export const SDKS = ["@pulumi/pulumi", "@pulumi/policy"] as const;
/** A version of each. */
export type Versions = Record<(typeof SDKS)[number], string>;

/** The oldest versions that `peerDependencies` admit. */
export function oldestSdks(): Versions {
  const oldest = SDKS.map((name) => [name, minVersion(manifest.peerDependencies[name])?.version]);
  return Object.fromEntries(oldest) as Versions;
}

/** The versions of the SDKs in a `node_modules` folder. */
export function sdksIn(nodeModules: string): Versions {
  const versionOf = (name: string) =>
    (
      JSON.parse(readFileSync(path.join(nodeModules, name, "package.json"), "utf8")) as { version: string }
    ).version.replace(/^v/, "");
  return Object.fromEntries(SDKS.map((name) => [name, versionOf(name)])) as Versions;
}

/** Installs packages into a new folder. @returns that folder's `node_modules`. */
export async function install(folder: string, packages: string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), `{ "private": true }`);
  return installInto(folder, packages);
}

/** Installs packages into an existing project. */
export async function installInto(folder: string, packages: string[]): Promise<string> {
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await execa("npm", ["install", ...flags, ...packages], { cwd: folder, stdin: "ignore", timeout: 400_000 });
  return path.join(folder, "node_modules");
}

/** The package as it would be published. */
export async function pack(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await execa("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT, stdin: "ignore" });
  return path.join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "");
}
