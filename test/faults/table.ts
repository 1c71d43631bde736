import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FAULTS } from "./faults";
import type { Outcome } from "./run-fault";

const FILE = path.join(__dirname, "../../docs/faults.md");
const MARKS = { start: "<!-- table: start -->\n", end: "\n<!-- table: end -->" };

// Nearly all messages begin like this; the page says so.
const PREFIX = 'could not read the tokens of user "ada":';

/** The tables of `docs/faults.md`, made of what really happened. */
export function renderTables(outcomes: readonly Outcome[]): string {
  return FAULTS.map(({ title, faults }) => {
    const rows = faults.map((fault) => renderRow(outcomes.find((outcome) => outcome.fault === fault)));
    return [`## ${title}`, "", "| Fault | What the user sees | Requests |", "| --- | --- | --- |", ...rows].join("\n");
  }).join("\n\n");
}

function renderRow(outcome: Outcome | undefined): string {
  if (!outcome) throw new Error("a fault was not run");
  const { fault, message, attempts } = outcome;
  const short = message.replace(PREFIX, "…").replaceAll("|", "\\|");
  const shown = message === "" ? "nothing: the tokens are read" : `\`${short}\``;
  return `| ${fault.title} | ${shown} | ${attempts} |`;
}

/** The tables as they stand in the file. */
export function documentedTables(): string {
  const text = readFileSync(FILE, "utf8");
  return text.slice(text.indexOf(MARKS.start) + MARKS.start.length, text.indexOf(MARKS.end)).trim();
}

/** Writes the tables into the file. */
export function documentTables(tables: string): void {
  const text = readFileSync(FILE, "utf8");
  const before = text.slice(0, text.indexOf(MARKS.start) + MARKS.start.length);
  writeFileSync(FILE, `${before}\n${tables}\n${text.slice(text.indexOf(MARKS.end))}`);
}
