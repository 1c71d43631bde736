import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { ROOT } from "../../../tools/sandbox";
import { temporaryFile } from "../support";

/** The files of the built pack that a start loads, by name. */
describe("the built pack", () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-pack-"));
    await execa(process.execPath, ["tools/build.mjs", "pack"], { cwd: ROOT });
    cpSync(path.join(ROOT, "policies"), folder, { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true }));

  /** What the pack in the copied folder has loaded of its own files once it serves. */
  async function loadedBy(settings: string): Promise<string[]> {
    const code = `
      const path = require("node:path");
      console.log = () => {
        process.stdout.write(JSON.stringify(Object.keys(require.cache).filter((file) => file.startsWith(process.env.FOLDER) && file.endsWith(".js"))));
        process.exit(0);
      };
      require(path.join(process.env.FOLDER, "dist/pack.js"));`;
    const env = {
      ...process.env,
      FOLDER: folder,
      NODE_PATH: path.join(ROOT, "node_modules"),
      MOTHERDUCK_TOKENS_CONFIG: temporaryFile("settings.yaml", settings),
    };
    const { stdout } = await execa(process.execPath, ["-e", code], { env, extendEnv: false, timeout: 50_000 });
    return (JSON.parse(stdout) as string[]).map((file) => path.basename(file)).sort();
  }

  it("starts without its HTTP client, whatever is configured: it is loaded for the first read", async () => {
    for (const settings of ["{}", "guard: everybody", "preset: strict"]) {
      assert.deepEqual(await loadedBy(settings), ["pack.js"], settings);
    }
  }).timeout(60_000);

  it("loads RE2 where a setting is a pattern, and there alone", async () => {
    const pattern = "rules: { token-name-required: { pattern: '^[a-z]+$' } }";
    assert.deepEqual(await loadedBy(pattern), ["pack.js", "re2.js"]);
    assert.deepEqual(await loadedBy("rules: { token-name-required: advisory }"), ["pack.js"]);
  }).timeout(60_000);

  it("has the HTTP client and RE2 in files of their own, and nothing of them in the one that starts", () => {
    const has = (file: string, text: RegExp) => text.test(readFileSync(path.join(folder, "dist", file), "utf8"));
    for (const [file, text] of [
      ["own-reader.js", /axios/i],
      ["re2.js", /UnicodeTables/],
    ] as const) {
      assert.deepEqual([has("pack.js", text), has(file, text)], [false, true], file);
    }
  });
}).timeout(60_000);
