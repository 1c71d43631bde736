import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { SettingsError } from "../../../client/errors";
import { createGuardCache, type GuardCache, type GuardCacheOptions } from "../../../policies/guard-cache";
import { failureOf, userToken } from "../support";

const KEY = "canary-7d01-this-is-not-a-real-token";
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const users = [{ username: "ada", isServiceAccount: false, isDeprovisioned: false }];
const tokens = [userToken({ id: "a" })];
const adaAt = (fetchedAt: string) => ({ username: "ada", tokens, fetchedAt });

describe("the guard's cache", () => {
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-cache-"));
    folder = path.join(home, "motherduck-tokens", "guard");
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const open = (options: Partial<GuardCacheOptions> = {}): GuardCache =>
    createGuardCache({
      maxAgeMinutes: 10,
      apiUrl: "https://api.motherduck.com",
      key: KEY,
      env: { PULUMI_HOME: home },
      ...options,
    });
  const save = (fetchedAt = minutesAgo(0), options = {}) => open(options).save(users, [adaAt(fetchedAt)]);

  /** The one file. */
  function fileIn(): string {
    const [name = "", ...others] = readdirSync(folder);
    assert.deepEqual(others, []);
    return path.join(folder, name);
  }

  /** Writes what has the right signature, whatever it is. */
  function writeSigned(content: unknown): void {
    save();
    const body = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(fileIn(), `${createHmac("sha256", KEY).update(body).digest("hex")}\n${body}`);
  }

  it("holds nothing at first", () => {
    const cache = open();
    assert.deepEqual([cache.users, cache.find("ada")], [undefined, undefined]);
  });

  it("gives what another run saved, and nobody else", () => {
    const fetchedAt = minutesAgo(5);
    save(fetchedAt);
    const cache = open();
    assert.deepEqual(cache.users, users);
    assert.deepEqual(cache.find("ada"), { kind: "tokens", tokens, fetchedAt });
    for (const name of ["eve", "constructor", "__proto__", ""]) assert.equal(cache.find(name), undefined, name);
  });

  it("is below the user's home where PULUMI_HOME says nothing", () => {
    const before = process.env.HOME;
    process.env.HOME = home;
    try {
      save(minutesAgo(0), { env: {} });
    } finally {
      if (before === undefined) delete process.env.HOME;
      else process.env.HOME = before;
    }
    assert.equal(readdirSync(path.join(home, ".pulumi", "motherduck-tokens", "guard")).length, 1);
  });

  it("is for its owner alone, and holds no API token", () => {
    save();
    assert.equal(lstatSync(folder).mode & 0o777, 0o700);
    assert.equal(lstatSync(fileIn()).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(fileIn(), "utf8") + fileIn(), /canary/);
  });

  it("forgets what is too old, token lists and the listing each by their own time", () => {
    save(minutesAgo(11));
    assert.deepEqual([open().users, open().find("ada")], [users, undefined]);
    writeSigned({ version: 1, listing: { fetchedAt: minutesAgo(11), users }, tokens: { ada: adaAt(minutesAgo(9)) } });
    assert.equal(open().users, undefined);
    assert.ok(open().find("ada"));
  });

  it("does not believe a time that is still to come, or is none", () => {
    for (const fetchedAt of [minutesAgo(-5), "yesterday", ""]) {
      writeSigned({ version: 1, listing: { fetchedAt, users }, tokens: { ada: { fetchedAt, tokens } } });
      assert.deepEqual([open().users, open().find("ada")], [undefined, undefined], fetchedAt);
    }
  });

  it("keeps the time of the listing, however often it is saved", () => {
    const fetchedAt = minutesAgo(9);
    writeSigned({ version: 1, listing: { fetchedAt, users }, tokens: {} });
    save();
    assert.match(readFileSync(fileIn(), "utf8"), new RegExp(fetchedAt));
    assert.deepEqual(open({ maxAgeMinutes: 8 }).users, undefined);
  });

  it("keeps users that this run did not read as long as they are recent", () => {
    const eve = { username: "eve", tokens: [], fetchedAt: minutesAgo(9) };
    open().save(users, [eve, { ...eve, username: "old", fetchedAt: minutesAgo(11) }]);
    open().save(undefined, [adaAt(minutesAgo(0))]);
    assert.deepEqual(
      ["eve", "ada", "old"].map((name) => open({ maxAgeMinutes: 60 }).find(name) !== undefined),
      [true, true, false],
    );
  });

  it("never finds a user of whom nobody told when the tokens were read", () => {
    open().save(undefined, [{ username: "ada", tokens }]);
    assert.deepEqual([open().users, open().find("ada")], [undefined, undefined]);
  });

  it("keeps two addresses apart, and two API tokens", () => {
    save();
    for (const other of [{ apiUrl: "https://eu.example.com" }, { key: "another" }]) {
      assert.equal(open(other).find("ada"), undefined);
      save(minutesAgo(0), other);
    }
    assert.equal(readdirSync(folder).length, 3);
  });

  it("takes a file that another API token signed for none, also under the right name", () => {
    save(minutesAgo(0), { key: "another" });
    const foreign = fileIn();
    save();
    const [own = ""] = readdirSync(folder).filter((name) => path.join(folder, name) !== foreign);
    renameSync(foreign, path.join(folder, own));
    assert.equal(open().find("ada"), undefined);
  });

  for (const [title, damage] of [
    ["empty", () => ""],
    ["cut off", (text: string) => text.slice(0, -10)],
    ["without a signature", (text: string) => text.slice(text.indexOf("\n") + 1)],
    ["changed by a letter", (text: string) => text.replace(`"read_write"`, `"read_wrote"`)],
    ["signed by a text of the same length", (text: string) => "0".repeat(64) + text.slice(64)],
  ] as const) {
    it(`takes a file that is ${title} for none, and writes it anew`, () => {
      save();
      writeFileSync(fileIn(), damage(readFileSync(fileIn(), "utf8")));
      assert.deepEqual([open().users, open().find("ada")], [undefined, undefined]);
      save();
      assert.ok(open().find("ada"));
    });
  }

  it("takes signed content that it does not know for none", () => {
    const good = {
      listing: { fetchedAt: minutesAgo(1), users },
      tokens: { ada: { fetchedAt: minutesAgo(1), tokens } },
    };
    for (const content of ["{", { ...good, version: 2 }]) {
      writeSigned(content);
      assert.deepEqual([open().users, open().find("ada")], [undefined, undefined]);
    }
    writeSigned({ ...good, version: 1, tokens: { ada: { fetchedAt: minutesAgo(1), tokens: [{ id: 1 }] } } });
    assert.equal(open().find("ada"), undefined);
  });

  it("is not used where others may enter its folder", async () => {
    save();
    for (const mode of [0o750, 0o705, 0o777]) {
      chmodSync(folder, mode);
      const { message } = await failureOf(() => open(), SettingsError);
      assert.match(message, /open to others.*chmod 700/);
      assert.ok(message.includes(folder));
    }
    chmodSync(folder, 0o700);
    assert.ok(open().find("ada"));
  });

  it("is not used where its folder is a link, or another user's", async () => {
    const elsewhere = path.join(home, "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(path.dirname(folder));
    symlinkSync(elsewhere, folder);
    // A link is open to all on some systems, and to its owner alone on others.
    await failureOf(() => open(), SettingsError);
    rmSync(folder);
    save();
    const { getuid } = process;
    try {
      process.getuid = () => lstatSync(folder).uid + 1;
      const { message } = await failureOf(() => open(), SettingsError);
      assert.match(message, /is not a folder of this user/);
    } finally {
      if (getuid) process.getuid = getuid;
    }
  });

  it("does not ask for an owner where the system has none", () => {
    save();
    const { getuid } = process;
    try {
      delete process.getuid;
      assert.ok(open().find("ada"));
    } finally {
      if (getuid) process.getuid = getuid;
    }
  });

  it("goes without where nothing can be written, and leaves nothing behind", () => {
    save();
    const file = fileIn();
    rmSync(file);
    mkdirSync(file);
    save();
    assert.equal(fileIn(), file);
    assert.equal(open().find("ada"), undefined);
    const cache = open();
    rmSync(folder, { recursive: true });
    cache.save(users, [adaAt(minutesAgo(0))]);
    assert.deepEqual(readdirSync(path.dirname(folder)), []);
  });

  it("is an error where its folder cannot be made", async () => {
    writeFileSync(path.join(home, "file"), "");
    await failureOf(() => open({ env: { PULUMI_HOME: path.join(home, "file") } }));
  });
});
