import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { findsProvider } from "../../../provider/refuse-unreachable";
import { ROOT } from "../../../tools/sandbox";

describe("the provider, looked for from the program's folder,", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-reach-"));
  const link = (...parts: string[]) => {
    mkdirSync(path.join(folder, ...parts, "node_modules"), { recursive: true });
    symlinkSync(ROOT, path.join(folder, ...parts, "node_modules/pulumi-motherduck-tokens"), "junction");
  };
  before(() => {
    link("direct");
    link("hoisted");
    mkdirSync(path.join(folder, "hoisted/infra"));
    link("nested/node_modules/library");
    writeFileSync(path.join(folder, "nested/package.json"), "{}");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is found in its own `node_modules` and in those of the folders above", () => {
    assert.equal(findsProvider(path.join(folder, "direct")), true);
    assert.equal(findsProvider(path.join(folder, "hoisted/infra")), true);
  });

  it("is not found in those of a dependency", () => {
    assert.equal(findsProvider(path.join(folder, "nested")), false);
    assert.equal(findsProvider(path.join(folder, "nested/node_modules/library")), true);
  });
});
