import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { copyFromSdk, goBuild, goVersion, type Target } from "./go-build";

/** The Go modules that hold a version of the engine. */
export type EngineModule = "engine" | "engine-newest";

const targets = (engine: EngineModule): readonly Target[] => [
  { module: engine, program: "pulumi", source: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
  {
    module: "languages",
    program: "pulumi-language-nodejs",
    source: "github.com/pulumi/pulumi/sdk/nodejs/cmd/pulumi-language-nodejs/v3",
  },
];

/**
 * Builds the CLI, the host for Node.js programs and the dynamic provider's launcher from the Go module proxy.
 *
 * @param destination becomes a folder with `bin/`; it is there whole, or not at all.
 */
export async function buildPulumi(
  engine: EngineModule,
  destination: string,
  version: string,
  report: (line: string) => void,
): Promise<void> {
  report(`  ${await goVersion()}; this takes some minutes, once a machine.`);
  const versions = path.dirname(destination);
  mkdirSync(versions, { recursive: true });
  const building = mkdtempSync(path.join(versions, ".building-"));
  try {
    const bin = path.join(building, "bin");
    for (const target of targets(engine)) await goBuild(target, bin, version, report);
    await copyFromSdk("nodejs/dist/pulumi-resource-pulumi-nodejs", bin, engine);
    rmSync(destination, { recursive: true, force: true });
    renameSync(building, destination);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
