import { spawn } from "node:child_process";
import { once } from "node:events";
import { type TreeUsage, watchProcessTree } from "./process-tree";

/** How a command ended that is measured beside ours. */
export interface PeerRun {
  readonly wallSeconds: number;
  readonly usage: TreeUsage | undefined;
}

/**
 * Runs a command of the user's in a shell, with its own environment and the stand-in's address and API token added.
 *
 * @throws Error with what it printed, if it ends with a code other than 0.
 */
export async function runPeer(command: string, env: Readonly<Record<string, string>>): Promise<PeerRun> {
  const started = performance.now();
  const child = spawn(command, { shell: true, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => printed.push(data));
  const tree = child.pid === undefined ? undefined : watchProcessTree(child.pid);
  const [code] = (await once(child, "close")) as [number | null];
  const wallSeconds = (performance.now() - started) / 1000;
  const usage = tree?.stop();
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}:\n${Buffer.concat(printed).toString()}`);
  return { wallSeconds, usage };
}
