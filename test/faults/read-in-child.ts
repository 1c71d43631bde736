import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ClientSettings } from "../../client/settings";
import { readOnce, type ReadResult } from "./read-once";

/**
 * {@link readOnce} in a process of its own, for what Node looks at when it starts: `NODE_EXTRA_CA_CERTS`. Errors come
 * back as their name and message.
 */
export async function readInChild(
  settings: ClientSettings,
  usernames: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ReadResult> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", __filename, JSON.stringify([settings, usernames])],
    { env: { ...process.env, ...env } },
  );
  const { results, ...counts } = JSON.parse(stdout) as ReadResult;
  return { results: results.map(revive), ...counts };
}

function revive(result: unknown): unknown {
  const { errorName, message } = result as { errorName?: string; message?: string };
  return errorName === undefined ? result : Object.assign(new Error(message), { name: errorName, stack: message });
}

async function main(): Promise<void> {
  const [settings, usernames] = JSON.parse(process.argv[2] ?? "") as [ClientSettings, string[]];
  const { results, ...counts } = await readOnce(settings, usernames);
  const plain = results.map((result) =>
    result instanceof Error ? { errorName: result.name, message: result.message } : result,
  );
  process.stdout.write(JSON.stringify({ results: plain, ...counts }));
}

if (require.main === module) void main();
