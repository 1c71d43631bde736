import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { onExit } from "signal-exit";
import { AuditError } from "../audit/audit-error";
import { resolveTarget } from "./file-identity";

/** The destination of a report's text. */
export interface ReportSink {
  write(text: string): Promise<void>;
  /** Makes the report visible. Until then, nobody sees half a report. */
  commit(): Promise<void>;
  /** Leaves everything as it was. */
  discard(): Promise<void>;
}

/** A sink for standard output, which shows text at once. It throws an AuditError if the text cannot be written. */
export function streamSink(stream: NodeJS.WritableStream): ReportSink {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on("error", (error: Error) => (failure ??= error));
  const check = () => {
    // The reader may have seen enough (`| head`). The other reports go on.
    if (failure && failure.code !== "EPIPE") throw toWriteError("standard output", "report", failure);
  };
  return {
    async write(text) {
      check();
      if (text === "" || failure || stream.write(text)) return;
      await Promise.race([once(stream, "drain"), once(stream, "close")]).catch(() => undefined);
    },
    async commit() {
      // A stream reports errors after it has accepted the text.
      if (!failure) await new Promise<void>((resolve) => stream.write("", () => resolve()));
      check();
    },
    discard: () => Promise.resolve(),
  };
}

/**
 * A sink for a file, which is written beside its destination and moved there in one step. Anything but a regular file, such
 * as `/dev/stdout` or a pipe, is written to directly: it cannot or should not be replaced.
 *
 * @param what names its content in errors.
 * @throws AuditError if it cannot be written.
 */
export async function fileSink(file: string, what = "report"): Promise<ReportSink> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return true;
      throw toWriteError(file, what, error);
    },
  );
  // A link stays a link, and leads to the report.
  const target = isFile ? resolveTarget(file) : file;
  const draft = isFile ? `${target}.${randomUUID()}.tmp` : undefined;
  const handle = await (draft === undefined ? open(target, "w") : open(draft, "wx")).catch((error: unknown) => {
    throw toWriteError(file, what, error);
  });
  // Ctrl-C must not leave half a report behind. Afterwards the signal ends the process as usual.
  const forget = onExit((_code, signal) => {
    if (signal !== null && draft !== undefined) rmSync(draft, { force: true });
  });
  const discard = async () => {
    await handle.close().catch(() => undefined);
    if (draft !== undefined) await rm(draft, { force: true });
    forget();
  };
  let failure: AuditError | undefined;
  const orDiscard = async (step: () => Promise<unknown>) => {
    // The first error is the cause; later ones only say that the file was closed.
    if (failure) throw failure;
    try {
      await step();
    } catch (error) {
      await discard();
      throw (failure = toWriteError(file, what, error));
    }
  };
  // Nobody sees the draft before it is complete, so its many short texts are written together.
  const most = draft === undefined ? 0 : DRAFT_BUFFER;
  let buffer = "";
  const flush = async () => {
    const text = buffer;
    buffer = "";
    await handle.writeFile(text);
  };
  return {
    write(text) {
      buffer += text;
      return buffer.length > most ? orDiscard(flush) : Promise.resolve();
    },
    commit: () =>
      orDiscard(async () => {
        if (buffer !== "") await flush();
        if (draft !== undefined) await handle.sync();
        await handle.close();
        if (draft !== undefined) await rename(draft, target);
        forget();
      }),
    discard,
  };
}

/** Characters. */
const DRAFT_BUFFER = 65_536;

function toWriteError(where: string, what: string, error: unknown): AuditError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  return new AuditError(
    `${where}: the ${what} cannot be written (${code}). Check the folder, its permissions and the free space.`,
  );
}
