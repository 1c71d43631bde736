import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DeliveryError } from "../../../notices/channels/channel";
import { openChannel } from "../../../notices/channels/open";
import type { Digest } from "../../../notices/notice";
import type { ChannelConfig } from "../../../policies/configuration/notify";
import { QUICK } from "./support";

/**
 * Sends a message over each of these channels in a process of its own, for what Node looks at when it starts:
 * `NODE_EXTRA_CA_CERTS`.
 *
 * @returns of each, why it was not sent, or `sent`.
 */
export async function sendInChild(
  channels: readonly ChannelConfig[],
  digest: Digest,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", __filename, JSON.stringify([channels, digest])],
    { env: { ...process.env, ...env } },
  );
  return JSON.parse(stdout) as string[];
}

async function main(): Promise<void> {
  const [channels, digest] = JSON.parse(process.argv[2] ?? "") as [ChannelConfig[], Digest];
  const results: string[] = [];
  for (const channel of channels) {
    try {
      await openChannel("c", channel, process.env, QUICK)(digest);
      results.push("sent");
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      results.push(error.message);
    }
  }
  process.stdout.write(JSON.stringify(results));
}

if (require.main === module) void main();
