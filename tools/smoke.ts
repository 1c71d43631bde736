import path from "node:path";
import { installLayout, type Layout, layoutFiles, type ProgramKind, PROGRAM_FOLDER } from "./layouts";
import { version } from "../package.json";
import type { PulumiCli } from "./pulumi-cli/find-pulumi";
import { PACK, type RunResult, Sandbox, type SandboxOptions } from "./sandbox";
import { StandIn } from "./stand-in/stand-in";

const PROJECT = {
  "Pulumi.yaml": "name: smoke\nruntime: nodejs\n",
  "package.json": `{ "name": "smoke", "version": "1.0.0", "main": "index.js" }`,
  "index.js": `const { UserTokens } = require("pulumi-motherduck-tokens");
    for (const username of ["ada", "svc_bi", "grace"]) new UserTokens(username, { username });`,
};

/**
 * The gate in short, on the real engine: a preview is blocked by both rules, an update passes after the tokens were
 * cleaned up, and the next preview has nothing to do.
 *
 * @param pack the policy pack's folder; default: the repository's.
 * @returns the user agent of the provider's requests, which names the version of Node.js.
 * @throws Error with the output of the command that did not end as it should.
 */
export async function smoke({ pack = PACK, ...options }: SandboxOptions & { pack?: string }): Promise<string> {
  const api = await StandIn.start();
  const sandbox = await Sandbox.create({ ...options, files: PROJECT, env: { ...api.env, ...options.env } });
  try {
    return await gateIn(sandbox, pack, api);
  } finally {
    await sandbox.remove();
    await api.stop();
  }
}

/** What {@link smokeLayout} runs. */
export interface LayoutRun {
  readonly cli: PulumiCli;
  readonly layout: Layout;
  readonly kind: ProgramKind;
  /** The packed package. */
  readonly tarball: string;
  /** With the layout's package manager, and Node.js. */
  readonly PATH: string;
}

/**
 * The same in a project of its own, which its package manager installs. Where Pulumi cannot find the package, the program
 * has to end with one line that says what to install, and with the package added as that line says, all has to work.
 *
 * @returns the user agent of the provider's requests.
 */
export async function smokeLayout({ cli, layout, kind, tarball, PATH }: LayoutRun): Promise<string> {
  const api = await StandIn.start();
  const env = { ...api.env, PATH };
  const files = layoutFiles(layout, kind, tarball);
  const sandbox = await Sandbox.create({ cli, env, files, nodeModules: false, workspace: PROGRAM_FOLDER });
  try {
    await installLayout(sandbox.project, layout, PATH);
    if (layout.found !== undefined) return await gateIn(sandbox, path.join(layout.found, "policies"), api);
    const refused = await sandbox.pulumi(["preview"]);
    const says = `Add "pulumi-motherduck-tokens": "${version}" to the dependencies in `;
    const inOneLine = refused.output.includes(says) && !/^\s+at |Cannot find module/m.test(refused.output);
    expect(refused, "says in one line what to install", refused.code !== 0 && inOneLine);
    expect(refused, "sends nothing", api.requests.length === 0);
    const repaired: Layout = { ...layout, dependencyOf: [...layout.dependencyOf, "program"] };
    sandbox.write(layoutFiles(repaired, kind, tarball));
    await installLayout(sandbox.project, repaired, PATH);
    return await gateIn(sandbox, "node_modules/pulumi-motherduck-tokens/policies", api);
  } finally {
    await sandbox.remove();
    await api.stop();
  }
}

async function gateIn(sandbox: Sandbox, pack: string, api: StandIn): Promise<string> {
  const run = (...args: string[]) => sandbox.pulumi([...args, "--policy-pack", pack]);
  const blocked = await run("preview");
  const blocking = ["tokens-must-expire", "max-read-write-tokens"].every((rule) => blocked.output.includes(rule));
  expect(blocked, "is blocked by both rules", blocked.code !== 0 && blocking);
  api.cleanUp();
  const deployed = await run("up", "--yes", "--skip-preview");
  expect(deployed, "passes", deployed.code === 0 && deployed.output.includes("✅ motherduck-tokens"));
  const unchanged = await run("preview", "--expect-no-changes");
  expect(unchanged, "has nothing to do", unchanged.code === 0);
  return api.requests.at(-1)?.headers["user-agent"] ?? "";
}

function expect({ code, output }: RunResult, what: string, holds: boolean): void {
  if (!holds) throw new Error(`not as it should be: ${what}. Exit code ${code}, output:\n${output}`);
}
