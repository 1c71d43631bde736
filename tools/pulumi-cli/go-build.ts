import { execFile, spawn } from "node:child_process";
import { chmodSync, copyFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What `go build` makes of one of the Go modules beside this file; their `go.sum` pins every source. */
export interface Target {
  /** The module's folder. */
  readonly module: string;
  /** The program's name. */
  readonly program: string;
  /** The package that it is built from. */
  readonly source: string;
}

/** Builds a program into a folder. @throws Error with the last lines that the compiler said. */
export async function goBuild(
  { module, program, source }: Target,
  folder: string,
  version: string,
  report: (line: string) => void,
): Promise<void> {
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  const args = ["build", "-v", "-trimpath", "-ldflags", flags, "-o", path.join(folder, program), source];
  const child = spawn("go", args, { cwd: path.join(__dirname, module), stdio: ["ignore", "ignore", "pipe"] });
  const started = Date.now();
  const last: string[] = [];
  let packages = 0;
  createInterface({ input: child.stderr }).on("line", (line) => {
    // With -v, go names each package it compiles; everything else it prints is worth keeping.
    if (/^[\w./-]+$/.test(line)) packages++;
    else last.push(line);
  });
  const tell = () =>
    report(`  building ${program}: ${packages} packages compiled in ${Math.round((Date.now() - started) / 1000)} s`);
  const timer = setInterval(tell, 15_000);
  try {
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    tell();
    if (code !== 0) throw new Error(last.slice(-3).join("; ") || `go build ended with ${String(code)}`);
  } finally {
    clearInterval(timer);
  }
}

/** The version of Go. @throws Error where there is none. */
export async function goVersion(): Promise<string> {
  const { stdout } = await run("go", ["version"]).catch(() => {
    throw new Error("it needs Go (https://go.dev/dl/), which is not on PATH");
  });
  return stdout.trim();
}

/** Copies a script of Pulumi's SDK, at the version of an engine's module, into a folder. */
export async function copyFromSdk(file: string, folder: string, engine = "engine"): Promise<void> {
  const cwd = path.join(__dirname, engine);
  const module = "github.com/pulumi/pulumi/sdk/v3";
  // The engine needs it, so the build has it in the module cache; the other programs are built without the engine.
  await run("go", ["mod", "download", module], { cwd });
  const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", module], { cwd });
  const script = path.join(folder, path.basename(file));
  copyFileSync(path.join(stdout.trim(), file), script);
  chmodSync(script, 0o755);
}
