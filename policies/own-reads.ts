import type { ApiSettings } from "./configuration/api";
import type { GuardSettings } from "./configuration/guard";
import type * as ownReader from "./own-reader";
import type { GuardReading, OwnReader } from "./own-reader";

/** What the policies of one pack share of the API: the reader, and what the guard read. */
export interface OwnReads {
  /** Whether there is a guard. */
  readonly isGuarded: boolean;
  /** The reader; the HTTP client is loaded for it. */
  reader(): OwnReader;
  /** Whom the guard judges, read once a run; nobody where there is no guard. */
  guarded(): Promise<GuardReading>;
}

/** What own reads need. */
export interface OwnReadsOptions {
  readonly api: ApiSettings;
  readonly apiUrls: readonly string[];
  readonly organization?: string | undefined;
  readonly guard?: GuardSettings | undefined;
}

/** Makes the reads of one pack. Nothing is loaded and nothing is read until somebody asks. */
export function createOwnReads({ guard, api, apiUrls, organization }: OwnReadsOptions, env = process.env): OwnReads {
  let reader: OwnReader | undefined;
  let reading: Promise<GuardReading> | undefined;
  const getReader = () => (reader ??= loadReader({ api, apiUrls, organization }, env));
  return {
    isGuarded: guard !== undefined,
    reader: getReader,
    guarded: () => (reading ??= guard ? getReader().readGuarded(guard) : NOBODY),
  };
}

const NOBODY: Promise<GuardReading> = Promise.resolve({ users: [] });

function loadReader(options: Omit<OwnReadsOptions, "guard">, env: NodeJS.ProcessEnv): OwnReader {
  // A separate file even in the bundled pack, so that the HTTP client is not even parsed where nothing is read.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import()` of a file without ending fails in the bundle
  const { createOwnReader } = require("./own-reader") as typeof ownReader;
  return createOwnReader({ ...options, env });
}
