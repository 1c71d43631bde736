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
  } finally {
    sandbox.remove();
    await api.stop();
  }
}

function expect({ code, output }: RunResult, what: string, holds: boolean): void {
  if (!holds) throw new Error(`not as it should be: ${what}. Exit code ${code}, output:\n${output}`);
}
