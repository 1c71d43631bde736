import type * as cliProgress from "cli-progress";
import type { EvidenceSource } from "../audit/evidence";
import { onExit } from "signal-exit";

/** Shows how far a long read is. */
export interface Progress {
  step(): void;
  stop(): void;
}

const SILENT: Progress = { step: () => undefined, stop: () => undefined };

/** A read of fewer users is over before anybody looks. */
const WORTH_SHOWING = 50;

/**
 * Progress on standard error, for many users and on terminals only. Where users are printed to a terminal as they come, they
 * are the progress: a bar between them would tear their lines apart.
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
  // It has switched the terminal's line wrapping off.
  const forget = onExit(() => bar.stop());
  return {
    increment: () => bar.increment(),
    stop() {
      bar.stop();
      forget();
    },
  };
}
