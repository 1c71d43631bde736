/** One line of the table. */
export interface Row {
  readonly name: string;
  /** One for each round. */
  readonly wallSeconds: readonly number[];
  /** The values of all processes together. Empty without `/proc`. */
  readonly cpuSeconds: readonly number[];
  readonly peakMiB?: number;
  /** Requests for one run, and how many of them at the same time at most. */
  readonly requests: number;
  readonly mostAtOnce: number;
  /** What the resources take in the exported state, and how many tokens that are. */
  readonly stateBytes?: number;
  readonly tokens?: number;
  /** The lines that this one is compared with: their sum. */
  readonly floor?: readonly string[];
  /** Whether it is the command of `--peer`, with which all others are compared. */
  readonly isPeer?: true;
}

/** One run of the benchmark. The first line is what all are compared with. */
export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly pulumi: string;
  readonly sdk: string;
  readonly rows: readonly Row[];
}

/** What must hold. */
export interface Goals {
  /** Lines that may cost so many seconds more than the first one. */
  readonly organization: readonly Goal[];
  /** Lines that may take so many times as long as others together. */
  readonly ratios: readonly RatioGoal[];
  /** Lines that may take so many times the memory of the largest of others. */
  readonly memory: readonly RatioGoal[];
}

interface RatioGoal extends Goal {
  readonly floor: readonly string[];
}

interface Goal {
  readonly name: string;
  readonly atMost: number;
}

const HEADER = ["What", "Wall", "to empty", "to floor", "CPU", "CPU to floor", "Memory", "Requests", "At once"];

/** The table of a run, as Markdown; with an earlier run, how the ratios to the first line changed. */
export function formatResults(results: Results, before?: Results): string {
  const peer = results.rows.find(({ isPeer }) => isPeer);
  const lines = results.rows.map((row) => [
    row.name,
    seconds(median(row.wallSeconds)),
    isFirst(row, results) ? "" : times(toFirst(row, results)),
    times(toFloor(row, results, "wallSeconds")),
    seconds(median(row.cpuSeconds)),
    times(toFloor(row, results, "cpuSeconds")),
    row.peakMiB === undefined ? "" : `${Math.round(row.peakMiB)} MiB`,
    row.requests === 0 ? "" : String(row.requests),
    row.requests === 0 ? "" : String(row.mostAtOnce),
    ...(peer ? [row.isPeer ? "" : times(toFloor({ ...row, floor: [peer.name] }, results, "wallSeconds"))] : []),
    ...(before ? [compare(row, results, before)] : []),
  ]);
  const more = [...(peer ? ["to peer"] : []), ...(before ? ["to empty, before → now"] : [])];
  return formatTable([...HEADER, ...more], lines);
}

/** What state costs, as Markdown. */
export function formatState({ rows }: Results): string {
  const lines = rows.flatMap(({ name, stateBytes, tokens }) =>
    stateBytes === undefined || !tokens
      ? []
      : [[name, String(tokens), `${Math.round(stateBytes / 1024)} KiB`, String(Math.round(stateBytes / tokens))]],
  );
  return formatTable(["Resources", "Tokens", "State", "Bytes a token"], lines);
}

/** What was to be reached and what was, as Markdown. */
export function formatGoals(results: Results, goals: Goals): string {
  const find = (name: string) => results.rows.find((row) => row.name === name);
  const lines = [
    ...goals.organization.map(({ name, atMost }) => {
      const row = find(name);
      return [name, `the empty program + ${atMost} s`, row ? `+ ${seconds(aboveFirst(row, results))}` : ""];
    }),
    ...goals.ratios.map(({ name, atMost, floor }) => {
      const row = find(name);
      const ratio = row && toFloor({ ...row, floor }, results, "wallSeconds");
      return [name, `${atMost} × ${floor.join(" + ")}`, ratio === undefined ? "" : `${times(ratio)} ×`];
    }),
    ...goals.memory.map(({ name, atMost, floor }) => {
      const ratio = memoryToFloor(
        find(name)?.peakMiB,
        floor.map((one) => find(one)?.peakMiB ?? 0),
      );
      return [`${name}: memory`, `${atMost} × ${floor[0] ?? ""}`, ratio === undefined ? "" : `${times(ratio)} ×`];
    }),
  ];
  return formatTable(
    ["What", "At most", "Measured"],
    lines.filter(([, , measured]) => measured !== ""),
  );
}

/** On what it was measured, in one sentence. */
export function describeRun({ date, machine, node, pulumi, sdk }: Results): string {
  return `Measured on ${date.slice(0, 10)}: ${machine}, Node.js ${node}, Pulumi ${pulumi}, \`@pulumi/pulumi\` ${sdk}.`;
}

/** The one in the middle, or between the two there; `undefined` of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** Round by round, because all of a round were measured on a machine that was as busy. */
function toFloor(row: Row, { rows }: Results, what: "wallSeconds" | "cpuSeconds"): number | undefined {
  const floor = (row.floor ?? []).map((name) => rows.find((other) => other.name === name)?.[what] ?? []);
  if (floor.length === 0) return undefined;
  const rounds = Math.min(...[row[what], ...floor].map(({ length }) => length));
  const sumOf = (round: number) => floor.reduce((sum, values) => sum + (values[round] ?? NaN), 0);
  return median(row[what].slice(0, rounds).map((value, round) => value / sumOf(round)));
}

/** Lines that run one after the other need the memory of the largest. */
function memoryToFloor(peakMiB: number | undefined, floor: readonly number[]): number | undefined {
  const most = Math.max(...floor);
  return peakMiB === undefined || most <= 0 ? undefined : peakMiB / most;
}

function toFirst(row: Row, { rows: [first] }: Results): number | undefined {
  return median(row.wallSeconds.map((value, round) => value / (first?.wallSeconds[round] ?? NaN)));
}

function aboveFirst(row: Row, { rows: [first] }: Results): number | undefined {
  return median(row.wallSeconds.map((value, round) => value - (first?.wallSeconds[round] ?? NaN)));
}

function isFirst(row: Row, { rows }: Results): boolean {
  return row === rows[0];
}

function compare(row: Row, results: Results, before: Results): string {
  const earlier = before.rows.find(({ name }) => name === row.name);
  if (!earlier) return "new";
  return isFirst(row, results) ? "" : `${times(toFirst(earlier, before))} → ${times(toFirst(row, results))}`;
}

function seconds(value: number | undefined): string {
  return value === undefined ? "" : `${value.toFixed(1)} s`;
}

function times(value: number | undefined): string {
  return value === undefined ? "" : value.toFixed(2);
}

function formatTable(header: readonly string[], lines: readonly (readonly string[])[]): string {
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
