import { appendFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { Sandbox } from "./sandbox";

/**
 * Adds the plugin to a project, as its users do it; what that generates is in `sdks/`.
 *
 * @param plugin the plugin's folder.
 * @throws Error with what `pulumi package add` printed.
 */
export async function addPlugin(stack: Sandbox, plugin: string): Promise<void> {
  const { code, output } = await stack.pulumi(["package", "add", plugin]);
  // The hosts that can be built for some languages are older than the CLI: they generate, but cannot link. The examples
  // hold what that writes into their own files; Pulumi's is left.
  if (/linking package: .*cannot parse invalid wire-format data/.test(output)) {
    appendFileSync(path.join(stack.project, "Pulumi.yaml"), `packages:\n  motherduck-tokens: ${plugin}\n`);
  } else if (code !== 0) throw new Error(`pulumi package add failed:\n${output}`);
}

/** What `pulumi install` does for a Python program, with Pulumi's SDK of the tests: it does not get there where linking fails. */
export async function installPython({ project }: Sandbox): Promise<void> {
  const run = (file: string, ...args: string[]) => execa(file, args, { cwd: project, stdin: "ignore" });
  await run("python3", "-m", "venv", "venv");
  const quietly = ["install", "--quiet", "--disable-pip-version-check"];
  await run("venv/bin/pip", ...quietly, "pulumi==3.255.0", "-r", "requirements.txt");
}
