import { createHash } from "node:crypto";
import { AuditError } from "../audit/audit-error";
import { version } from "../core/version";
import { Database, type DatabaseOptions, printablePlace } from "./duckdb";
import { MIGRATIONS, SCHEMA } from "./schema";
import { VIEWS } from "./views";

/** What a database holds. */
type Found =
  { readonly kind: "nothing" } | { readonly kind: "ledger"; readonly version: number; readonly views: string };

const VIEWS_DIGEST = createHash("sha256").update(JSON.stringify(VIEWS)).digest("hex").slice(0, 32);

/** A ledger: the history of audits in a database of the user's. */
export class Ledger {
  readonly database: Database;
  readonly #migrations: readonly string[];

  private constructor(database: Database, migrations: readonly string[]) {
    this.database = database;
    this.#migrations = migrations;
  }

  /**
   * Nothing is read or locked yet.
   *
   * @param place a file's path, or `md:` and the name of a database of MotherDuck.
   * @param migrations for tests: the schema's versions. Default: this version's.
   * @throws AuditError where DuckDB is not installed, or credentials are missing.
   */
  static async open(place: string, options: DatabaseOptions, migrations = MIGRATIONS): Promise<Ledger> {
    return new Ledger(await Database.open(place, options), migrations);
  }

  /** As errors name it. */
  get name(): string {
    return printablePlace(this.database.place);
  }

  /**
   * Reads the ledger. Others can read at the same time, but not write.
   *
   * @throws AuditError where there is none, or one of a newer version.
   */
  read<T>(work: () => Promise<T>): Promise<T> {
    return this.database.attached("read", async () => {
      const found = await this.#find();
      if (found.kind === "nothing") {
        throw new AuditError(
          `${this.name}: this database holds no ledger. Record an audit with motherduck-tokens audit --history.`,
        );
      }
      if (!this.#isCurrent(found)) {
        throw new AuditError(
          `${this.name}: another version of this package wrote this ledger last. Run motherduck-tokens history upgrade with --history ${this.name} once.`,
        );
      }
      return work();
    });
  }

  /** Writes to the ledger, which is made or migrated where necessary. What `work` does takes effect as a whole or not at all. */
  write<T>(work: () => Promise<T>): Promise<T> {
    return this.hold((commit) => commit(work));
  }

  /**
   * Writes several times, while nobody else can: what `commit` is given takes effect as a whole or not at all, and stays
   * whatever comes later. Others wait as long as this takes.
   */
  hold<T>(work: (commit: <R>(write: () => Promise<R>) => Promise<R>) => Promise<T>): Promise<T> {
    const { database } = this;
    return database.attached("write", async () => {
      // The statements of an append are many and small: threads that wait for each other cost more than they save.
      await database.run("SET threads = 1");
      const found = await this.#find();
      if (!this.#isCurrent(found)) await database.transaction(() => this.#prepare(found));
      return work((write) => database.transaction(write));
    });
  }

  close(): void {
    this.database.close();
  }

  async #find(): Promise<Found> {
    const { database } = this;
    const [meta] = await database
      .rows(`SELECT format, schema_version, views, written_by FROM ${SCHEMA}.meta`)
      .catch(() => []);
    if (!meta) {
      const [tables] = await database.rows(
        `SELECT count(*)::INTEGER AS number FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $schema`,
        { schema: SCHEMA },
      );
      if (tables?.number === 0) return { kind: "nothing" };
    }
    const foreign = new AuditError(
      `${this.name}: its schema ${SCHEMA} is not a ledger of this package. Name another database.`,
    );
    if (meta?.format !== "motherduck-tokens" || typeof meta.schema_version !== "number") throw foreign;
    if (meta.schema_version > this.#migrations.length) {
      throw new AuditError(
        `${this.name}: version ${String(meta.written_by)} of this package wrote this ledger, with schema ${meta.schema_version}; this is ${version}, with schema ${this.#migrations.length}. Use that version or a newer one.`,
      );
    }
    return { kind: "ledger", version: meta.schema_version, views: String(meta.views) };
  }

  #isCurrent(found: Found): boolean {
    return found.kind === "ledger" && found.version === this.#migrations.length && found.views === VIEWS_DIGEST;
  }

  async #prepare(found: Found): Promise<void> {
    const { database } = this;
    const from = found.kind === "ledger" ? found.version : 0;
    if (found.kind === "nothing") await database.run(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    for (const migration of this.#migrations.slice(from)) await database.run(migration);
    const old = await database.rows(
      `SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND schema_name = $schema`,
      { schema: SCHEMA },
    );
    for (const { view_name: name } of old) await database.run(`DROP VIEW ${SCHEMA}."${String(name)}"`);
    for (const { name, sql } of VIEWS) await database.run(`CREATE VIEW ${SCHEMA}.${name} AS ${sql}`);
    await database.run(`UPDATE ${SCHEMA}.meta SET schema_version = $version, views = $views, written_by = $writer`, {
      ...{ version: this.#migrations.length, views: VIEWS_DIGEST, writer: version },
    });
  }
}
