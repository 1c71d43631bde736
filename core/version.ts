// Imported by the package's own name, which works from the sources and from the compiled files.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would copy package.json into dist/
const manifest = require("pulumi-motherduck-tokens/package.json") as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

/** The version of this package. */
export const version = manifest.version;

/** The oldest Node.js that it runs on. */
export const oldestNode = manifest.engines.node.replace(">=", "");
