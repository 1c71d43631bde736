/**
 * Kills the process that loads it, as nothing can catch or delay, where `KILL_AT` says: on the way from a channel's answer to the
 * record of its first message.
 */
import * as notices from "../../../history/notices";

const kill = () => process.kill(process.pid, "SIGKILL");
const { recordDigest } = notices;

const moments: Record<string, () => void> = {
  answered: () => patch(kill),
  recording: () =>
    patch(async (...given) => {
      await recordDigest(...given);
      kill();
    }),
  recorded: () => {
    process.stdout.write = kill;
  },
};
moments[process.env.KILL_AT ?? ""]?.();

function patch(replacement: (...given: Parameters<typeof recordDigest>) => unknown): void {
  Object.assign(notices, { recordDigest: replacement });
}
