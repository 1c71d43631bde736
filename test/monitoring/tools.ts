import type { Context } from "mocha";
import { getOrSkip } from "../get-or-skip";
import { existsSync } from "node:fs";
import path from "node:path";

/** Programs of Prometheus, by what Debian calls them, and what the project itself does. */
const TOOLS = {
  promtool: ["promtool"],
  prometheus: ["prometheus"],
  nodeExporter: ["prometheus-node-exporter", "node_exporter"],
  pushgateway: ["prometheus-pushgateway", "pushgateway"],
} as const;

/** The program's path. @throws Error that says how to get it. */
export function findTool(tool: keyof typeof TOOLS): string {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = folders
    .flatMap((folder) => TOOLS[tool].map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    `there is no ${TOOLS[tool].join(" or ")} on PATH. On Debian and Ubuntu: ` +
      "apt-get install prometheus prometheus-node-exporter prometheus-pushgateway",
  );
}

/** {@link findTool}, or skips the tests where it is missing. In CI, Linux has it. */
export function findToolOrSkip(context: Context, tool: keyof typeof TOOLS): Promise<string> {
  return getOrSkip(context, () => findTool(tool), "linux");
}
