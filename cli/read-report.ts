import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import * as v from "valibot";
import { AuditError } from "../audit/audit-error";
import { readTextOf } from "../audit/read-text";
import { nameInput, STANDARD_STREAM } from "../core/standard-stream";
import { JsonReportSchema } from "../reports/json-schema";

/** A JSON report of an audit. */
export type JsonReport = v.InferOutput<typeof JsonReportSchema>;

/** Reads a JSON report from a file, or with `-` from a stream. @throws AuditError where it is none. */
export async function readReportFrom(file: string, stdin: Readable): Promise<JsonReport> {
  if (file !== STANDARD_STREAM) return readReport(file);
  const name = nameInput(file);
  let text = "";
  for await (const part of readTextOf(name, stdin)) text += part;
  return parseReport(text, name);
}

/** Reads a JSON report from a file. @throws AuditError where it is none. */
export function readReport(file: string): JsonReport {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new AuditError(`${file}: it cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  return parseReport(text, file);
}

function parseReport(text: string, name: string): JsonReport {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new AuditError(`${name}: it is not valid JSON.`);
  }
  const result = v.safeParse(JsonReportSchema, content, { abortEarly: true });
  if (result.success) return result.output;
  const [{ path: place = [], message }] = result.issues;
  throw new AuditError(
    `${name}: it is not a JSON report of an audit (${place.map(({ key }) => String(key)).join(".")}: ${message}). Write one with --report json=<file>.`,
  );
}
