import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before } from "mocha";
import { install, pack } from "../../tools/packed";
import { addPlugin } from "../../tools/plugin-project";
import { findHost, type Language } from "../../tools/pulumi-cli/find-host";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { ROOT, type RunResult, type Sandbox, type SandboxOptions } from "../../tools/sandbox";
import { runQuickStart } from "./quick-start";
import { Lab } from "./support";

/** What the tests of a language need, for the length of a `describe`. */
export interface LanguageLab {
  readonly lab: Lab;
  /** The plugin's folder in the packed and installed package, with its dependencies. */
  readonly plugin: string;
  /** A sandbox whose commands find the language's host. */
  sandbox(options: Partial<SandboxOptions>): Promise<Sandbox>;
  /** Adds the plugin to the project, as its users do it; what that generates is in `sdks/`. */
  add(stack: Sandbox): Promise<void>;
  /** Runs a page's commands in an empty folder. */
  quickStart(page: string, title: string): Promise<RunResult>;
  /** A sandbox with an example, to which the plugin was added. */
  example(name: string, options?: Partial<SandboxOptions>): Promise<Sandbox>;
}

/**
 * Prepares the tests of a language. Where the machine has not what they need, they are skipped, and the reason is printed;
 * in CI that is a failure.
 *
 * @param program that has to be on `PATH`, with what it is asked for.
 */
export function useLanguage(language: Language, ...[program, ...args]: readonly string[]): LanguageLab {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-plugin-"));
  const plugin = path.join(folder, "node_modules/pulumi-motherduck-tokens/plugin");
  let lab: Lab | undefined;
  let host = "";
  let tarball = "";

  before(async function () {
    this.timeout(1_500_000);
    try {
      if (program !== undefined) await execa(program, args);
      host = await findHost(language, await findPulumi(console.log), console.log);
    } catch (error) {
      if (process.env.CI) throw error;
      console.log(`      no tests of ${language} programs: ${(error as Error).message}`);
      this.skip();
    }
    lab = await Lab.start();
    tarball = await pack(path.join(folder, "packed"));
    await install(folder, [tarball]);
    // What `pulumi install` does in a plugin's folder, once for all sandboxes.
    await execa("npm", ["install", "--prefer-offline", "--loglevel=error"], { cwd: plugin, stdin: "ignore" });
  });
  after(async () => {
    await lab?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const add = (stack: Sandbox) => addPlugin(stack, plugin);
  const sandbox = (options: Partial<SandboxOptions>) => (lab as Lab).sandbox({ hosts: [host], ...options });
  return {
    get lab() {
      return lab as Lab;
    },
    plugin,
    sandbox,
    add,
    quickStart(page, title) {
      const { api } = lab as Lab;
      return runQuickStart(page, title, { folder: path.join(folder, "quick-start"), tarball, api, hosts: [host] });
    },
    async example(name, options = {}) {
      const stack = await sandbox({ copyOf: path.join(ROOT, "examples", name), ...options });
      await add(stack);
      return stack;
    },
  };
}

/** The text of a YAML program's project. */
export function yamlProject(plugin: string, program: Record<string, unknown>): Record<string, string> {
  // JSON is YAML, too.
  const project = { name: "program", runtime: "yaml", packages: { "motherduck-tokens": plugin }, ...program };
  return { "Pulumi.yaml": JSON.stringify(project) };
}
