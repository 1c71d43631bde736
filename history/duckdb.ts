import { randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type * as duckdb from "@duckdb/node-api";
import { AuditError } from "../audit/audit-error";

/** A value that DuckDB's results are read as. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

/** What is needed of `@duckdb/node-api`. */
export type DuckDb = Pick<typeof duckdb, "DuckDBInstance">;

/** How a ledger is opened. */
export interface DatabaseOptions {
  readonly env: NodeJS.ProcessEnv;
  /** How long to wait for a file that another process has locked, in milliseconds. Default: 30 s. */
  readonly waitMs?: number;
  /** Default: the installed package. */
  readonly load?: () => Promise<DuckDb>;
}

const WAIT_MS = 30_000;
const RETRY_MS = 100;

/**
 * A DuckDB of this process, in memory, to which a ledger is attached for as long as it is needed: its file is locked while it
 * is attached, and an audit takes minutes. What an audit finds is collected in memory (or in DuckDB's temporary files), so
 * that a ledger in MotherDuck and one in a file get the same statements.
 */
export class Database {
  readonly #instance: duckdb.DuckDBInstance;
  readonly connection: duckdb.DuckDBConnection;
  readonly place: string;
  readonly #waitMs: number;

  private constructor(
    instance: duckdb.DuckDBInstance,
    connection: duckdb.DuckDBConnection,
    place: string,
    waitMs: number,
  ) {
    this.#instance = instance;
    this.connection = connection;
    this.place = place;
    this.#waitMs = waitMs;
  }

  /**
   * @param place a file's path, or `md:` and the name of a database of MotherDuck.
   * @throws AuditError where the package is not installed, or the credentials for MotherDuck are missing.
   */
  static async open(place: string, options: DatabaseOptions): Promise<Database> {
    const { load = loadDuckDb, waitMs = WAIT_MS } = options;
    const { DuckDBInstance } = await load();
    // Before anything is downloaded.
    if (isRemote(place)) tokenOf(place, options.env);
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: MEMORY_LIMIT,
      // What does not fit into memory goes there; DuckDB makes the folder when it needs it, and removes it.
      temp_directory: path.join(tmpdir(), `motherduck-tokens-${randomUUID()}`),
      ...(isRemote(place) ? {} : FILE_OPTIONS),
    });
    const database = new Database(instance, await instance.connect(), place, waitMs);
    try {
      if (isRemote(place)) await database.#loadMotherDuck(tokenOf(place, options.env));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async #loadMotherDuck(token: string): Promise<void> {
    try {
      await this.connection.run("INSTALL motherduck");
      await this.connection.run("LOAD motherduck");
      await this.connection.run(`SET motherduck_token = ${literal(token)}`);
    } catch (error) {
      throw toOpenError(this.place, (error as Error).message.replaceAll(token, "[motherduck_token]"));
    }
  }

  /** Whether the ledger is a database of MotherDuck. */
  get isRemote(): boolean {
    return isRemote(this.place);
  }

  /**
   * Runs a function on the ledger's database, which is called `catalog` in SQL and is the current one.
   *
   * @throws AuditError where the file is locked for too long, is missing (reading), or is not a DuckDB database.
   */
  async attached<T>(mode: "read" | "write", work: () => Promise<T>): Promise<T> {
    await this.#attach(mode);
    try {
      return await work();
    } finally {
      await this.connection.run("USE memory").catch(() => undefined);
      await this.connection.run(`DETACH ${identifier(catalogOf(this.place))}`).catch(() => undefined);
    }
  }

  async #attach(mode: "read" | "write"): Promise<void> {
    const { place } = this;
    if (mode === "read" && !this.isRemote && !existsSync(place)) {
      throw new AuditError(`${place}: there is no such file. Make a ledger with motherduck-tokens audit --history.`);
    }
    const catalog = identifier(catalogOf(place));
    // An empty name means a database in memory to DuckDB, and MotherDuck's cannot be given another one.
    const statement = this.isRemote
      ? `ATTACH IF NOT EXISTS ${literal(place)}`
      : `ATTACH ${literal(path.resolve(place))} AS ${catalog}${attachOptions(mode, place)}`;
    const deadline = Date.now() + this.#waitMs;
    for (;;) {
      try {
        await this.connection.run(statement);
        break;
      } catch (error) {
        const { message } = error as Error;
        if (!LOCKED.test(message)) throw toOpenError(place, message);
        if (Date.now() >= deadline) {
          throw new AuditError(
            `${place}: another process has locked this ledger for ${Math.round(this.#waitMs / 1000)} s. Run again when it has ended; DuckDB lets one process write at a time.`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    await this.connection.run(`USE ${catalog}`);
  }

  async run(sql: string, values?: Record<string, Value>): Promise<void> {
    await this.connection.run(sql, values);
  }

  /** All rows: for results of bounded size. */
  async rows(sql: string, values?: Record<string, Value>): Promise<readonly Row[]> {
    const reader = await this.connection.runAndReadAll(sql, values);
    return reader.getRowObjectsJson() as unknown as readonly Row[];
  }

  /** Runs statements, of which all take effect or none. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.run("BEGIN TRANSACTION");
    try {
      const result = await work();
      await this.run("COMMIT");
      return result;
    } catch (error) {
      await this.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  close(): void {
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import("@duckdb/node-api");
  } catch (error) {
    const { message } = error as Error;
    if (/^Cannot find (package|module) '@duckdb\/node-api'/.test(message)) {
      throw new AuditError("a ledger needs DuckDB, which is not installed. Run: npm install @duckdb/node-api");
    }
    throw new AuditError(`@duckdb/node-api cannot be loaded: ${firstLine(message)}`);
  }
}

/** Whether a ledger's place is a database of MotherDuck. */
export function isRemote(place: string): boolean {
  return /^(md|motherduck):/i.test(place);
}

/** A ledger's place as it may be printed: what follows the name of a database may hold credentials. */
export function printablePlace(place: string): string {
  return isRemote(place) ? place.replace(/\?.*/s, "") : place;
}

function catalogOf(place: string): string {
  return isRemote(place) ? printablePlace(place).replace(/^[^:]*:/, "") : "ledger";
}

/**
 * For a file, extensions are neither loaded nor downloaded: all that is needed is built in. A commit goes straight into the
 * file, instead of into a log beside it and then, when the file is closed, into the file.
 */
const FILE_OPTIONS = {
  ...{ autoinstall_known_extensions: "false", autoload_known_extensions: "false" },
  checkpoint_threshold: "1b",
};

/** DuckDB's own default is most of the machine's memory, which a pipeline's container may not have. */
const MEMORY_LIMIT = "512MiB";

/** A run adds a few rows to many columns, each of which takes a block at least; DuckDB's default is 16 times this. */
const BLOCK_SIZE = 16_384;

/**
 * The token for MotherDuck, from its own variable only: by default, the extension would fall back on MOTHERDUCK_TOKEN, which
 * may hold the API token of the audit.
 *
 * @throws AuditError
 */
function tokenOf(place: string, env: NodeJS.ProcessEnv): string {
  const name = printablePlace(place);
  if (catalogOf(place) === "") throw new AuditError(`${name}: name the database, as in md:governance.`);
  if (/[?&]motherduck_token=/i.test(place)) {
    throw new AuditError(
      `${name}: put the token into the variable motherduck_token: others can see a command's arguments.`,
    );
  }
  const token = env.motherduck_token;
  if (token) return token;
  throw new AuditError(
    `${name}: set motherduck_token to a token of the user who owns this database. The API token of the audit is not used for it.`,
  );
}

function attachOptions(mode: "read" | "write", file: string): string {
  if (mode === "read") return " (READ_ONLY)";
  // A file's block size cannot be changed, and it may be a database that was there before.
  return existsSync(file) ? "" : ` (BLOCK_SIZE ${BLOCK_SIZE})`;
}

// What DuckDB says of a file that another process has open, on Linux and macOS, on Windows, and within one process.
const LOCKED = /could not set lock|conflicting lock|used by another process|already attached|file handle conflict/i;

function toOpenError(place: string, message: string): AuditError {
  const where = printablePlace(place);
  if (/not a valid DuckDB database/i.test(message)) {
    const isEmpty = existsSync(place) && statSync(place).size === 0;
    return new AuditError(
      `${where}: it is not a DuckDB database${isEmpty ? ", but an empty file: remove it" : ": name another file"}. A ledger creates its own file.`,
    );
  }
  return new AuditError(`${where}: DuckDB cannot open it: ${firstLine(message)}`);
}

function firstLine(text: string): string {
  return text.split("\n")[0]?.trim() ?? "";
}

/** A name in SQL. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL, for statements that take no parameters. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A column's instant in SQL, as ISO 8601. */
export function isoText(column: string): string {
  return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
}
