import { existsSync } from "node:fs";
import path from "node:path";
import { isRemote } from "../history/duckdb";
import { nameInput, STANDARD_STREAM } from "../core/standard-stream";
import { CONFIG_VARIABLE } from "../policies/configuration/configuration";
import type { AuditOptions } from "./audit-options";
import { type FileIdentity, identify, identifyOpen, resolveTarget } from "./file-identity";

/** A file of an audit, with its name in errors. */
interface NamedFile {
  readonly name: string;
  readonly identity: FileIdentity | undefined;
}

type FileOptions = Pick<
  AuditOptions,
  "state" | "events" | "config" | "baseline" | "writeBaseline" | "report" | "history" | "quiet"
>;

/**
 * Finds a file that would be written twice, or read and overwritten; `undefined` if there is none. It compares the files that
 * paths lead to, before anything is read: later, a report or the evidence would be lost.
 */
export function findFileConflict(
  { state, events, config, baseline, writeBaseline, report = [], history, quiet = false }: FileOptions,
  env: NodeJS.ProcessEnv,
  { stdin, stdout } = { stdin: 0, stdout: 1 },
): string | undefined {
  const files = report.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const usesStdout = files.length < report.length || !quiet;
  const standardOutput = { name: "standard output", identity: usesStdout ? identifyOpen(stdout) : undefined };
  const reports = [...files.map(fromPath), standardOutput];
  const ledger = typeof history === "string" && !isRemote(history) ? history : undefined;
  const outputs = [...reports, ...given(writeBaseline), ...given(ledger)];
  for (const [index, output] of outputs.entries()) {
    const other = outputs.slice(0, index).find((earlier) => isSame(earlier, output));
    if (other) return `${nameBoth(other, output)} would be written twice`;
  }
  const fromInput = (file: string | undefined) =>
    file === STANDARD_STREAM ? [{ name: nameInput(file), identity: identifyOpen(stdin) }] : given(file);
  const inputs = [...fromInput(state), ...fromInput(events), ...given(config ?? (env[CONFIG_VARIABLE] || undefined))];
  const overwritten =
    // Reading and writing a terminal or a pipe loses nothing.
    findPair(inputs, outputs) ??
    // A baseline may be updated in place.
    findPair(given(baseline), reports);
  if (overwritten !== undefined) return `${overwritten} would be read and overwritten`;
  const written = writeBaseline === undefined ? files : [...files, writeBaseline];
  const folder = written.map((file) => path.dirname(resolveTarget(file))).find((name) => !existsSync(name));
  return folder === undefined ? undefined : `there is no folder ${folder}: create it first`;
}

function findPair(inputs: readonly NamedFile[], outputs: readonly NamedFile[]): string | undefined {
  for (const input of inputs) {
    const output = input.identity?.isFile === false ? undefined : outputs.find((other) => isSame(input, other));
    if (output) return nameBoth(input, output);
  }
  return undefined;
}

function fromPath(file: string): NamedFile {
  return { name: file, identity: identify(file) };
}

function given(file: string | undefined): NamedFile[] {
  return file === undefined ? [] : [fromPath(file)];
}

function isSame(a: NamedFile, b: NamedFile): boolean {
  return a.identity !== undefined && a.identity.key === b.identity?.key;
}

function nameBoth(a: NamedFile, b: NamedFile): string {
  return a.name === b.name ? a.name : `${a.name} and ${b.name} are one file, which`;
}
