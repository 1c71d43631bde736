import { readFileSync } from "node:fs";
import { AuditError } from "../audit/audit-error";
import { type Baseline, formatBaseline, parseBaseline } from "../audit/baseline";
import { textOf } from "../audit/read-text";
import type { AuditClosing, Finding } from "../audit/result";
import type { AuditIo } from "./audit-io";
import { fileSink } from "./report-sink";

/** Reads the findings that are known; `undefined` where no file is given. @throws AuditError where it cannot. */
export function readBaseline(file: string | undefined): Baseline | undefined {
  if (file === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new AuditError(`${file}: the baseline cannot be read (${code}). Write one with --write-baseline.`);
  }
  return parseBaseline(file, textOf(file, bytes));
}

/** Writes no baseline if something could not be judged: what was missed would count as new later. */
export async function writeBaseline(
  file: string,
  accepted: Finding[],
  closing: AuditClosing,
  { stderr }: AuditIo,
): Promise<void> {
  if (closing.failures.length > 0) {
    stderr.write(`${file}: no baseline was written, because not everything could be judged.\n`);
    return;
  }
  const sink = await fileSink(file, "baseline");
  await sink.write(formatBaseline([...accepted, ...closing.findings]));
  await sink.commit();
}
