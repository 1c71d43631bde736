import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { onExit } from "signal-exit";
import { AuditError } from "../audit/audit-error";
import { resolveTarget } from "./file-identity";

/** Where a report's text goes. */
export interface ReportSink {
  write(text: string): Promise<void>;
  /** Makes the report visible: what is there before is never half a report. */
  commit(): Promise<void>;
  /** Leaves everything as it was. */
  discard(): Promise<void>;
}

/** Standard output, which shows text as it comes. Its sink throws an AuditError where the text cannot be written. */
export function streamSink(stream: NodeJS.WritableStream): ReportSink {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on("error", (error: Error) => (failure ??= error));
  const check = () => {
    // Whoever reads it may have seen enough (`| head`); the other reports go on.
    if (failure && failure.code !== "EPIPE") throw refusal("standard output", "report", failure);
  };
  return {
    async write(text) {
      check();
      if (text === "" || failure || stream.write(text)) return;
      await Promise.race([once(stream, "drain"), once(stream, "close")]).catch(() => undefined);
    },
    async commit() {
      // Errors come after the text was taken.
      if (!failure) await new Promise<void>((resolve) => stream.write("", () => resolve()));
      check();
    },
    discard: () => Promise.resolve(),
  };
}

/**
 * A file, written beside its place and moved there in one step. What is no file, as `/dev/stdout` or a pipe, is written to
 * directly: it cannot be replaced, or should not be.
 *
 * @param what it is, as errors name it.
 * @throws AuditError where it cannot be written.
 */
export async function fileSink(file: string, what = "report"): Promise<ReportSink> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return true;
      throw refusal(file, what, error);
    },
  );
  // A link stays one, and leads to the report.
  const target = isFile ? resolveTarget(file) : file;
  const draft = isFile ? `${target}.${randomUUID()}.tmp` : undefined;
  const handle = await (draft === undefined ? open(target, "w") : open(draft, "wx")).catch((error: unknown) => {
    throw refusal(file, what, error);
  });
  // Ctrl-C must not leave half a report behind. The signal then ends the process as usual.
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
    // The first error tells why; those after it would tell that the file was closed.
    if (failure) throw failure;
    try {
      await step();
    } catch (error) {
      await discard();
      throw (failure = refusal(file, what, error));
    }
  };
  return {
    write: (text) => (text === "" ? Promise.resolve() : orDiscard(() => handle.writeFile(text))),
    commit: () =>
      orDiscard(async () => {
        if (draft !== undefined) await handle.sync();
        await handle.close();
        if (draft !== undefined) await rename(draft, target);
        forget();
      }),
    discard,
  };
}

function refusal(where: string, what: string, error: unknown): AuditError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  return new AuditError(
    `${where}: the ${what} cannot be written (${code}). Check the folder, its permissions and the space that is left.`,
  );
}
