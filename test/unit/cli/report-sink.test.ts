import assert from "node:assert/strict";
import { once } from "node:events";
import { lstatSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { PassThrough, Writable } from "node:stream";
import { execa } from "execa";
import { describe, it } from "mocha";
import { AuditError } from "../../../audit/audit-error";
import { fileSink, streamSink } from "../../../cli/report-sink";
import { ROOT } from "../../../tools/sandbox";
import { failureOf, temporaryFile } from "../support";

describe("a report's file", () => {
  it("holds what was there before until the report is whole, and the report afterwards", async () => {
    const file = temporaryFile("whole.txt", "before");
    const sink = await fileSink(file);
    await sink.write("one ");
    await sink.write("");
    await sink.write("two");
    assert.equal(readFileSync(file, "utf8"), "before");
    await sink.commit();
    assert.equal(readFileSync(file, "utf8"), "one two");
    assert.deepEqual(draftsOf(file), []);
  });

  it("holds what was there before where the report is given up", async () => {
    const file = temporaryFile("given-up.txt", "before");
    const sink = await fileSink(file);
    await sink.write("half");
    await sink.discard();
    assert.equal(readFileSync(file, "utf8"), "before");
    assert.deepEqual(draftsOf(file), []);
  });

  it("is refused where it cannot be written: no folder", async () => {
    const { message } = await failureOf(() => fileSink("/no/such/folder/report.txt"), AuditError);
    assert.match(message, /^\/no\/such\/folder\/report\.txt: the report cannot be written \(ENOENT\)/);
  });

  it("is refused where it cannot be written: a folder of that name, which stays", async () => {
    const folder = path.dirname(temporaryFile("beside.txt", ""));
    const { message } = await failureOf(() => fileSink(folder), AuditError);
    assert.match(message, /the report cannot be written \(EISDIR\)/);
    assert.deepEqual(draftsOf(folder), []);
  });

  it("is written where a link leads, and the link stays", async () => {
    const file = temporaryFile("linked.txt", "before");
    const link = `${file}.link`;
    symlinkSync(file, link);
    const sink = await fileSink(link);
    await sink.write("report");
    await sink.commit();
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(file, "utf8"), "report");
  });

  it("is written where a link leads that led to nothing, and the link stays", async () => {
    const file = `${temporaryFile("dangling.txt", "")}.new`;
    const link = `${file}.link`;
    symlinkSync(path.basename(file), link);
    const sink = await fileSink(link);
    await sink.write("report");
    await sink.commit();
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(file, "utf8"), "report");
  });

  it("is refused where it is a link that leads in a circle, which stays", async () => {
    const link = `${temporaryFile("circle.txt", "")}.link`;
    symlinkSync(path.basename(link), link);
    const { message } = await failureOf(() => fileSink(link), AuditError);
    assert.ok(message.startsWith(`${link}: the report cannot be written (ELOOP)`), message);
    assert.ok(lstatSync(link).isSymbolicLink());
  });

  it("is written to directly where it is a pipe or a device, which stays", async () => {
    const pipe = `${temporaryFile("pipe", "")}.fifo`;
    await execa("mkfifo", [pipe]);
    const reader = execa("cat", [pipe]);
    for (const target of [pipe, "/dev/null"]) {
      const sink = await fileSink(target);
      await sink.write("report");
      await sink.commit();
      assert.ok(!lstatSync(target).isFile());
      assert.deepEqual(draftsOf(target), []);
    }
    assert.equal((await reader).stdout, "report");
  });

  it("tells why it cannot be written, however often it is tried: no space", async () => {
    const sink = await fileSink("/dev/full");
    for (const step of [() => sink.write("report"), () => sink.write("more"), () => sink.commit()]) {
      assert.match(
        (await failureOf(step, AuditError)).message,
        /^\/dev\/full: the report cannot be written \(ENOSPC\)/,
      );
    }
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`holds what was there before where ${signal} ends the process, and nothing stays beside it`, async () => {
      const file = temporaryFile(`${signal}.txt`, "before");
      const program = `require("./cli/report-sink").fileSink(${JSON.stringify(file)})
        .then((sink) => sink.write("half")).then(() => { console.log("written"); setInterval(() => {}, 1000); });`;
      const child = execa("node", ["-r", "ts-node/register/transpile-only", "-e", program], {
        cwd: ROOT,
        reject: false,
      });
      await once(child.stdout, "data");
      assert.equal(draftsOf(file).length, 1);
      child.kill(signal);
      assert.equal((await child).signal, signal);
      assert.deepEqual([draftsOf(file), readFileSync(file, "utf8")], [[], "before"]);
    });
  }

  const draftsOf = (file: string) =>
    readdirSync(path.dirname(file)).filter((name) => name.startsWith(`${path.basename(file)}.`));
});

describe("standard output", () => {
  it("gets the text as it comes, and waits where it is slow", async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const sink = streamSink(stream);
    const written = sink.write("slow").then(() => sink.write("er"));
    assert.equal(String(await new Promise((resolve) => stream.once("data", resolve))), "slow");
    stream.resume();
    await written;
  });

  it("may be closed by its reader: the other reports go on", async () => {
    const sink = streamSink(refusing("EPIPE"));
    await sink.write("one");
    await sink.write("two");
    await sink.commit();
    await sink.discard();
  });

  it("is an error where it cannot be written: no report may be cut off silently", async () => {
    const sink = streamSink(refusing("ENOSPC"));
    await sink.write("one");
    const { message } = await failureOf(() => sink.write("two"), AuditError);
    assert.match(message, /^standard output: the report cannot be written \(ENOSPC\)/);
    const short = streamSink(refusing("EIO", 100));
    await short.write("one");
    const late = await failureOf(() => short.commit(), AuditError);
    assert.match(late.message, /^standard output: the report cannot be written \(EIO\)/);
  });

  const refusing = (code: string, highWaterMark = 1) =>
    new Writable({ highWaterMark, write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
});
