import assert from "node:assert/strict";
import { closeSync, linkSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { findFileConflict } from "../../../cli/find-file-conflict";

type Options = Parameters<typeof findFileConflict>[0];

describe("the files of an audit", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "motherduck-tokens-files-"));
    for (const name of ["state.json", "out.json", "baseline.json"]) writeFileSync(in_(name), "before");
    mkdirSync(in_("sub"));
    symlinkSync("state.json", in_("link-to-state"));
    symlinkSync(in_("link-to-state"), in_("link-to-link"));
    linkSync(in_("state.json"), in_("hard-link"));
    symlinkSync("sub/new.json", in_("dangling"));
    symlinkSync("sub", in_("link-to-sub"));
    symlinkSync("circle", in_("circle"));
    symlinkSync("no/folder/new.json", in_("lost"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const in_ = (name: string) => path.join(folder, name);
  const reports = (...files: string[]): Pick<Options, "report" | "quiet"> => ({
    report: files.map((file) => ({ format: "json", file: in_(file) })),
  });

  /** What is found, with paths relative to the folder. */
  function conflict(options: Options, env: NodeJS.ProcessEnv = {}, descriptors = { stdin: -1, stdout: -1 }): string {
    return findFileConflict(options, env, descriptors)?.replaceAll(`${folder}${path.sep}`, "") ?? "none";
  }

  for (const [title, first, second] of [
    ["the same path", "out.json", "out.json"],
    ["a path that is written differently", "out.json", "sub/../out.json"],
    ["a link", "state.json", "link-to-state"],
    ["a link to a link", "state.json", "link-to-link"],
    ["a hard link", "state.json", "hard-link"],
    ["a link to a file that is not there yet", "sub/new.json", "dangling"],
    ["a folder that is a link, with a file that is not there yet", "sub/new.json", "link-to-sub/new.json"],
    ["two links to a file that is not there yet", "dangling", "link-to-sub/new.json"],
    ["a name that differs by case, before either is there", "sub/new.json", "sub/New.json"],
  ] as const) {
    it(`are not written twice: ${title}`, () => {
      const names = first === path.normalize(second) ? first : `${first} and ${second} are one file, which`;
      assert.equal(conflict(reports(first, second)), `${names} would be written twice`);
      assert.match(conflict({ ...reports(first), writeBaseline: in_(second) }), /would be written twice$/);
    });
  }

  for (const [title, input, output] of [
    ["the same path", "state.json", "state.json"],
    ["a path that is written differently", "state.json", "sub/../state.json"],
    ["a link to the input", "state.json", "link-to-state"],
    ["an input that is a link", "link-to-state", "state.json"],
    ["two links", "link-to-link", "link-to-state"],
    ["a hard link", "state.json", "hard-link"],
  ] as const) {
    it(`are not read and overwritten: ${title}`, () => {
      for (const name of ["state", "events", "config", "baseline"] as const) {
        assert.match(conflict({ ...reports(output), [name]: in_(input) }), /would be read and overwritten$/, name);
      }
      assert.match(conflict({ state: in_(input), writeBaseline: in_(output) }), /would be read and overwritten$/);
    });
  }

  it("hold the settings file of the environment, too", () => {
    const env = { MOTHERDUCK_TOKENS_CONFIG: in_("state.json") };
    assert.equal(
      conflict(reports("link-to-state"), env),
      "state.json and link-to-state are one file, which would be read and overwritten",
    );
    assert.equal(conflict({ ...reports("link-to-state"), config: in_("out.json") }, env), "none");
  });

  it("may renew a baseline in its place, also by a link", () => {
    symlinkSync("baseline.json", in_("link-to-baseline"));
    const baseline = in_("baseline.json");
    assert.equal(conflict({ baseline, writeBaseline: baseline }), "none");
    assert.equal(conflict({ baseline, writeBaseline: in_("link-to-baseline") }), "none");
    assert.match(conflict({ baseline, ...reports("link-to-baseline") }), /would be read and overwritten/);
  });

  it("are those of standard input and output, too", () => {
    const [stdin, stdout] = [openSync(in_("state.json"), "r"), openSync(in_("out.json"), "w")];
    try {
      const run = (options: Options) => conflict(options, {}, { stdin, stdout });
      assert.equal(run(reports("out.json")), "out.json and standard output are one file, which would be written twice");
      assert.equal(run({ ...reports("out.json"), quiet: true }), "none");
      assert.equal(
        run({ ...reports("hard-link"), state: "-" }),
        "standard input and hard-link are one file, which would be read and overwritten",
      );
      assert.equal(run({ ...reports("hard-link") }), "none");
      assert.equal(
        conflict({ events: "-" }, {}, { stdin, stdout: stdin }),
        "standard input and standard output are one file, which would be read and overwritten",
      );
    } finally {
      closeSync(stdin);
      closeSync(stdout);
    }
  });

  it("may be the null device as often as wanted", () => {
    const report = [1, 2].map(() => ({ format: "csv", file: os.devNull }) as const);
    const stdout = openSync(os.devNull, "w");
    assert.equal(conflict({ report }, {}, { stdin: -1, stdout }), "none");
    closeSync(stdout);
  });

  it("are different where they are", () => {
    assert.equal(conflict({ state: in_("state.json"), ...reports("out.json", "sub/out.json", "dangling") }), "none");
  });

  it("need their folder, also where a link leads", () => {
    assert.equal(conflict(reports("no/folder/a")), "there is no folder no/folder: create it first");
    assert.equal(conflict(reports("lost")), "there is no folder no/folder: create it first");
    assert.equal(conflict({ writeBaseline: in_("no/folder/a") }), "there is no folder no/folder: create it first");
  });

  it("may be a link that leads in a circle: whoever opens it is told", () => {
    assert.equal(conflict(reports("circle")), "none");
  });
});
