import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import { Database, type DuckDb } from "../../../history/duckdb";
import { Ledger } from "../../../history/ledger";
import { MIGRATIONS } from "../../../history/schema";
import { ROOT } from "../../../tools/sandbox";
import { failureOf } from "../support";
import { eventsOf, newPlace, query, record, token } from "./support";

const RUN = { now: 0, users: { ada: [token("a")] } };

/** Runs SQL on a file, as its owner might. */
async function own(place: string, sql: string): Promise<void> {
  const database = await Database.open(place, { env: {} });
  await database.attached("write", () => database.run(sql));
  database.close();
}

/** A process that holds a ledger open, until its standard input ends. */
async function holder(place: string, then = "") {
  const program = `
    const { Ledger } = require("./history/ledger");
    const { Staging } = require("./history/staging");
    void (async () => {
      const ledger = await Ledger.open(${JSON.stringify(place)}, { env: {} });
      await ledger.write(async () => {
        ${then}
        console.log("open");
        await new Promise((resolve) => process.stdin.on("end", resolve).resume());
      });
      ledger.close();
    })();`;
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], {
    ...{ cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] as const },
  });
  await once(child.stdout, "data");
  return child;
}

describe("a ledger", () => {
  it("begins in a database that holds other things, and leaves them alone", async () => {
    const place = newPlace();
    await own(place, "CREATE TABLE mine AS SELECT 42 AS answer");
    await record(place, RUN);
    assert.deepEqual(await query(place, "SELECT answer FROM main.mine"), [{ answer: 42 }]);
    assert.equal((await eventsOf(place)).length, 1);
  });

  it("is not read where there is none", async () => {
    const missing = newPlace();
    assert.match((await failureOf(() => query(missing, "SELECT 1"), AuditError)).message, /there is no such file/);
    const place = newPlace();
    await own(place, "CREATE TABLE mine AS SELECT 42 AS answer");
    assert.match((await failureOf(() => query(place, "SELECT 1"), AuditError)).message, /holds no ledger/);
  });

  for (const { title, content, says } of [
    { title: "a text", content: "no database at all", says: /it is not a DuckDB database: name another file/ },
    { title: "an empty file", content: "", says: /it is not a DuckDB database, but an empty file: remove it/ },
  ]) {
    it(`is not made of ${title}, which stays as it is`, async () => {
      const place = newPlace();
      writeFileSync(place, content);
      assert.match((await failureOf(() => record(place, RUN), AuditError)).message, says);
      assert.equal(readFileSync(place, "utf8"), content);
    });
  }

  it("is not made in a folder that is not there", async () => {
    const { message } = await failureOf(() => record("/no/such/folder/a.duckdb", RUN), AuditError);
    assert.match(message, /^\/no\/such\/folder\/a\.duckdb: DuckDB cannot open it: IO Error/);
  });

  it("is not made of a schema of the same name that is another's", async () => {
    for (const sql of ["CREATE TABLE token_ledger.other (a INT)", "CREATE TABLE token_ledger.meta (a INT)"]) {
      const place = newPlace();
      await own(place, `CREATE SCHEMA token_ledger; ${sql}`);
      assert.match((await failureOf(() => record(place, RUN), AuditError)).message, /token_ledger is not a ledger/);
    }
  });

  it("of a newer version is neither read nor written", async () => {
    const place = newPlace();
    await record(place, RUN);
    await own(place, "UPDATE token_ledger.meta SET schema_version = 99, written_by = '9.9.9'");
    for (const use of [() => record(place, { ...RUN, now: 1 }), () => query(place, "SELECT 1")]) {
      const { message } = await failureOf(use, AuditError);
      assert.match(message, /version 9\.9\.9 of this package wrote this ledger, with schema 99.*newer one/);
    }
  });

  it("of an older version is migrated, with all that is in it, by whoever writes next", async () => {
    const place = newPlace();
    await record(place, RUN);
    const newer = [...MIGRATIONS, "ALTER TABLE token_ledger.runs ADD COLUMN remark VARCHAR DEFAULT 'none'"];
    const ledger = await Ledger.open(place, { env: {} }, newer);
    const read = () => ledger.read(() => ledger.database.rows("SELECT run_id, remark FROM token_ledger.runs"));
    assert.match((await failureOf(read, AuditError)).message, /history upgrade/);
    await ledger.write(() => Promise.resolve());
    assert.deepEqual(await read(), [{ run_id: 1, remark: "none" }]);
    ledger.close();
    assert.match((await failureOf(() => eventsOf(place), AuditError)).message, /schema 2; this is .*, with schema 1/);
  });

  it("has a token's description from when it is told; nothing has happened to the token", async () => {
    const place = newPlace();
    await record(place, RUN);
    await record(place, { now: 1, users: { ada: [{ ...token("a"), description: "For the dashboards" }] } });
    assert.deepEqual(await query(place, "SELECT description FROM token_ledger.current_tokens"), [
      { description: "For the dashboards" },
    ]);
    assert.deepEqual(await query(place, "SELECT event FROM token_ledger.events WHERE run_id = 2"), []);
  });

  it("has a user's roles from when they are told, and never an e-mail address; nothing has happened to the token", async () => {
    const place = newPlace();
    await record(place, RUN);
    const person = { email: "ada@example.com", roles: ["builder", "admin"] };
    const sorted = { ...person, roles: ["admin", "builder"] };
    for (const [now, details] of [person, sorted].entries()) {
      await record(place, { now: now + 1, users: { ada: { ...details, tokens: [token("a")] } } });
    }
    assert.deepEqual(await query(place, "SELECT roles FROM token_ledger.current_tokens"), [
      { roles: '["admin","builder"]' },
    ]);
    assert.deepEqual(await query(place, "SELECT count(*)::INTEGER AS states FROM token_ledger.states"), [
      { states: 2 },
    ]);
    assert.deepEqual(await query(place, "SELECT event FROM token_ledger.events WHERE run_id > 1"), []);
    assert.ok(!readFileSync(place).includes("ada@example.com"));
  });

  it("whose migration fails is as it was", async () => {
    const place = newPlace();
    await record(place, RUN);
    const broken = [...MIGRATIONS, "ALTER TABLE token_ledger.runs ADD COLUMN remark VARCHAR; SELECT no_such_thing"];
    const ledger = await Ledger.open(place, { env: {} }, broken);
    const { message } = await failureOf(() => ledger.write(() => Promise.resolve()));
    assert.match(message, /no_such_thing/);
    ledger.close();
    assert.equal((await eventsOf(place)).length, 1);
  });

  it("has its views made anew where another version made them", async () => {
    const place = newPlace();
    await record(place, RUN);
    await own(place, "UPDATE token_ledger.meta SET views = 'old'; DROP VIEW token_ledger.expiring_tokens");
    await record(place, { ...RUN, now: 1 });
    assert.equal((await query(place, "FROM token_ledger.expiring_tokens")).length, 0);
  });

  it("is one small file, without a log beside it", async () => {
    const place = newPlace();
    const users = Array.from({ length: 100 }, (_, index) => [`user${index}`, [token(`t${index}`)]] as const);
    await record(place, { now: 0, users: Object.fromEntries(users) });
    const folder = path.dirname(place);
    const name = path.basename(place);
    assert.deepEqual(
      readdirSync(folder).filter((file) => file.startsWith(name)),
      [name],
    );
    // DuckDB's default blocks make it 2.5 MiB.
    assert.ok(statSync(place).size < 1.25 * 2 ** 20, String(statSync(place).size));
  });

  describe("that another process has locked", () => {
    it("is waited for", async () => {
      const place = newPlace();
      await record(place, RUN);
      const child = await holder(place);
      setTimeout(() => child.stdin.end(), 300);
      await record(place, { ...RUN, now: 1 });
      assert.equal((await query(place, "FROM token_ledger.runs")).length, 2);
    });

    it("is an error after a while, which says what to do", async () => {
      const place = newPlace();
      await record(place, RUN);
      const child = await holder(place);
      const ledger = await Ledger.open(place, { env: {}, waitMs: 250 });
      const { message } = await failureOf(() => ledger.read(() => Promise.resolve()), AuditError);
      ledger.close();
      assert.match(message, /another process has locked this ledger for 0 s\. Run again when it has ended/);
      child.stdin.end();
      await once(child, "exit");
    });

    it("and that was killed while it wrote has every earlier run, and nothing of the last one", async () => {
      const place = newPlace();
      await record(place, RUN);
      const child = await holder(
        place,
        `await ledger.database.run("INSERT INTO token_ledger.observations SELECT 2, user_id, state_id, verdict_id, order_at, observed_at, until_at, in_order FROM token_ledger.observations, range(500000)");`,
      );
      child.kill("SIGKILL");
      await once(child, "exit");
      assert.equal((await query(place, "FROM token_ledger.observations")).length, 2);
      await record(place, { ...RUN, now: 1 });
      assert.equal((await query(place, "FROM token_ledger.runs")).length, 2);
      rmSync(`${place}.wal`, { force: true });
    });
  });

  it("loads no extensions, and could download none", async () => {
    const place = newPlace();
    await record(place, RUN);
    const [settings] = await query(
      place,
      "SELECT current_setting('autoinstall_known_extensions') AS install, current_setting('autoload_known_extensions') AS load",
    );
    assert.deepEqual(settings, { install: false, load: false });
  });

  it("takes a bounded part of the machine's memory, and a folder for the rest", async () => {
    const place = newPlace();
    await record(place, RUN);
    const [settings] = await query(
      place,
      "SELECT current_setting('memory_limit') AS memory, current_setting('temp_directory') AS folder",
    );
    assert.equal(settings?.memory, "512.0 MiB");
    assert.equal(path.dirname(String(settings.folder)), tmpdir());
  });

  describe("in MotherDuck", () => {
    const SECRET = "secret-token-of-the-database";
    /** DuckDB as it is, but for MotherDuck's own statements, which are written down. */
    async function handedOver(place: string, env: NodeJS.ProcessEnv) {
      const { DuckDBInstance } = await import("@duckdb/node-api");
      const handed: unknown[] = [];
      const load = () =>
        Promise.resolve({
          DuckDBInstance: {
            create: async (name: string, options: unknown) => {
              const { temp_directory: folder, ...others } = options as Record<string, string>;
              assert.equal(path.dirname(folder ?? ""), tmpdir());
              handed.push([name, others]);
              const instance = await DuckDBInstance.create(":memory:");
              const connect = instance.connect.bind(instance);
              instance.connect = async () => {
                const connection = await connect();
                const run = connection.run.bind(connection);
                connection.run = (sql, ...rest) => {
                  if (!/^(INSTALL|LOAD|SET motherduck|ATTACH|DETACH|USE)/.test(sql)) return run(sql, ...rest);
                  handed.push(sql);
                  // A database of that name, which the one in memory stands in for.
                  const standsIn = sql.startsWith("ATTACH")
                    ? "ATTACH IF NOT EXISTS ':memory:' AS governance"
                    : "SELECT 1";
                  return run(sql.startsWith("USE") ? sql : standsIn, ...rest);
                };
                return connection;
              };
              return instance;
            },
          },
        } as unknown as DuckDb);
      const ledger = await Ledger.open(place, { env, load });
      await ledger.write(() => Promise.resolve());
      await ledger.read(() => ledger.database.rows("FROM token_ledger.events"));
      ledger.close();
      return handed;
    }

    it("gets the same statements as a file, and the token of its own variable", async () => {
      const handed = await handedOver("md:governance", { motherduck_token: SECRET, MOTHERDUCK_TOKEN: "the API token" });
      assert.deepEqual(handed, [
        [":memory:", { memory_limit: "512MiB" }],
        ...["INSTALL motherduck", "LOAD motherduck", `SET motherduck_token = '${SECRET}'`],
        ...["ATTACH IF NOT EXISTS 'md:governance'", 'USE "governance"', "USE memory", 'DETACH "governance"'],
        ...["ATTACH IF NOT EXISTS 'md:governance'", 'USE "governance"', "USE memory", 'DETACH "governance"'],
      ]);
    });

    it("is not opened with the API token of the audit", async () => {
      const env = { MOTHERDUCK_TOKEN: "x", MOTHERDUCK_ADMIN_TOKEN: "x", MOTHERDUCK_API_TOKEN: "x" };
      const { message } = await failureOf(() => Ledger.open("md:governance", { env }), AuditError);
      assert.match(message, /^md:governance: set motherduck_token/);
    });

    it("has a name, and no token in it", async () => {
      const env = { motherduck_token: SECRET };
      assert.match((await failureOf(() => Ledger.open("md:", { env }), AuditError)).message, /name the database/);
      const place = `md:governance?motherduck_token=${SECRET}`;
      const { message } = await failureOf(() => Ledger.open(place, { env }), AuditError);
      assert.match(message, /others can see a command's arguments/);
      assert.ok(!message.includes(SECRET));
    });

    it("that cannot be reached is an error without the token", async () => {
      const env = { motherduck_token: SECRET };
      const load = async () => {
        const { DuckDBInstance } = await import("@duckdb/node-api");
        // Where the extension would come from, nobody answers: tests send nothing to anybody.
        const nowhere = {
          custom_extension_repository: "http://127.0.0.1:1",
          extension_directory: `${newPlace()}.extensions`,
        };
        return {
          DuckDBInstance: { create: (name: string) => DuckDBInstance.create(name, nowhere) },
        } as unknown as DuckDb;
      };
      const { message } = await failureOf(() => Ledger.open("md:governance", { env, load }), AuditError);
      assert.match(message, /^md:governance: DuckDB cannot open it: .*127\.0\.0\.1/);
      assert.ok(!message.includes(SECRET));
    });
  });

  it("needs DuckDB, and says what to install where that is missing", async () => {
    const program = `
      const Module = require("node:module");
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...rest) => {
        if (name === "@duckdb/node-api") throw Object.assign(new Error("Cannot find module '" + name + "'"), { code: "MODULE_NOT_FOUND" });
        return resolve(name, ...rest);
      };
      require("./history/ledger").Ledger.open("a.duckdb", { env: {} }).catch(({ name, message }) => console.log(name + ": " + message));`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], { cwd: ROOT });
    const [text] = (await once(child.stdout, "data")) as [Buffer];
    assert.equal(
      text.toString(),
      "AuditError: a ledger needs DuckDB, which is not installed. Run: npm install @duckdb/node-api\n",
    );
  });
});
