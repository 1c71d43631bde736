import type { ReportFormat } from "./report";

/** The version of the report's shape. A new key does not change it; a key that is removed, or changes its meaning, does. */
export const JSON_VERSION = 1;

/** One JSON document, a user a line. Cut off, it is not JSON. */
export const jsonReport: ReportFormat = (header) => {
  let before = `{\n  "version": ${JSON_VERSION},\n  "audit": ${pretty(header)},\n  "users": [`;
  return {
    user: (user) => {
      const text = `${before}\n    ${JSON.stringify(user)}`;
      before = ",";
      return text;
    },
    end: ({ findings, failures, notJudged, leftOut, sinceLastRun, lastCompleteRun, trend, summary }) => {
      // Without users, the beginning is still to be written; with some, the comma is one too many.
      const text = before === "," ? "\n  " : before;
      const rest = { findings, failures, notJudged, leftOut, sinceLastRun, lastCompleteRun, trend, summary };
      const parts = Object.entries(rest).filter(([, value]) => value !== undefined);
      return `${text}],\n${parts.map(([name, value]) => `  "${name}": ${pretty(value)}`).join(",\n")}\n}\n`;
    },
  };
};

function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
}
