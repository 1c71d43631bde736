import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { findChromium, isCi } from "../../../tools/browser/find-chromium";

describe("finding a Chromium", () => {
  let folder: string;
  const program = (name: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, "");
    chmodSync(file, 0o755);
    return file;
  };
  const find = (env: Record<string, string>, isRoot = true, install: () => void = () => assert.fail("installed")) =>
    findChromium(() => undefined, { env: { PATH: folder, ...env }, isRoot, install });
  const reasonOf = (found: ReturnType<typeof find>) => ("reason" in found ? found.reason : "");

  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-chromium-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("takes what CHROME_PATH names, and nothing else where that does not run", () => {
    program("chromium");
    const own = program("own");
    assert.deepEqual(find({ CHROME_PATH: own }), { path: own });
    assert.match(reasonOf(find({ CHROME_PATH: "/nowhere" })), /CHROME_PATH is \/nowhere/);
  });

  it("takes what is on PATH", () => {
    const file = program("google-chrome");
    assert.deepEqual(find({}), { path: file });
  });

  it("installs nothing outside CI, without root, or without apt-get", function () {
    if (!("reason" in find({}))) this.skip();
    program("apt-get");
    assert.match(reasonOf(find({})), /no Chromium on PATH/);
    assert.match(reasonOf(find({ CI: "true" }, false)), /no Chromium on PATH/);
    rmSync(path.join(folder, "apt-get"));
    assert.match(reasonOf(find({ CI: "true" })), /no Chromium on PATH/);
  });

  it("installs one in CI, and tells when that fails", function () {
    if (!("reason" in find({}))) this.skip();
    program("apt-get");
    const fails = () => {
      throw new Error("no network");
    };
    assert.match(reasonOf(find({ CI: "true" }, true, fails)), /apt-get failed: no network/);
    assert.match(reasonOf(find({ CI: "true" }, true, () => undefined)), /apt-get installed none/);
    const found = find({ CI: "true" }, true, () => void program("chromium"));
    assert.deepEqual(found, { path: path.join(folder, "chromium") });
  });

  it("knows CI by its variable", () => {
    assert.ok(isCi({ CI: "true" }));
    assert.ok(!isCi({ CI: "false" }));
    assert.ok(!isCi({}));
  });
});
