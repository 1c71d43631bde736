import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { ROOT, type RunResult } from "../../tools/sandbox";
import type { StandIn } from "../../tools/stand-in/stand-in";

/** A block of a page that says it is run by the tests. */
export function blockOf(page: string, title: string, format: string): string {
  const text = readFileSync(path.join(ROOT, page), "utf8");
  const block = new RegExp(`<!-- run by the tests: ${title} -->\n\n\`\`\`${format}\n(.*?)\`\`\``, "s").exec(text);
  return block?.[1] ?? assert.fail(`${page} has no ${title}`);
}

/** Where a page's commands run, and what they meet. */
interface Surroundings {
  readonly folder: string;
  readonly tarball: string;
  readonly api: StandIn;
  /** Folders with the hosts of other languages than Node.js's. */
  readonly hosts?: readonly string[];
}

/** Runs a page's commands in an empty folder; the package comes from a tarball, and the API is the stand-in. */
export async function runQuickStart(
  page: string,
  title: string,
  { folder, tarball, api, hosts = [] }: Surroundings,
): Promise<RunResult> {
  const script = [
    ["npm install pulumi-motherduck-tokens ", `npm install --prefer-offline ${tarball} `],
    ["pulumi login --local", `pulumi login "file://$PWD"`],
    [`MOTHERDUCK_ADMIN_TOKEN="…"`, `MOTHERDUCK_ADMIN_TOKEN="${api.token}"`],
  ].reduce(
    (text, [from = "", to = ""]) => {
      assert.ok(text.includes(from), `the quick start has no ${from}`);
      return text.replace(from, to);
    },
    `set -e\n${blockOf(page, title, "sh")}`,
  );

  mkdirSync(folder, { recursive: true });
  const { binFolder } = await findPulumi(console.log);
  const { exitCode, stdout, stderr, all } = await execa("bash", ["-c", script], {
    cwd: folder,
    stdin: "ignore",
    all: true,
    reject: false,
    env: {
      MOTHERDUCK_API_URL: api.url,
      PULUMI_HOME: path.join(folder, ".pulumi-home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PATH: [binFolder, ...hosts, process.env.PATH].join(path.delimiter),
    },
  });
  return { code: exitCode ?? -1, stdout, stderr, output: all };
}
