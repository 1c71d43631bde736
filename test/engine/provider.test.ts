import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { PACK, type RunResult, type RunningCommand, type Sandbox } from "../../tools/sandbox";
import { ERRORS } from "../../tools/stand-in/stand-in";
import { until } from "../until";
import { assertFails, assertOk, Lab, preview, projectFiles, stateOf, up, violationLines } from "./support";

let lab: Lab;
before(async () => {
  lab = await Lab.start();
});
beforeEach(() => lab.api.reset());
after(() => lab.stop());

const ADA = `new md.UserTokens("ada", { username: "ada" });`;

describe("two resources of the same user", () => {
  it("share one request in a preview, and one in an update", async () => {
    const stack = await lab.program(`for (const name of ["a", "b"]) new md.UserTokens(name, { username: "ada" });`);
    assertOk(await preview(stack));
    assert.equal(lab.api.readsOf("ada"), 1);
    assertOk(await up(stack, "--skip-preview"));
    assert.equal(lab.api.readsOf("ada"), 2);
  });
});

describe("Ctrl-C during a slow read", () => {
  const LONGER_THAN_THE_TEST = 600_000;
  /** Seconds that the engine may need to end; another attempt, or the rest of the read, would take longer. */
  const TO_END = 10;

  /** The stack, the command running with a request on its way, and what it printed so far. */
  const readingSlowly = async (config: Record<string, number>, ...command: string[]) => {
    const stack = await lab.program(`${ADA} new md.UserTokens("etl", { username: "svc_etl" });`, {
      config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`motherduck-tokens:${key}`, value])),
    });
    lab.api.latencyMs = LONGER_THAN_THE_TEST;
    let printed = "";
    const running = stack.start(command, { onOutput: (text) => (printed += text) });
    await until("a request", () => lab.api.requests.length > 0);
    return { stack, running, printed: () => printed };
  };
  const secondsUntilEnd = async (running: RunningCommand) => {
    const started = performance.now();
    const result = await running.result;
    return { result, seconds: (performance.now() - started) / 1000 };
  };
  /** Nothing that was started stays, and no lock. Where there is no /proc, processes are not looked for. */
  const assertNothingLeft = async (stack: Sandbox) => {
    // What was killed is gone a moment later.
    await until("no process", () => processesOf(stack).length === 0, 5).catch(() => undefined);
    assert.deepEqual(processesOf(stack), []);
    assert.deepEqual(locksOf(stack), []);
  };

  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    it(`ends within the attempt's deadline, however many attempts are allowed: ${command[0]}`, async () => {
      const { stack, running } = await readingSlowly({ attemptTimeoutSeconds: 3, maxAttempts: 10 }, ...command);
      running.interrupt();
      const { result, seconds } = await secondsUntilEnd(running);
      assertFails(result, "^C received; cancelling", "no complete answer within 3 s");
      assert.ok(seconds < 3 + TO_END, `${seconds} s`);
      // How many users were asked for depends on whose turn it was.
      for (const username of ["ada", "svc_etl"]) assert.ok(lab.api.readsOf(username) <= 1, `${username} again`);
      await assertNothingLeft(stack);
    });
  }

  it("ends within the read's deadline, where the API asks for other attempts", async () => {
    const busy = { status: 503, headers: { "retry-after": "1" }, delayMs: 0 };
    for (const username of ["ada", "svc_etl"]) lab.api.script(username, busy);
    const limits = { attemptTimeoutSeconds: 3, maxAttempts: 10, readTimeoutSeconds: 4 };
    const { stack, running } = await readingSlowly(limits, "preview");
    running.interrupt();
    const { result, seconds } = await secondsUntilEnd(running);
    assertFails(result, "^C received; cancelling", "the whole read's time is up");
    assert.ok(seconds < 4 + TO_END, `${seconds} s`);
    // Of one user: the other one may have been asked for, too.
    const most = Math.max(...["ada", "svc_etl"].map((username) => lab.api.readsOf(username)));
    assert.ok(most > 1, "Ctrl-C did not end the attempts");
    await assertNothingLeft(stack);
  });

  it("ends at once the second time, leaves no process and no lock, and the next run works", async () => {
    const { stack, running, printed } = await readingSlowly({}, "up", "--yes", "--skip-preview");
    if (existsSync("/proc/self/environ")) {
      // The search would find them.
      const names = processesOf(stack).join("\n");
      assert.match(names, /dynamic-provider/);
    }
    assert.equal(locksOf(stack).length, 1);
    running.interrupt();
    await until("the first Ctrl-C", () => printed().includes("^C received; cancelling"));
    running.interrupt();
    const { result, seconds } = await secondsUntilEnd(running);
    assertFails(result, "^C received; terminating");
    assert.ok(seconds < TO_END, `${seconds} s`);
    await assertNothingLeft(stack);

    lab.api.reset();
    assertOk(await up(stack));
  });
});

/** The command lines of the processes that this sandbox's commands started, by the backend in their environment. */
function processesOf({ backend }: Sandbox): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
    } catch {
      return ""; // It ended meanwhile, or is somebody else's.
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && read(name, "environ").includes(`PULUMI_BACKEND_URL=file://${backend}`))
    .map((pid) => read(pid, "cmdline"))
    .filter((commandLine) => commandLine !== "");
}

/** The lock files of the backend; empty folders stay. */
function locksOf({ backend }: Sandbox): string[] {
  return readdirSync(path.join(backend, ".pulumi", "locks"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".json"),
  );
}

describe("commands beside `up`", () => {
  let stack: Sandbox;

  before(async () => {
    stack = await lab.program(ADA);
    assertOk(await up(stack));
  });

  it("`preview --diff` shows nothing to do, and then what changed", async () => {
    const same = await preview(stack, "--diff");
    assertOk(same);
    assert.doesNotMatch(same.output, /UserTokens: \(update\)/);
    const notebook = lab.api.users.ada?.pop();
    const changed = await preview(stack, "--diff");
    assertOk(changed);
    assert.match(changed.output, /UserTokens: \(update\)/);
    assert.match(changed.output, /- name\s*: "notebook"/);
    if (notebook) lab.api.users.ada?.push(notebook);
  });

  it("`up --refresh` takes over what changed and leaves nothing to do", async () => {
    const [laptop] = lab.api.users.ada ?? [];
    if (laptop) laptop.name = "renamed";
    const result = await up(stack, "--refresh");
    assertOk(result);
    assert.match((await stateOf(stack)).text, /renamed/);
    assertOk(await preview(stack, "--expect-no-changes"));
    if (laptop) laptop.name = "laptop";
    assertOk(await up(stack));
  });

  it("`pulumi import` fails, sends nothing and leaves the state as it was", async () => {
    const type = "pulumi-nodejs:dynamic/motherduck:UserTokens";
    const result = await stack.pulumi(["import", "--yes", type, "bi", "svc_bi"]);
    // The words are the Pulumi SDK's: it reads properties that an import does not have.
    assertFails(result, "UserTokens (bi)", "error: Preview failed");
    assert.equal(lab.api.requests.length, 0);
    assert.deepEqual(locksOf(stack), []);
    assert.deepEqual(
      (await stateOf(stack)).userTokens.map(({ id }) => id),
      ["ada"],
    );
  });

  it("the `import` option is refused with what to do", async () => {
    stack.write(projectFiles(`new md.UserTokens("bi", { username: "svc_bi" }, { import: "svc_bi" });`));
    assertFails(await preview(stack), `UserTokens "bi" cannot be imported`, "Leave the import option out");
    assert.equal(lab.api.requests.length, 0);
    stack.write(projectFiles(ADA));
  });

  describe("of a user that is gone", () => {
    beforeEach(() => lab.api.script("ada", ERRORS.notFound));

    it("`up --refresh` says so and changes nothing", async () => {
      const result = await up(stack, "--refresh");
      assertFails(result, `could not read the tokens of user "ada"`, "No such user in the organization of this token");
      assert.equal((await stateOf(stack)).userTokens.length, 1);
    });

    it("`destroy` works, and asks for nothing", async () => {
      assertOk(await stack.pulumi(["destroy", "--yes"]));
      assert.equal(lab.api.requests.length, 0);
      assert.deepEqual((await stateOf(stack)).userTokens, []);
    });
  });
});

describe("`__provider`", () => {
  it("is the same text in two runs and from two folders", async () => {
    const texts = [];
    for (const stack of [await lab.program(ADA), await lab.program(ADA)]) {
      for (let run = 0; run < 2; run++) {
        assertOk(await up(stack, "--skip-preview"));
        const [ada] = (await stateOf(stack)).userTokens;
        texts.push(ada?.inputs.__provider, ada?.outputs.__provider);
      }
    }
    assert.equal(texts.length, 8);
    assert.equal(new Set(texts).size, 1);
    assert.equal(typeof texts[0], "string");
  });
});

describe("tokens and usernames that a program makes secret", () => {
  let stack: Sandbox;
  const run = async (program: string, command: (stack: Sandbox) => Promise<RunResult>) => {
    stack.write(projectFiles(program));
    return command(stack);
  };
  const CIPHERTEXT = /"ciphertext"/;
  before(async () => {
    stack = await lab.program("");
  });

  for (const { title, program, hidden, clear } of [
    {
      title: "`additionalSecretOutputs`",
      program: `module.exports = { bi: new md.UserTokens("bi", { username: "svc_bi" }, { additionalSecretOutputs: ["tokens"] }).tokens };`,
      hidden: { outputs: ["tokens"] },
      clear: { inputs: ["username", "tokens"], outputs: ["username"] },
    },
    {
      title: "a secret username",
      program: `module.exports = { bi: new md.UserTokens("bi", { username: pulumi.secret("svc_bi") }).username };`,
      hidden: { inputs: ["username"], outputs: ["username"] },
      clear: { inputs: ["tokens"], outputs: ["tokens"] },
    },
    {
      title: "a transform that adds `additionalSecretOutputs` to every resource",
      program: `pulumi.runtime.registerResourceTransform(({ props, opts }) => ({ props, opts: pulumi.mergeOptions(opts, { additionalSecretOutputs: ["tokens"] }) }));
        new md.UserTokens("bi", { username: "svc_bi" });`,
      hidden: { outputs: ["tokens"] },
      clear: { inputs: ["username", "tokens"], outputs: ["username"] },
    },
    {
      title: "a transform that makes the username secret",
      program: `new md.UserTokens("bi", { username: "ada" }, {
        transforms: [({ props, opts }) => ({ props: { ...props, username: pulumi.secret("svc_bi") }, opts })] });`,
      hidden: { inputs: ["username"], outputs: ["username"] },
      clear: { inputs: ["tokens"], outputs: ["tokens"] },
    },
  ] as {
    title: string;
    program: string;
    hidden: { inputs?: string[]; outputs: string[] };
    clear: { inputs: string[]; outputs: string[] };
  }[]) {
    it(`are judged all the same, and are ciphertext in state as SECURITY.md says: ${title}`, async () => {
      const judged = await run(program, preview);
      assertFails(judged, `svc_bi / "dashboards"`);
      assert.deepEqual(violationLines(judged), ["mandatory tokens-must-expire bi"]);

      assertOk(await run(program, (stack) => stack.pulumi(["up", "--yes", "--skip-preview"])));
      const [bi] = (await stateOf(stack)).userTokens;
      assert.equal(bi?.id, "svc_bi", "the id stays in clear");
      for (const where of ["inputs", "outputs"] as const) {
        for (const key of hidden[where] ?? [])
          assert.match(JSON.stringify(bi[where][key]), CIPHERTEXT, `${where}.${key}`);
        for (const key of clear[where])
          assert.doesNotMatch(JSON.stringify(bi[where][key]), CIPHERTEXT, `${where}.${key}`);
      }

      // Secrets do not look like a change in the next run, and are judged in it.
      const again = await run(program, preview);
      assert.deepEqual(violationLines(again), ["mandatory tokens-must-expire bi"]);
      assert.doesNotMatch(again.output, /UserTokens bi update/);
      assertOk(await stack.pulumi(["destroy", "--yes"]));
    });
  }

  it("are judged all the same in what `policy analyze` reads from state", async () => {
    const program = `new md.UserTokens("bi", { username: pulumi.secret("svc_bi") }, { additionalSecretOutputs: ["tokens"] });`;
    assertOk(await run(program, (stack) => stack.pulumi(["up", "--yes", "--skip-preview"])));
    const result = await stack.pulumi(["policy", "analyze", "--policy-pack", PACK]);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire bi"]);
  });
});
