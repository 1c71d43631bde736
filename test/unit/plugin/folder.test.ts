import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";

const PLUGIN = path.resolve(__dirname, "../../../plugin");

describe("the plugin's folder, when it is installed", () => {
  let clone: string;
  const folder = () => path.join(clone, "plugin");
  const install = () => execFileSync("npm", ["run", "--silent", "postinstall"], { cwd: folder(), stdio: "pipe" });

  // A clone whose build leaves a mark.
  beforeEach(() => {
    clone = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-clone-"));
    const scripts = { "build:plugin": `node -e "fs.writeFileSync('built', '')"` };
    writeFileSync(path.join(clone, "package.json"), JSON.stringify({ name: "clone", version: "1.0.0", scripts }));
    const lock = { name: "clone", version: "1.0.0", lockfileVersion: 3, packages: { "": { name: "clone" } } };
    writeFileSync(path.join(clone, "package-lock.json"), JSON.stringify(lock));
    mkdirSync(folder());
    cpSync(path.join(PLUGIN, "package.json"), path.join(folder(), "package.json"));
  });
  afterEach(() => rmSync(clone, { recursive: true, force: true }));

  it("is built from the sources of the clone that it is in", () => {
    install();
    assert.ok(existsSync(path.join(clone, "built")));
  });

  it("is left as it is where it is built, as in the published package", () => {
    mkdirSync(path.join(folder(), "dist"));
    writeFileSync(path.join(folder(), "dist/main.js"), "");
    install();
    assert.ok(!existsSync(path.join(clone, "built")));
  });
});
