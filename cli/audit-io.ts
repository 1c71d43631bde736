import type { Readable } from "node:stream";

/** The parts of the process that an audit needs. */
export interface AuditIo {
  readonly stdin: Readable;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}
