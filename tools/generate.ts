// `npm run generate` writes what is derived from the rules. `npm run generate -- --check` writes nothing, and fails where
// something is out of date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { findFileFaults, type GeneratedFile, renderList } from "./rule-files";
import { ROOT } from "./sandbox";

/** Writes the files that are out of date. @returns their names. */
export async function generate(): Promise<string[]> {
  // The list first: what the documentation is made of imports it.
  const written = write([renderList()]);
  const { renderDocs } = await import("./rule-docs");
  return [...written, ...write(await renderDocs())];
}

/** What is out of date or missing, and what to do. */
export async function findFaults(): Promise<string[]> {
  const list = [renderList()].filter(isStale);
  const { findUnprinted, renderDocs } = await import("./rule-docs");
  // Documentation of an old list would be compared with an old list.
  const stale = list.length > 0 ? list : (await renderDocs()).filter(isStale);
  return [
    ...findFileFaults(),
    ...stale.map(({ file }) => `${file}: out of date; run npm run generate`),
    ...findUnprinted().map((file) => `${file}: shows no output of the engine; run npm run docs:rules`),
  ];
}

function write(files: readonly GeneratedFile[]): string[] {
  const stale = files.filter(isStale);
  for (const { file, text } of stale) writeFileSync(path.join(ROOT, file), text);
  return stale.map(({ file }) => file);
}

function isStale({ file, text }: GeneratedFile): boolean {
  const place = path.join(ROOT, file);
  return !existsSync(place) || readFileSync(place, "utf8") !== text;
}

async function main(): Promise<void> {
  if (process.argv.includes("--check")) {
    const faults = await findFaults();
    for (const fault of faults) console.error(fault);
    if (faults.length === 0)
      console.log("Generated files are up to date. Whether the rules are right, npm test tells.");
    process.exitCode = faults.length > 0 ? 1 : 0;
  } else {
    for (const file of await generate()) console.log(`wrote ${file}`);
  }
}

if (require.main === module) void main();
