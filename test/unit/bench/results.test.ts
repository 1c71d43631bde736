import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { formatGoals, formatResults, formatState, median, type Results, type Row } from "../../../bench/results";
import { goals, scenarios } from "../../../bench/scenarios";

const row = (name: string, wallSeconds: number[], fields: Partial<Row> = {}): Row => ({
  name,
  wallSeconds,
  cpuSeconds: [],
  requests: 0,
  mostAtOnce: 0,
  ...fields,
});

const resultsOf = (...rows: Row[]): Results => ({
  date: "2026-01-02T03:04:05.678Z",
  machine: "2 processors",
  node: "20.0.0",
  pulumi: "3.0.0",
  sdk: "3.0.0",
  rows,
});

/** The cells of a table without its header. */
const cellsOf = (table: string) =>
  table
    .split("\n")
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()));

describe("the benchmark's table", () => {
  const results = resultsOf(
    row("empty", [1, 10, 2]),
    row("reads", [1]),
    row("trivial", [2, 20, 4], { cpuSeconds: [1, 1, 1] }),
    row("ours", [3, 30, 6], { cpuSeconds: [2, 3, 2], peakMiB: 99.6, requests: 7, mostAtOnce: 3, floor: ["trivial"] }),
    row("both", [6, 7], { floor: ["trivial", "reads"] }),
  );

  it("has medians, and ratios within a round", () => {
    assert.deepEqual(cellsOf(formatResults(results))[3], [
      ...["", "ours", "6.0 s", "3.00", "1.50", "2.0 s", "2.00", "100 MiB", "7", "3", ""],
    ]);
  });

  it("adds several floors up, over the rounds that all of them have", () => {
    assert.equal(cellsOf(formatResults(results))[4]?.[4], "2.00");
  });

  it("leaves out what was not measured", () => {
    assert.deepEqual(cellsOf(formatResults(results))[0], ["", "empty", "2.0 s", ...Array<string>(8).fill("")]);
  });

  it("shows how the ratios changed since an earlier run", () => {
    const before = resultsOf(row("empty", [2]), row("ours", [8]));
    const last = cellsOf(formatResults(results, before)).map((cells) => cells.at(-2));
    assert.deepEqual(last, ["", "new", "new", "4.00 → 3.00", "new"]);
  });

  it("compares all with a peer's command, if there is one", () => {
    const table = formatResults(
      resultsOf(row("empty", [1, 1]), row("ours", [3, 30]), row("peer", [2, 10], { isPeer: true })),
    );
    assert.match(table, /\| to peer \|/);
    assert.deepEqual(
      cellsOf(table).map((cells) => cells.at(-2)),
      ["0.30", "2.25", ""],
    );
  });

  it("tells the bytes a token", () => {
    const table = formatState(resultsOf(row("none", [1]), row("some", [1], { stateBytes: 2048, tokens: 10 })));
    assert.deepEqual(cellsOf(table), [["", "some", "10", "2 KiB", "205", ""]]);
  });

  it("tells what was to be reached, of what was measured", () => {
    const wanted = {
      organization: [
        { name: "ours", atMost: 5 },
        { name: "not measured", atMost: 5 },
      ],
      ratios: [
        { name: "ours", atMost: 1.2, floor: ["trivial"] },
        { name: "both", atMost: 1.2, floor: ["trivial", "reads"] },
        { name: "ours", atMost: 1.2, floor: ["not measured"] },
      ],
      memory: [
        { name: "large", atMost: 1.3, floor: ["ours", "reads"] },
        { name: "large", atMost: 1.3, floor: ["trivial"] },
        { name: "not measured", atMost: 1.3, floor: ["ours"] },
      ],
    };
    assert.deepEqual(
      cellsOf(formatGoals({ ...results, rows: [...results.rows, row("large", [1], { peakMiB: 298.8 })] }, wanted)).map(
        (cells) => cells[3],
      ),
      ["+ 4.0 s", "1.50 ×", "2.00 ×", "3.00 ×"],
    );
  });

  it("knows the median", () => {
    assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3]), median([])], [2, 2.5, undefined]);
  });
});

describe("the benchmark's scenarios", () => {
  const names = scenarios.map(({ name }) => name);

  it("have names of their own", () => {
    assert.equal(new Set(names).size, names.length);
  });

  it("have floors and goals that are measured", () => {
    const floors = scenarios.flatMap((scenario) => (scenario.kind === "preview" ? (scenario.floor ?? []) : []));
    const wanted = [...goals.organization, ...goals.ratios, ...goals.memory].map(({ name }) => name);
    floors.push(...[...goals.ratios, ...goals.memory].flatMap(({ floor }) => floor));
    for (const name of [...floors, ...wanted]) assert.ok(names.includes(name), name);
  });
});
