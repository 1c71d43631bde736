import type * as cliProgress from "cli-progress";
import type { EvidenceSource } from "../audit/evidence-source";
import { onExit } from "signal-exit";

/** Shows the progress of a long read. */
export interface Progress {
  step(): void;
  stop(): void;
}

const SILENT: Progress = { step: () => undefined, stop: () => undefined };

/** Reading fewer users is over before a bar would help. */
const WORTH_SHOWING = 50;

/**
 * Shows progress on standard error, only for many users and on terminals. If users are printed to a terminal as they are
 * read, there is no bar, because it would break up their lines.
 */
export function startProgress(
  source: EvidenceSource,
  { stdout, stderr }: Record<"stdout" | "stderr", NodeJS.WriteStream>,
  isQuiet = false,
): Progress {
  if (isQuiet || !stderr.isTTY || stdout.isTTY || !source.expectedUsers) return SILENT;
  let bar: Bar | undefined;
  let isDecided = false;
  return {
    step() {
      if (!isDecided) {
        isDecided = true;
        const total = source.expectedUsers?.() ?? 0;
        if (total >= WORTH_SHOWING) bar = createBar(total, stderr);
      }
      bar?.increment();
    },
    stop: () => bar?.stop(),
  };
}

interface Bar {
  increment(): void;
  stop(): void;
}

function createBar(total: number, stream: NodeJS.WriteStream): Bar {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded only where there is something to show
  const { SingleBar, Presets } = require("cli-progress") as typeof cliProgress;
  const format = "{bar} {value} of {total} users, about {eta} s left";
  const bar = new SingleBar({ format, stream, clearOnComplete: true }, Presets.shades_grey);
  bar.start(total, 0);
  // The bar has switched off the terminal's line wrapping.
  const forget = onExit(() => bar.stop());
  return {
    increment: () => bar.increment(),
    stop() {
      bar.stop();
      forget();
    },
  };
}
