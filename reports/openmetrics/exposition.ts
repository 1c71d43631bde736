/**
 * The text of metrics. It is valid as OpenMetrics 1.0 and, at the same time, as Prometheus' own text format 0.0.4, which
 * node_exporter's textfile collector and `promtool check metrics` read: both write gauges alike, and `# UNIT` and `# EOF` are
 * comments in the older format. So every metric is a gauge, and help has no quotes, which the two escape differently.
 */

import { groupBy } from "../../core/group-by";

/** Labels by name; an empty one is the same as none. */
export type Labels = Readonly<Record<string, string>>;

/** One number of a metric. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A metric, with its numbers. */
export interface Metric {
  /** Ends in its unit, if it has one. */
  readonly name: string;
  readonly unit?: "seconds";
  /** One line, without quotes and backslashes. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

const END = "# EOF\n";

/** The text of metrics. One without samples is left out. @param labels what each sample has, too. */
export function writeMetrics(metrics: readonly Metric[], labels: Labels): string {
  const texts = metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, unit, help, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} gauge`,
        ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
        ...samples.map((sample) => `${name}${writeLabels({ ...labels, ...sample.labels })} ${sample.value}`),
      ]
        .map((line) => `${line}\n`)
        .join(""),
    );
  return texts.join("") + END;
}

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== "");
  return pairs.length === 0 ? "" : `{${pairs.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(",")}}`;
}

function escapeValue(value: string): string {
  return value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n");
}

const COMMENT = /^# (?:HELP|TYPE|UNIT) [a-z_]+ .+$/;
const SAMPLE = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\[\\"n])*"(?:,(?!\})|(?=\})))+)\})? (-?\d+(?:\.\d+)?)$/;
const LABEL = /([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"/g;

/**
 * Reads what {@link writeMetrics} wrote.
 *
 * @returns the samples by metric; `undefined` where the text is anything else, or was cut off.
 */
export function readMetrics(text: string): ReadonlyMap<string, readonly Sample[]> | undefined {
  if (!text.endsWith(`\n${END}`)) return undefined;
  const found: { name: string; sample: Sample }[] = [];
  for (const line of text.slice(0, -END.length - 1).split("\n")) {
    if (COMMENT.test(line)) continue;
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined) return undefined;
    found.push({ name, sample: { labels: readLabels(labels), value: Number(value) } });
  }
  const metrics = groupBy(found, ({ name }) => name);
  return new Map([...metrics].map(([name, group]) => [name, group.map(({ sample }) => sample)]));
}

function readLabels(text: string): Labels {
  const pairs = [...text.matchAll(LABEL)].map(([, name = "", value = ""]) => [name, unescapeValue(value)]);
  return Object.fromEntries(pairs) as Labels;
}

function unescapeValue(value: string): string {
  return value.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
