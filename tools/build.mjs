// `npm run build`: everything that is published and not written by hand.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);
const inRoot = (...parts) => path.join(root, ...parts);

/** What every bundle has in common. A bundle starts faster than its files, and needs no packages but its externals. */
const node = { absWorkingDir: root, bundle: true, platform: "node", target: "node20", logLevel: "warning" };

/** What a bundle inside the package may load: its peers, and its own manifest. */
const external = ["@duckdb/node-api", "@pulumi/*", "pulumi-motherduck-tokens/package.json"];
/** What programs install as dependencies. */
const dependencies = ["axios", "valibot"];

/** Files beside the policies, so that they are not even parsed where the pack reads nothing, and has no pattern. */
const LAZY = {
  entryPoints: ["policies/own-reader.ts", "policies/re2.ts"],
  external: ["./own-reader", "./re2"],
};

/** Type declarations for the public entry points; the files beside them come from the bundles. */
function declareTypes() {
  execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
}

/** The modules that programs import. */
const bundleLibraries = () =>
  build({
    ...node,
    entryPoints: [
      "provider/index.ts",
      "provider/dynamic-provider.ts",
      "policies/index.ts",
      "testing/index.ts",
      ...LAZY.entryPoints,
    ],
    outdir: "dist",
    external: [...external, ...dependencies, ...LAZY.external],
  });

/** With its dependencies, because a bundle loads faster. */
const bundleCommand = async () => {
  const entryPoints = ["cli/main.ts", "cli/commands.ts"];
  await build({ ...node, entryPoints, outdir: "dist/cli", external: [...external, "./commands"] });
  chmodSync(inRoot("dist/cli/main.js"), 0o755);
};

/** The policy pack's folder can be copied and published: it needs Pulumi's SDKs alone. */
const bundlePack = () =>
  build({
    ...node,
    entryPoints: ["policies/pack.ts", ...LAZY.entryPoints],
    outdir: "policies/dist",
    external: ["@pulumi/*", ...LAZY.external],
  });

const bundlePlugin = () => build({ ...node, entryPoints: ["plugin/main.ts"], outdir: "plugin/dist" });

/** The script and the style of the HTML report. */
const bundlePage = () =>
  build({
    absWorkingDir: root,
    bundle: true,
    minify: true,
    target: "es2022",
    charset: "utf8",
    logLevel: "warning",
    entryPoints: [
      { in: "reports/html/client/main.ts", out: "report" },
      { in: "reports/html/report.css", out: "report" },
    ],
    outdir: "dist/reports/html/assets",
  });

/** The JSON schemas, from the definitions that the code checks with. */
async function writeSchemas() {
  const { outputFiles } = await build({ ...node, entryPoints: ["tools/schemas.ts"], write: false, outdir: "." });
  const module = { exports: {} };
  new Function("module", "exports", "require", outputFiles[0].text)(module, module.exports, require);
  for (const [file, schema] of Object.entries(module.exports.schemas)) {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), JSON.stringify(schema, null, 2));
  }
}

const PARTS = {
  types: declareTypes,
  libraries: bundleLibraries,
  command: bundleCommand,
  pack: bundlePack,
  plugin: bundlePlugin,
  page: bundlePage,
  schemas: writeSchemas,
};

const asked = process.argv.slice(2);
if (asked.length === 0) {
  for (const folder of ["dist", "policies/dist", "plugin/dist"])
    rmSync(inRoot(folder), { recursive: true, force: true });
}
const parts = asked.length === 0 ? Object.keys(PARTS) : asked;
await Promise.all(parts.map((part) => PARTS[part]()));
