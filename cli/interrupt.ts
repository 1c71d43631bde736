const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const undoings = new Set<() => void>();

/**
 * Remembers what has to be undone where Ctrl-C, or whoever stops the process, ends it before its time. The signal then does
 * what it would have done without: the caller has to see that the command did not end by itself.
 *
 * @returns forgets it again.
 */
export function undoOnInterrupt(undo: () => void): () => void {
  if (undoings.size === 0) SIGNALS.forEach((signal) => process.on(signal, interrupt));
  undoings.add(undo);
  return () => {
    undoings.delete(undo);
    if (undoings.size === 0) SIGNALS.forEach((signal) => process.off(signal, interrupt));
  };
}

function interrupt(signal: NodeJS.Signals): void {
  undoings.forEach((undo) => undo());
  SIGNALS.forEach((name) => process.off(name, interrupt));
  process.kill(process.pid, signal);
}
