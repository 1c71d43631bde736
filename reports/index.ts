import type { ReportFormat } from "./report";

// Each is loaded when it is wanted: a run needs one or two, and some bring libraries.
const LOADERS = {
  text: async () => (await import("./text")).textReport,
  json: async () => (await import("./json")).jsonReport,
  sarif: async () => (await import("./sarif")).sarifReport,
  junit: async () => (await import("./junit")).junitReport,
  gitlab: async () => (await import("./gitlab")).gitlabReport,
  github: async () => (await import("./github")).githubReport,
  markdown: async () => (await import("./markdown")).markdownReport,
  csv: async () => (await import("./csv")).csvReport,
  openmetrics: async () => (await import("./openmetrics")).openmetricsReport,
  ical: async () => (await import("./ical")).icalReport,
  html: async () => (await import("./html")).htmlReport,
  plan: async () => (await import("./plan")).planReport,
  "plan-sh": async () => (await import("./plan-sh")).planShellReport,
} satisfies Record<string, () => Promise<ReportFormat>>;

/** The name of a report format. */
export type ReportName = keyof typeof LOADERS;

/** The names of all report formats. */
export const REPORT_NAMES = Object.keys(LOADERS) as readonly ReportName[];

/** Loads one report format, and nothing of the others. */
export function loadReport(format: ReportName): Promise<ReportFormat> {
  return LOADERS[format]();
}
