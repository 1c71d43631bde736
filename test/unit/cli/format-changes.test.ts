import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { CHANGE_FORMATS, formatChanges } from "../../../cli/format-changes";
import type { Changes } from "../../../history/changes";

const RUN = {
  run_id: 2,
  judged_at: "2026-01-02T00:00:00Z",
  source_name: "https://api.example.com",
  users: 3,
  failures: 0,
  is_complete: true,
};

const EVENT = {
  event: "revoked",
  organization: "acme",
  username: "ada",
  token_id: "t1",
  name: "a|b",
  successor_id: null,
  before: null,
  after_at: "2026-01-01T00:00:00Z",
  by_at: "2026-01-02T00:00:00Z",
};

const FINDING = {
  change: "new",
  rule: "inventory-covered",
  message: "zoe is not there",
  organization: null,
  username: null,
  token_id: null,
  after_at: null,
  by_at: "2026-01-02T00:00:00Z",
};

const changes = (fields: Partial<Changes> = {}): Changes => ({ run: RUN, events: [], findings: [], ...fields });

describe("what changed", () => {
  for (const { title, events, says } of [
    { title: "the token's name", events: EVENT, says: 'acme / ada / t1: "a|b"' },
    { title: "the user alone", events: { ...EVENT, token_id: null, name: null, event: "left" }, says: "acme / ada" },
    {
      title: "a token without a name, and its successor",
      events: { ...EVENT, name: null, successor_id: "t2" },
      says: "acme / ada / t1: by t2",
    },
    {
      title: "what was before",
      events: { ...EVENT, organization: "", before: "2026-03-01" },
      says: 'ada / t1: "a|b", was 2026-03-01',
    },
    {
      title: "text that would move a terminal's cursor, escaped",
      events: { ...EVENT, organization: null, name: "a\u001b[2J" },
      says: String.raw`ada / t1: "a\u001b[2J"`,
    },
  ]) {
    it(`is told with ${title}`, async () => {
      const [head, line, dates] = (await formatChanges(changes({ events: [events] }), "text")).split("\n");
      assert.equal(head, "Run 2 at 2026-01-02T00:00:00Z: 3 users of https://api.example.com");
      assert.equal(line, events.event.padEnd(18) + says);
      assert.equal(dates?.trim(), "after 2026-01-01T00:00:00Z, by 2026-01-02T00:00:00Z");
    });
  }

  it("is a finding about the stack, too, that no earlier run could have had", async () => {
    const text = await formatChanges(changes({ findings: [FINDING] }), "text");
    assert.deepEqual(text.trimEnd().split("\n").slice(1), [
      "finding new       the stack: inventory-covered: zoe is not there",
      `${" ".repeat(18)}by 2026-01-02T00:00:00Z`,
    ]);
  });

  it("is nothing, and says so, and that the run was not complete", async () => {
    const none = changes({ run: { ...RUN, is_complete: false, failures: 2 } });
    const head =
      "Run 2 at 2026-01-02T00:00:00Z: 3 users of https://api.example.com, incomplete: 2 not read or judged\n";
    assert.equal(await formatChanges(none, "text"), `${head}Nothing changed.\n`);
    assert.equal(await formatChanges(none, "markdown"), `${head}\nNothing changed.\n`);
    assert.equal(await formatChanges(none, "csv"), "change,subject,text,after,by\n");
    assert.deepEqual(JSON.parse(await formatChanges(none, "json")), none);
  });

  it("is nothing in a ledger without a run, which is not the same", async () => {
    const empty: Changes = { events: [], findings: [] };
    assert.match(await formatChanges(empty, "text"), /^The ledger holds no run\.\n/);
    assert.match(await formatChanges(empty, "markdown"), /^The ledger holds no run\.\n/);
  });

  it("is a table in Markdown, in which names are text", async () => {
    const markdown = await formatChanges(changes({ events: [EVENT], findings: [FINDING] }), "markdown");
    assert.deepEqual(markdown.trimEnd().split("\n").slice(2), [
      "| Change | Subject | What | After | By |",
      "| --- | --- | --- | --- | --- |",
      String.raw`| revoked | acme / ada / t1 | "a\|b" | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z |`,
      "| finding new | the stack | inventory-covered: zoe is not there |  | 2026-01-02T00:00:00Z |",
    ]);
  });

  it("is a row each in CSV, in which no name is a formula", async () => {
    const csv = await formatChanges(changes({ events: [{ ...EVENT, organization: null, username: "=1+1" }] }), "csv");
    assert.equal(csv.split("\n")[1], `revoked,'=1+1 / t1,"""a|b""",2026-01-01T00:00:00Z,2026-01-02T00:00:00Z`);
  });

  it("names everything that changed, in each format", async () => {
    for (const format of CHANGE_FORMATS) {
      const text = await formatChanges(changes({ events: [EVENT], findings: [FINDING] }), format);
      for (const part of ["revoked", "ada", "inventory-covered", "zoe"]) assert.ok(text.includes(part), format);
    }
  });
});
