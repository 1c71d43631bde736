/** One line of the table: medians over the rounds. */
export interface Row {
  readonly name: string;
  readonly rounds: number;
  readonly wallSeconds: number;
  /** Absent where there is no `/proc`. */
  readonly cpuSeconds?: number;
  /** Of all processes together. */
  readonly peakMiB?: number;
  /** Requests for one run, and how many of them at the same time at most. */
  readonly requests: number;
  readonly mostAtOnce: number;
  /** What the resources take in the exported state. */
  readonly stateBytes?: number;
  readonly tokens?: number;
  /** The line that this one is compared with. */
  readonly floor?: string;
}

/** One run of the benchmark. */
export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly pulumi: string;
  readonly sdk: string;
  readonly rows: readonly Row[];
}

const HEADER = ["Preview of", "Wall", "to empty", "to floor", "CPU", "Memory", "Requests", "At once"];

/** The table of a run, as Markdown; with an earlier run, how the ratios to the empty preview changed. */
export function formatResults({ rows }: Results, before?: Results): string {
  const wallOf = (name: string | undefined, of: readonly Row[] = rows) =>
    of.find((row) => row.name === name)?.wallSeconds;
  const toEmpty = (row: Row, of: readonly Row[]) => row.wallSeconds / (of[0]?.wallSeconds ?? NaN);
  const lines = rows.map((row) => {
    const floor = wallOf(row.floor);
    const earlier = before?.rows.find(({ name }) => name === row.name);
    return [
      row.name,
      `${row.wallSeconds.toFixed(1)} s`,
      row === rows[0] ||
      (row.peakMiB === undefined &&
        row.cpuSeconds === undefined &&
        row.floor === undefined &&
        row.name.startsWith("plain"))
        ? ""
        : toEmpty(row, rows).toFixed(2),
      floor === undefined ? "" : (row.wallSeconds / floor).toFixed(2),
      row.cpuSeconds === undefined ? "" : `${row.cpuSeconds.toFixed(1)} s`,
      row.peakMiB === undefined ? "" : `${Math.round(row.peakMiB)} MiB`,
      row.requests === 0 ? "" : String(row.requests),
      row.requests === 0 ? "" : String(row.mostAtOnce),
      ...(before
        ? [earlier ? `${toEmpty(earlier, before.rows).toFixed(2)} → ${toEmpty(row, rows).toFixed(2)}` : "new"]
        : []),
    ];
  });
  const header = [...HEADER, ...(before ? ["to empty, before → now"] : [])];
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What state costs, as Markdown. */
export function formatState({ rows }: Results): string {
  const lines = rows.flatMap(({ name, stateBytes, tokens }) =>
    stateBytes === undefined || !tokens
      ? []
      : [[name, String(tokens), `${Math.round(stateBytes / 1024)} KiB`, `${Math.round(stateBytes / tokens)}`]],
  );
  const header = ["Resources", "Tokens", "State", "Bytes a token"];
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** On what it was measured, in one sentence. */
export function describeRun({ date, machine, node, pulumi, sdk }: Results): string {
  return `Measured on ${date.slice(0, 10)}: ${machine}, Node.js ${node}, Pulumi ${pulumi}, \`@pulumi/pulumi\` ${sdk}.`;
}
