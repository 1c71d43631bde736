// Runs a short form of the tests with other versions of Node.js, of the CLI and of Pulumi's SDKs, and in projects of other
// package managers; prints what worked. `npm run test:compatibility -- pnpm` runs the rows whose text holds `pnpm`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import pLimit from "p-limit";
import { LAYOUTS, type Layout, type ProgramKind } from "./layouts";
import { installNode, type Node } from "./node-versions";
import { install, oldestSdks, pack, SDKS, sdksIn, type Versions } from "./packed";
import { findNewestPulumi, findPulumi, type PulumiCli } from "./pulumi-cli/find-pulumi";
import { ROOT } from "./sandbox";
import { smoke, smokeLayout } from "./smoke";

const NODES = ["20", "22", "24", "26"];
/** No longer supported by its makers, nor by the newest SDKs; here it is. */
const OLDEST = "20";
/** The Node.js of the rows that are about something else. */
const LTS = "24";
const PACKAGE_MANAGERS = ["pnpm@12", "yarn@1"];

/** One line of the table. */
interface Row {
  readonly node: Node;
  readonly cli: PulumiCli;
  readonly versions: Versions;
  readonly what: string;
  readonly run: () => Promise<unknown>;
}

interface Outcome {
  readonly row: Row;
  readonly seconds: number;
  readonly error?: string;
}

async function measure(row: Row): Promise<Outcome> {
  const started = performance.now();
  const error = await row.run().then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  const seconds = Math.round((performance.now() - started) / 1000);
  const { node, cli, what } = row;
  const result = error === undefined ? "ok  " : "FAIL";
  console.log(`${result} Pulumi ${cli.version}, Node.js ${node.version}: ${what}, ${seconds} s`);
  if (error !== undefined) console.log(error);
  return { row, seconds, ...(error !== undefined && { error }) };
}

const withCli = (cli: PulumiCli, { bin }: Node) => [cli.binFolder, bin, process.env.PATH].join(path.delimiter);

/** The repository's own tests; those of the engine take the CLI that comes first on `PATH`. */
function testRow(cli: PulumiCli, node: Node, tests: string): Row {
  const mocha = path.join(ROOT, "node_modules/mocha/bin/mocha.js");
  const flags = ["--timeout", "180000", "--require", "ts-node/register/transpile-only"];
  const options = { cwd: ROOT, env: { PATH: withCli(cli, node) }, stdin: "ignore", timeout: 1_800_000 } as const;
  return {
    ...{ node, cli, versions: sdksIn(path.join(ROOT, "node_modules")), what: `\`${tests}\`` },
    run: () => execa("node", [mocha, ...flags, tests], options),
  };
}

/** The packed package, installed by npm with other SDKs. */
function sdkRow(cli: PulumiCli, node: Node, nodeModules: string): Row {
  return {
    ...{ node, cli, versions: sdksIn(nodeModules), what: "packed package, other SDKs" },
    run: async () => {
      const policies = path.join(nodeModules, "pulumi-motherduck-tokens/policies");
      ranOn(node, await smoke({ cli, pack: policies, nodeModules, env: { PATH: withCli(cli, node) } }));
    },
  };
}

/** The packed package in a project of a package manager. */
function layoutRow(cli: PulumiCli, node: Node, layout: Layout, kind: ProgramKind, tarball: string): Row {
  const versions = sdksIn(path.join(ROOT, "node_modules"));
  const becomes = layout.found === undefined ? ": says what to add, and works with it" : "";
  return {
    ...{ node, cli, versions, what: `${layout.name}${becomes} (${kind})` },
    run: async () => ranOn(node, await smokeLayout({ cli, layout, kind, tarball, PATH: withCli(cli, node) })),
  };
}

function ranOn({ version }: Node, userAgent: string): void {
  if (!userAgent.includes(`node ${version})`)) throw new Error(`the provider ran elsewhere: ${userAgent}`);
}

async function plan(folder: string): Promise<Row[]> {
  const cli = await findPulumi(console.log);
  const newestCli = await findNewestPulumi(console.log);
  const nodes: Node[] = [];
  for (const major of NODES) nodes.push(await installNode(major, folder, PACKAGE_MANAGERS));
  const lts = nodes.find(({ major }) => major === LTS) as Node;

  const tarball = await pack(path.join(folder, "packed"));
  const newestSdks = Object.fromEntries(SDKS.map((name) => [name, "latest"])) as Versions;
  const installed: string[] = [];
  for (const versions of [oldestSdks(), newestSdks]) {
    const packages = SDKS.map((name) => `${name}@${versions[name]}`);
    installed.push(await install(path.join(folder, versions["@pulumi/pulumi"]), [tarball, ...packages]));
  }

  const rows: Row[] = [];
  for (const layout of LAYOUTS) {
    rows.push(layoutRow(cli, lts, layout, "CommonJS", tarball));
    for (const kind of ["CommonJS", "ES module"] as const) rows.push(layoutRow(newestCli, lts, layout, kind, tarball));
  }
  const [npm] = LAYOUTS;
  if (npm) {
    rows.push(layoutRow(cli, lts, npm, "ES module, tsx", tarball));
    for (const oneCli of [cli, newestCli])
      for (const kind of ["TypeScript 5", "TypeScript 6"] as const)
        rows.push(layoutRow(oneCli, lts, npm, kind, tarball));
  }
  for (const nodeModules of installed) {
    for (const node of nodes) rows.push(sdkRow(cli, node, nodeModules));
    rows.push(sdkRow(newestCli, lts, nodeModules));
  }
  for (const node of nodes) {
    rows.push(testRow(node.major === OLDEST ? cli : newestCli, node, "test/engine/gate.test.ts"));
    rows.push(testRow(cli, node, "test/unit/**/*.test.ts"));
  }
  rows.push(testRow(cli, lts, "test/engine/gate.test.ts"));
  rows.push(testRow(cli, lts, "test/engine/projects.test.ts"));
  for (const tests of TESTS_OF_NEWEST) rows.push(testRow(newestCli, lts, `test/engine/${tests}.test.ts`));
  return rows;
}

/** The engine's tests of what has changed, or could have, between the two versions of the CLI. */
const TESTS_OF_NEWEST = [
  ...["projects", "newest-cli", "audit", "languages-yaml"],
  ...["provider", "organization", "evidence", "errors", "secrets", "configuration", "pulumi-cloud"],
];

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-compatibility-"));
  const [only = ""] = process.argv.slice(2);
  const outcomes: Outcome[] = [];
  try {
    const rows = (await plan(folder)).filter(({ what }) => what.includes(only));
    if (rows.length === 0) throw new Error(`no row has ${JSON.stringify(only)} in its text`);
    // As many at the same time as the tests of the engine run.
    const limit = pLimit(2);
    outcomes.push(...(await Promise.all(rows.map((row) => limit(measure, row)))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${process.platform} ${process.arch}\n\n${table(outcomes)}`);
  process.exitCode = outcomes.every(({ error }) => error === undefined) ? 0 : 1;
}

function table(outcomes: Outcome[]): string {
  const cells = outcomes.map(({ row: { node, cli, versions, what }, error, seconds }) => [
    cli.version,
    node.version,
    ...SDKS.map((name) => versions[name]),
    what,
    error === undefined ? "works" : "fails",
    String(seconds),
  ]);
  const lines = [["CLI", "Node.js", ...SDKS.map((name) => `\`${name}\``), "What ran", "Result", "Seconds"], ...cells];
  lines.splice(1, 0, lines[0]?.map(() => "---") ?? []);
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
