import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { AuditError } from "../audit/audit-error";

/** Where a report's text goes. */
export interface ReportSink {
  write(text: string): Promise<void>;
  /** Makes the report visible: what is there before is never half a report. */
  commit(): Promise<void>;
  /** Leaves everything as it was. */
  discard(): Promise<void>;
}

/** Standard output, which shows text as it comes. */
export function streamSink(stream: NodeJS.WritableStream): ReportSink {
  let isClosed = false;
  // Whoever reads it may have seen enough (`| head`); the other reports go on.
  stream.once("error", () => (isClosed = true));
  return {
    async write(text) {
      if (text === "" || isClosed || stream.write(text)) return;
      await Promise.race([once(stream, "drain"), once(stream, "close")]).catch(() => undefined);
    },
    commit: () => Promise.resolve(),
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
  const target = await realpath(file).catch(() => path.resolve(file));
  const isFile = await stat(target).then(
    (found) => found.isFile(),
    () => true,
  );
  const draft = isFile ? `${target}.${randomUUID()}.tmp` : undefined;
  const refused = (error: unknown) => {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    return new AuditError(`${file}: the ${what} cannot be written (${code}). Check the folder and its permissions.`);
  };
  const handle = await (draft === undefined ? open(target, "w") : open(draft, "wx")).catch((error: unknown) => {
    throw refused(error);
  });
  const discard = async () => {
    await handle.close().catch(() => undefined);
    if (draft !== undefined) await rm(draft, { force: true });
  };
  const orDiscard = async (step: () => Promise<unknown>) => {
    try {
      await step();
    } catch (error) {
      await discard();
      throw refused(error);
    }
  };
  return {
    write: (text) => (text === "" ? Promise.resolve() : orDiscard(() => handle.writeFile(text))),
    commit: () =>
      orDiscard(async () => {
        if (draft === undefined) return handle.close();
        await handle.sync();
        await handle.close();
        await rename(draft, target);
      }),
    discard,
  };
}
