// Runs a short form of the tests with other versions of Node.js and of Pulumi's SDKs, and prints what worked.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { install, oldestSdks, pack, SDKS, type Versions } from "./packed";
import { findPulumi } from "./pulumi-cli/find-pulumi";
import { ROOT } from "./sandbox";
import { smoke } from "./smoke";

const NODES = ["20", "22", "24"];

interface Row {
  readonly node: string;
  readonly versions: Versions;
  readonly what: string;
  readonly seconds: number;
  readonly error?: string;
}

async function measure(row: Omit<Row, "seconds">, run: () => Promise<unknown>): Promise<Row> {
  const started = performance.now();
  const error = await run().then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${error === undefined ? "ok  " : "FAIL"} Node ${row.node}: ${row.what}, ${seconds} s`);
  if (error !== undefined) console.log(error);
  return { ...row, seconds, ...(error !== undefined && { error }) };
}

/** The versions of the SDKs in a `node_modules` folder. */
function sdksIn(nodeModules: string): Versions {
  const versionOf = (name: string) =>
    (
      JSON.parse(readFileSync(path.join(nodeModules, name, "package.json"), "utf8")) as { version: string }
    ).version.replace(/^v/, "");
  return Object.fromEntries(SDKS.map((name) => [name, versionOf(name)])) as Versions;
}

async function main(): Promise<void> {
  const cli = await findPulumi(console.log);
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-compatibility-"));
  const rows: Row[] = [];
  try {
    const nodes: { node: string; PATH: string }[] = [];
    for (const major of NODES) {
      const bin = path.join(await install(path.join(folder, `node-${major}`), [`node@${major}`]), ".bin");
      const { stdout } = await execa(path.join(bin, "node"), ["-p", "process.versions.node"]);
      nodes.push({ node: stdout, PATH: [cli.binFolder, bin, process.env.PATH].join(path.delimiter) });
    }

    const mocha = path.join(ROOT, "node_modules/mocha/bin/mocha.js");
    for (const { node, PATH } of nodes) {
      for (const tests of ["test/unit/**/*.test.ts", "test/engine/gate.test.ts"]) {
        const row = { node, versions: sdksIn(path.join(ROOT, "node_modules")), what: `\`${tests}\`` };
        const options = { cwd: ROOT, env: { PATH }, stdin: "ignore", timeout: 300_000 } as const;
        rows.push(await measure(row, () => execa("node", [mocha, "--timeout", "180000", tests], options)));
      }
    }

    const tarball = await pack(folder);
    const newest = Object.fromEntries(SDKS.map((name) => [name, "latest"])) as Versions;
    for (const versions of [oldestSdks(), newest]) {
      const packages = SDKS.map((name) => `${name}@${versions[name]}`);
      const nodeModules = await install(path.join(folder, versions["@pulumi/pulumi"]), [tarball, ...packages]);
      const pack = path.join(nodeModules, "pulumi-motherduck-tokens/policies");
      for (const { node, PATH } of nodes) {
        const row = { node, versions: sdksIn(nodeModules), what: "packed package, `tools/smoke.ts`" };
        const run = async () => {
          const userAgent = await smoke({ cli, pack, nodeModules, env: { PATH } });
          if (!userAgent.includes(`node ${node})`)) throw new Error(`the provider ran elsewhere: ${userAgent}`);
        };
        rows.push(await measure(row, run));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\nPulumi CLI ${cli.version}, ${process.platform} ${process.arch}\n\n${table(rows)}`);
  process.exitCode = rows.every(({ error }) => error === undefined) ? 0 : 1;
}

function table(rows: Row[]): string {
  const cells = rows.map(({ node, versions, what, error, seconds }) => [
    node,
    ...SDKS.map((name) => versions[name]),
    what,
    error === undefined ? "works" : "fails",
    String(seconds),
  ]);
  const lines = [["Node.js", ...SDKS.map((name) => `\`${name}\``), "What ran", "Result", "Seconds"], ...cells];
  lines.splice(1, 0, lines[0]?.map(() => "---") ?? []);
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
