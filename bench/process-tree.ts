import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What a command and everything that it started took. */
export interface TreeUsage {
  readonly cpuSeconds: number;
  /** The most that was resident at the same time; pages that processes share count for each. */
  readonly peakMiB: number;
}

const SAMPLE_MS = 100;

/** `getconf CLK_TCK` and `getconf PAGESIZE`, as they are on all common Linux machines. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

interface ProcessState {
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/**
 * Watches a process and its descendants until `stop` is called, by looking at `/proc` ten times a second. What a process
 * does in its last tenth of a second is lost. Where there is no `/proc`, nothing is known.
 */
export function watchProcessTree(root: number): { stop(): TreeUsage | undefined } {
  const cpu = new Map<number, number>();
  let peakBytes = 0;
  const timer = setInterval(() => {
    const all = readProcesses();
    let bytes = 0;
    for (const [pid, { cpuSeconds, residentBytes }] of all) {
      if (!descendsFrom(root, pid, all) && !cpu.has(pid)) continue;
      cpu.set(pid, cpuSeconds);
      bytes += residentBytes;
    }
    peakBytes = Math.max(peakBytes, bytes);
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      if (cpu.size === 0) return undefined;
      const cpuSeconds = [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0);
      return { cpuSeconds, peakMiB: peakBytes / 1024 / 1024 };
    },
  };
}

function descendsFrom(root: number, pid: number, all: Map<number, ProcessState>): boolean {
  for (let at: number | undefined = pid; at !== undefined; at = all.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

function readProcesses(): Map<number, ProcessState> {
  const all = new Map<number, ProcessState>();
  const names = existsSync("/proc/self/stat") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  for (const name of names) {
    try {
      // See proc(5); the name of the command, in parentheses, can hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      const field = (number: number) => Number(fields[number - 3]);
      all.set(Number(name), {
        parent: field(4),
        cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
        residentBytes: field(24) * PAGE_BYTES,
      });
    } catch {
      // It ended meanwhile.
    }
  }
  return all;
}
