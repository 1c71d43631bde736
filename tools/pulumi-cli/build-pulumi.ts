import { execFile, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What is built: two Go modules, because they do not compile together. Their `go.sum` pins every source. */
const MODULES = [
  { folder: "engine", output: "pulumi", target: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
  {
    folder: "language-nodejs",
    output: "pulumi-language-nodejs",
    target: "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
  },
];

/** What the build takes from the SDK as it is. */
const SCRIPT = "pulumi-resource-pulumi-nodejs";

/**
 * Builds the CLI, the host for Node.js programs and the dynamic provider's launcher from the Go module proxy.
 *
 * @param destination becomes a folder with `bin/`; it is there whole, or not at all.
 */
export async function buildPulumi(destination: string, version: string, report: (line: string) => void): Promise<void> {
  const go = await run("go", ["version"]).catch(() => {
    throw new Error("it needs Go (https://go.dev/dl/), which is not on PATH");
  });
  report(`  ${go.stdout.trim()}; this takes some minutes, once a machine.`);

  const versions = path.dirname(destination);
  mkdirSync(versions, { recursive: true });
  const building = mkdtempSync(path.join(versions, ".building-"));
  try {
    const bin = path.join(building, "bin");
    for (const { folder, output, target } of MODULES) {
      const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
      const args = ["build", "-v", "-trimpath", "-ldflags", flags, "-o", path.join(bin, output), target];
      await goBuild(path.join(__dirname, folder), args, (packages, seconds) =>
        report(`  building ${output}: ${packages} packages compiled in ${seconds} s`),
      );
    }
    const sdk = await run("go", ["list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"], {
      cwd: path.join(__dirname, "engine"),
    });
    copyFileSync(path.join(sdk.stdout.trim(), "nodejs", "dist", SCRIPT), path.join(bin, SCRIPT));
    chmodSync(path.join(bin, SCRIPT), 0o755);
    rmSync(destination, { recursive: true, force: true });
    renameSync(building, destination);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

async function goBuild(cwd: string, args: string[], progress: (packages: number, seconds: number) => void) {
  const child = spawn("go", args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  const started = Date.now();
  const last: string[] = [];
  let packages = 0;
  createInterface({ input: child.stderr }).on("line", (line) => {
    // With -v, go names each package it compiles; everything else it prints is worth keeping.
    if (/^[\w./-]+$/.test(line)) packages++;
    else last.push(line);
  });
  const report = () => progress(packages, Math.round((Date.now() - started) / 1000));
  const timer = setInterval(report, 15_000);
  try {
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    report();
    if (code !== 0) throw new Error(last.slice(-3).join("; ") || `go build ended with ${String(code)}`);
  } finally {
    clearInterval(timer);
  }
}
