import path from "node:path";
import { execa } from "execa";
import { install } from "./packed";

/** A version of Node.js beside the one that runs this. */
export interface Node {
  readonly major: string;
  readonly version: string;
  /** The folder with `node`, and with the packages' commands. */
  readonly bin: string;
}

/** Installs Node.js from npm's package `node` below a folder, with other packages that have commands. */
export async function installNode(major: string, folder: string, packages: readonly string[] = []): Promise<Node> {
  const bin = path.join(await install(path.join(folder, `node-${major}`), [`node@${major}`, ...packages]), ".bin");
  const { stdout } = await execa(path.join(bin, "node"), ["-p", "process.versions.node"]);
  return { major, version: stdout, bin };
}
