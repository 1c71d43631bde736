import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";

/** The page's script and style, as the build made them, and their hashes for the content security policy. */
export interface Assets {
  readonly script: string;
  readonly scriptHash: string;
  readonly style: string;
  readonly styleHash: string;
}

let assets: Assets | undefined;

/** Reads the assets once, for the first report. */
export function readAssets(): Assets {
  if (assets) return assets;
  // By the package's own name, which resolves from the sources and from the compiled files.
  const root = path.dirname(require.resolve("pulumi-motherduck-tokens/package.json"));
  const read = (file: string) => readFileSync(path.join(root, "dist/reports/html/assets", file), "utf8").trim();
  const [script, style] = [read("report.js"), read("report.css")];
  assets = { script, scriptHash: hash(script), style, styleHash: hash(style) };
  return assets;
}

function hash(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
