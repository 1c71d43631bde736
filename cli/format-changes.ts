import type { Row } from "../history/duckdb";
import type { Changes } from "../history/changes";
import { printable } from "../core/printable";

export const CHANGE_FORMATS = ["text", "json", "csv", "markdown"] as const;
export type ChangeFormat = (typeof CHANGE_FORMATS)[number];

/** Formats what changed. */
export async function formatChanges(changes: Changes, format: ChangeFormat): Promise<string> {
  switch (format) {
    case "json":
      return `${JSON.stringify(changes, null, 2)}\n`;
    case "csv": {
      const { stringify } = await import("csv-stringify/sync");
      const rows = changeLines(changes).map(({ at, after, what, who, text }) => [what, who, text, after, at]);
      return stringify([["change", "subject", "text", "after", "by"], ...rows], { escape_formulas: true });
    }
    case "markdown": {
      const rows = changeLines(changes).map(
        ({ at, after, what, who, text }) => `| ${[what, who, text, after, at].map(cell).join(" | ")} |\n`,
      );
      const table = `| Change | Subject | What | After | By |\n| --- | --- | --- | --- | --- |\n${rows.join("")}`;
      return `${headOf(changes)}\n\n${rows.length === 0 ? "Nothing changed.\n" : table}`;
    }
    case "text": {
      const lines = changeLines(changes).map(
        ({ at, after, what, who, text }) =>
          `${what.padEnd(18)}${who}${text === "" ? "" : `: ${text}`}\n${" ".repeat(18)}${after === "" ? "" : `after ${after}, `}by ${at}\n`,
      );
      return `${headOf(changes)}\n${lines.length === 0 ? "Nothing changed.\n" : lines.join("")}`;
    }
  }
}

function headOf({ run }: Changes): string {
  if (!run) return "The ledger holds no run.";
  const gap = run.is_complete === true ? "" : `, incomplete: ${run.failures} not read or judged`;
  return `Run ${run.run_id} at ${run.judged_at}: ${run.users} users of ${printable(String(run.source_name))}${gap}`;
}

function changeLines({ events, findings }: Changes) {
  const shown = (value: Row[string] | undefined) =>
    value === null || value === undefined ? "" : printable(String(value));
  const line = (row: Row, what: Row[string] | undefined, text: string) => ({
    what: shown(what),
    who: [row.organization, row.username ?? "the stack", row.token_id]
      .map(shown)
      .filter((part) => part !== "")
      .join(" / "),
    text,
    after: shown(row.after_at),
    at: shown(row.by_at),
  });
  const details = ({ name, successor_id: successor, before }: Row) =>
    [
      name === null ? "" : `"${shown(name)}"`,
      successor === null ? "" : `by ${shown(successor)}`,
      before === null ? "" : `was ${shown(before)}`,
    ]
      .filter((part) => part !== "")
      .join(", ");
  return [
    ...events.map((row) => line(row, row.event, details(row))),
    ...findings.map((row) => line(row, `finding ${shown(row.change)}`, `${shown(row.rule)}: ${shown(row.message)}`)),
  ];
}

function cell(text: string): string {
  return text.replace(/[\\|`*_[\]<>&#!]/g, "\\$&");
}
