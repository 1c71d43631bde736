import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import { PACK, ROOT, type Sandbox } from "../../tools/sandbox";
import { assertOk, Lab, projectFiles } from "./support";

const PROGRAM = `new md.UserTokens("ada", { username: "ada" });`;
const WITH_PACK = ["--policy-pack", PACK];
const CONFIGURED = "motherduck-tokens:apiToken";

/** One way to look into a run, and whether it shows the API token: a row of SECURITY.md's table. FOLDER is a new folder. */
interface Way {
  readonly title: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly program?: string;
  /** Whether it shows, by how the token was given. */
  readonly shows: { readonly environment: boolean; readonly configuration: boolean };
  /** Where to look. */
  readonly in: "output" | "files";
  /** What the output holds in any case. */
  readonly says?: RegExp;
}

const WAYS: readonly Way[] = [
  {
    title: "`PULUMI_DEBUG_GRPC`, with a pack",
    args: WITH_PACK,
    env: { PULUMI_DEBUG_GRPC: "FOLDER/grpc.json" },
    shows: { environment: true, configuration: true },
    in: "files",
  },
  {
    title: "`PULUMI_DEBUG_GRPC`, without packs and plugins",
    env: { PULUMI_DEBUG_GRPC: "FOLDER/grpc.json" },
    shows: { environment: false, configuration: true },
    in: "files",
  },
  {
    title: "`NODE_DEBUG=http`",
    env: { NODE_DEBUG: "http" },
    // The engine takes secrets that it knows out of its own output.
    shows: { environment: true, configuration: false },
    in: "output",
    says: /Authorization: '?Bearer /i,
  },
  {
    title: "a diagnostic report of Node.js",
    program: `process.report.writeReport("FOLDER/report.json");`,
    shows: { environment: true, configuration: true },
    in: "files",
  },
  {
    title: "a heap snapshot",
    program: `md.getUserTokens({ username: "ada" }).then(() => require("v8").writeHeapSnapshot("FOLDER/heap.heapsnapshot"));`,
    shows: { environment: true, configuration: true },
    in: "files",
  },
  {
    title: "`--tracing`",
    args: [...WITH_PACK, "--tracing=file:FOLDER/trace"],
    shows: { environment: false, configuration: true },
    in: "files",
  },
  {
    title: "`--otel-traces`",
    args: [...WITH_PACK, "--otel-traces=file://FOLDER/otel.json"],
    shows: { environment: false, configuration: true },
    in: "files",
  },
  {
    title: "`--profiling`",
    args: [...WITH_PACK, "--profiling=FOLDER/profile"],
    shows: { environment: false, configuration: false },
    in: "files",
  },
  {
    title: "`--save-plan`",
    args: ["--save-plan=FOLDER/plan.json"],
    shows: { environment: false, configuration: false },
    in: "files",
  },
  {
    title: "`--trace-event-categories` in `NODE_OPTIONS`",
    env: {
      NODE_OPTIONS:
        "--trace-event-categories=node,v8,node.http,node.environment --trace-event-file-pattern=FOLDER/events.${pid}",
    },
    shows: { environment: false, configuration: false },
    in: "files",
  },
];

describe("what looks into a run shows the API token where SECURITY.md says so", () => {
  let lab: Lab;
  const stacks: { environment?: Sandbox; configuration?: Sandbox } = {};
  let runs = 0;

  before(async () => {
    lab = await Lab.start();
    stacks.environment = await lab.program(PROGRAM);
    const configured = await lab.program(PROGRAM, { env: { MOTHERDUCK_ADMIN_TOKEN: "" } });
    assertOk(await configured.pulumi(["config", "set", "--secret", CONFIGURED, lab.api.token]));
    stacks.configuration = configured;
  });
  after(() => lab.stop());

  for (const source of ["environment", "configuration"] as const) {
    for (const { title, args = ["--diff"], env = {}, program = "", shows, in: place, says } of WAYS) {
      const verdict = shows[source] ? "in clear" : "not";
      it(`given by the ${source}, ${verdict}: ${title}`, async () => {
        const stack = stacks[source] as Sandbox;
        const name = `looked-${String((runs += 1))}`;
        stack.write({ [`${name}/.keep`]: "", ...projectFiles(PROGRAM + fill(program, stack, name)) });
        const result = await stack.pulumi(["preview", ...args.map((arg) => fill(arg, stack, name))], {
          env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, fill(value, stack, name)])),
        });
        assertOk(result);
        const seen = place === "output" ? [result.output] : contentsOf(path.join(stack.project, name));
        assert.ok(seen.length > 0, "nothing was written");
        if (says !== undefined) assert.match(result.output, says);
        assert.equal(
          seen.some((content) => content.includes(lab.api.token)),
          shows[source],
        );
      });
    }
  }

  it("in the same rows as SECURITY.md", () => {
    const page = readFileSync(path.join(ROOT, "SECURITY.md"), "utf8").split("### Where it still shows")[1] ?? "";
    const rows = [...page.matchAll(/^\| (.+?) *\| (in clear|not) *\| (in clear|not) *\|$/gm)].map(
      ([, ...cells]) => cells,
    );
    const say = (isShown: boolean) => (isShown ? "in clear" : "not");
    assert.deepEqual(
      rows,
      WAYS.map(({ title, shows }) => [title, say(shows.environment), say(shows.configuration)]),
    );
  });

  it("is in clear where `--show-secrets` asks for it", async () => {
    const { output } = await (stacks.configuration as Sandbox).pulumi(["config", "--show-secrets"]);
    assert.ok(output.includes(lab.api.token));
  });
});

function fill(text: string, stack: Sandbox, name: string): string {
  return text.replaceAll("FOLDER", path.join(stack.project, name));
}

/** What the files of a folder hold, unpacked where they are compressed; empty files hold nothing. */
function contentsOf(folder: string): Buffer[] {
  return readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name)))
    .filter(({ length }) => length > 0)
    .map((content) => (content[0] === 0x1f && content[1] === 0x8b ? gunzipSync(content) : content));
}
