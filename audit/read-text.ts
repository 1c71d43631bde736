import type { Readable } from "node:stream";
import { decodeStream, decodeBytes, TextEncodingError } from "../core/decode-bytes";
import { AuditError } from "./audit-error";

/** Decodes a stream, piece by piece. @throws AuditError, which names the stream, if its bytes are not text. */
export async function* readTextOf(name: string, stream: Readable): AsyncGenerator<string> {
  try {
    yield* decodeStream(stream);
  } catch (error) {
    throw nameInError(name, error);
  }
}

/** The same for bytes in memory. */
export function textOf(name: string, bytes: Uint8Array): string {
  try {
    return decodeBytes(bytes);
  } catch (error) {
    throw nameInError(name, error);
  }
}

function nameInError(name: string, error: unknown): unknown {
  return error instanceof TextEncodingError ? new AuditError(`${name}: ${error.message}`) : error;
}
