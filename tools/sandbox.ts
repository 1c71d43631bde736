import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import type { PulumiCli } from "./pulumi-cli/find-pulumi";

/** The root of the repository. */
export const ROOT = path.resolve(__dirname, "..");

/** The ready policy pack, as it is shipped. */
export const PACK = path.join(ROOT, "policies");

/** The stack's name in every sandbox. */
export const STACK = "dev";

/** How a command ended. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
}

/** A running command in a separate process group, as a terminal starts it. */
export interface RunningCommand {
  readonly result: Promise<RunResult>;
  readonly pid: number;
  /** What Ctrl-C in a terminal does. */
  interrupt(): void;
}

/** What a sandbox holds. */
export interface SandboxOptions {
  readonly cli: PulumiCli;
  /** Added to the environment, where nothing of Pulumi's or MotherDuck's is taken over from this process. */
  readonly env?: Record<string, string>;
  /** A folder whose content is the Pulumi project, for example one of `examples/`. */
  readonly copyOf?: string;
  /** Files of the project by name, written over the copy's. */
  readonly files?: Record<string, string>;
  /** The stack's configuration. */
  readonly config?: Record<string, unknown>;
  /** Folders with the hosts of other languages than Node.js's. */
  readonly hosts?: readonly string[];
  /** The `node_modules` folder that the project sees, or `false` for none; default: the repository's. */
  readonly nodeModules?: string | false;
  /** The folder below the project's in which Pulumi runs, for a project of several packages; default: the project's. */
  readonly workspace?: string;
}

/** A Pulumi project with a stack, in separate temporary folders: project, backend, Pulumi home. */
export class Sandbox {
  /** The project's folder. */
  readonly project: string;
  /** The folder of the backend: state, its backups, history, locks. */
  readonly backend: string;
  readonly #root = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-"));
  readonly #env: Record<string, string>;
  readonly #cwd: string;

  private constructor(options: SandboxOptions) {
    const { cli, env, copyOf, files = {}, config = {}, hosts = [], nodeModules, workspace = "" } = options;
    this.project = path.join(this.#root, "project");
    this.#cwd = path.join(this.project, workspace);
    this.backend = path.join(this.#root, "backend");
    mkdirSync(this.project);
    mkdirSync(this.backend);
    if (copyOf !== undefined) cpSync(copyOf, this.project, { recursive: true, filter: isSource });
    this.write(files);
    this.write({ [path.join(workspace, `Pulumi.${STACK}.yaml`)]: stringify({ config }) });
    if (nodeModules !== false)
      // A junction needs no rights on Windows; elsewhere the word says nothing.
      symlinkSync(nodeModules ?? path.join(ROOT, "node_modules"), path.join(this.project, "node_modules"), "junction");
    this.#env = {
      ...cleanEnvironment(),
      PATH: [cli.binFolder, ...hosts, path.join(this.project, "node_modules/.bin"), process.env.PATH].join(
        path.delimiter,
      ),
      PULUMI_HOME: path.join(this.#root, "home"),
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: "sandbox",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...env,
    };
  }

  /** Makes one, with its stack. */
  static async create(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(options);
    const { code, output } = await sandbox.pulumi(["stack", "init", STACK]);
    if (code !== 0) throw new Error(`pulumi stack init failed:\n${output}`);
    return sandbox;
  }

  /** Writes files of the project. */
  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.project, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  /** Runs a `pulumi` command in the project; a code other than 0 is a result, not an error. */
  pulumi(args: string[], options: RunOptions = {}): Promise<RunResult> {
    return this.run("pulumi", args, options);
  }

  /** Runs any command, as {@link run} does. */
  run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
    return resultOf(this.#execute(command, args, options));
  }

  /** Starts one that can be interrupted. */
  start(args: string[], options: RunOptions = {}): RunningCommand {
    const child = this.#execute("pulumi", args, { ...options, detached: true });
    return {
      result: resultOf(child),
      pid: child.pid as number,
      interrupt: () => process.kill(-(child.pid as number), "SIGINT"),
    };
  }

  /** Runs a line of shell in the project, where `motherduck-tokens` and `pulumi` are commands. */
  shell(line: string): Promise<RunResult> {
    return this.run("bash", ["-o", "pipefail", "-c", line]);
  }

  #execute(command: string, args: string[], { env, onOutput, detached = false }: RunOptions & { detached?: boolean }) {
    const child = execa(command, args, {
      cwd: this.#cwd,
      env: { ...this.#env, ...env },
      extendEnv: false,
      stdin: "ignore",
      all: true,
      reject: false,
      maxBuffer: 1e9,
      detached,
    });
    if (onOutput) child.all.on("data", (data: Buffer) => onOutput(data.toString()));
    return child;
  }

  /** Removes everything; not in one go, because stand-ins in this process have to go on answering. */
  remove(): Promise<void> {
    // A process that was killed may still be about to write.
    return rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface RunOptions {
  readonly env?: Record<string, string>;
  readonly onOutput?: (text: string) => void;
}

/** What execa gives when it does not reject. */
type Ended = Promise<{ exitCode?: number; stdout: string; stderr: string; all: string }>;

async function resultOf(child: Ended): Promise<RunResult> {
  const { exitCode, stdout, stderr, all } = await child;
  return { code: exitCode ?? -1, stdout, stderr, output: all };
}

function isSource(file: string): boolean {
  return !["node_modules", "sdks", "venv"].includes(path.basename(file));
}

function cleanEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(PULUMI|MOTHERDUCK|npm)_/i.test(entry[0]),
  );
  return Object.fromEntries(entries);
}
