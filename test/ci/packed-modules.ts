import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { pack } from "../../tools/packed";
import { ROOT } from "../../tools/sandbox";

/** A project's `node_modules` with the packed package, as `npm ci` would leave it; all else is the repository's. */
export async function packedModules(folder: string): Promise<string> {
  const modules = path.join(folder, "node_modules");
  const home = path.join(modules, "pulumi-motherduck-tokens");
  mkdirSync(path.join(modules, ".bin"), { recursive: true });
  mkdirSync(home);
  for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
    if (name.startsWith(".") || name === "pulumi-motherduck-tokens") continue;
    symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
  }
  const tarball = await pack(path.join(folder, "packed"));
  await execa("tar", ["-xzf", tarball, "--strip-components=1", "-C", home]);
  chmodSync(path.join(home, "dist/cli/main.js"), 0o755);
  symlinkSync("../pulumi-motherduck-tokens/dist/cli/main.js", path.join(modules, ".bin/motherduck-tokens"));
  return modules;
}

/**
 * A folder of commands that stand in for what a test cannot do: reach a registry or a vendor. Each is a shell script; what
 * it was called with is a line of the file that `CALLS` names.
 */
export function commands(scripts: Record<string, string>): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-commands-"));
  for (const [name, script] of Object.entries(scripts)) {
    const text = `#!/usr/bin/env bash\nset -eu\necho "${name} $*" >> "$CALLS"\n${script}\n`;
    writeFileSync(path.join(folder, name), text, { mode: 0o755 });
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
