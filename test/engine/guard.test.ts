import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { daysFromNow } from "./rule-example";
import { PACK, type RunResult, type Sandbox } from "../../tools/sandbox";
import { loadOrganization } from "../../tools/stand-in/organization";
import { ERRORS } from "../../tools/stand-in/stand-in";
import { FORGED } from "./attacks/programs";
import { useLanguage } from "./languages";
import { assertFails, assertOk, Lab, stateOf, violationLines } from "./support";

/** What the stand-in's users do that `recommended` blocks. */
const BLOCKED = ["mandatory max-read-write-tokens program-dev", "mandatory tokens-must-expire program-dev"];

describe("a guard", () => {
  let lab: Lab;
  let empty: Sandbox;

  /** Runs a command with settings. */
  function run(
    stack: Sandbox,
    settings: object,
    args = ["preview"],
    env: Record<string, string> = {},
  ): Promise<RunResult> {
    stack.write({ "settings.yaml": JSON.stringify(settings) });
    const file = path.join(stack.project, "settings.yaml");
    return stack.pulumi([...args, "--policy-pack", PACK], { env: { MOTHERDUCK_TOKENS_CONFIG: file, ...env } });
  }

  const mandatory = (result: RunResult) => violationLines(result).filter((line) => line.startsWith("mandatory"));

  before(async () => {
    lab = await Lab.start();
    empty = await lab.program("");
  });
  beforeEach(() => {
    lab.api.reset();
    lab.api.users = loadOrganization().users;
  });
  after(() => lab.stop());

  it("blocks an empty program for what everybody's tokens are, and asks for each user once", async () => {
    const result = await run(empty, { guard: "everybody" });
    assertFails(result, /svc_bi \/ "dashboards" \([0-9a-f-]{36}\): never expires/, "grace: 3 active read_write tokens");
    assert.deepEqual([...new Set(mandatory(result))], BLOCKED);
    for (const username of Object.keys(lab.api.users)) assert.equal(lab.api.readsOf(username), 1, username);
    // And the listing: those who are there, and those who were deprovisioned.
    assert.equal(lab.api.requests.length, Object.keys(lab.api.users).length + 2);
    assert.ok(lab.api.requests.every(({ method }) => method === "GET"));
  });

  it("blocks an update without a preview before anything is made", async () => {
    const result = await run(empty, { guard: ["svc_bi"] }, ["up", "--yes", "--skip-preview"]);
    assertFails(result);
    assert.deepEqual([...new Set(mandatory(result))], ["mandatory tokens-must-expire program-dev"]);
    const { text } = await stateOf(empty);
    assert.doesNotMatch(text, /pulumi:pulumi:Stack/);
  });

  it("passes where the users keep the rules, and counts them as covered", async () => {
    const rules = { "inventory-covered": { users: ["svc_bi"], requireEvidence: true } };
    lab.api.cleanUp();
    const result = await run(empty, { guard: ["svc_*"], rules });
    assertOk(result);
    assert.doesNotMatch(result.output, /inventory-covered/);
  });

  it("judges service accounts, or people, where it is told to", async () => {
    const result = await run(empty, { guard: { accounts: "serviceAccounts" } });
    assertFails(result, /svc_bi \/ "dashboards"/);
    assert.deepEqual([...new Set(mandatory(result))], ["mandatory tokens-must-expire program-dev"]);
    assert.equal(lab.api.readsOf("grace"), 0);
  });

  it("reports nothing twice where the program declares the same user, and reads the user once", async () => {
    const stack = await lab.program(
      `new md.UserTokens("bi", { username: "svc_bi" }); new md.OrganizationTokens("all", { usernames: ["svc_bi", "ada"] });`,
    );
    const result = await run(stack, { guard: "everybody", rules: { "evidence-verified": "mandatory" } });
    assertFails(result);
    assert.deepEqual(
      violationLines(result).filter((line) => line.includes("tokens-must-expire")),
      ["mandatory tokens-must-expire program-dev"],
    );
    assert.equal(result.output.match(/svc_bi \/ "dashboards" \([0-9a-f-]{36}\): never expires/g)?.length, 1);
    // One of the provider's session, and one of the pack, which serves the guard and the verification.
    assert.equal(lab.api.readsOf("grace"), 1);
    assert.equal(lab.api.readsOf("svc_bi"), 2);
  });

  it("reports what a forged resource hides, once", async () => {
    const stack = await lab.program(FORGED);
    const result = await run(stack, { guard: "everybody" });
    assertFails(result);
    assert.equal(result.output.match(/svc_bi \/ "dashboards" \([0-9a-f-]{36}\): never expires/g)?.length, 1);
  });

  it("lets a waiver hold, visibly", async () => {
    const waiver = {
      id: "WVR-1",
      rule: "tokens-must-expire",
      user: "svc_bi",
      reason: "Vendor cannot rotate before Q1",
      owner: "data-platform@example.com",
      expires: daysFromNow(30).slice(0, 10),
    };
    const result = await run(empty, { guard: ["svc_bi"], waivers: [waiver] });
    assertOk(result);
    assert.match(result.output, /\[advisory\].*tokens-must-expire/);
    assert.match(result.output, /\[waived by WVR-1 until/);
  });

  it("takes levels from CrossGuard's configuration", async () => {
    empty.write({ "policies.json": JSON.stringify({ all: "advisory" }) });
    const result = await run(empty, { guard: ["svc_bi"] }, ["preview", "--policy-pack-config", "policies.json"]);
    assertOk(result);
    assert.ok(violationLines(result).includes("advisory tokens-must-expire program-dev"));
  });

  for (const { title, guard, arrange, env, says } of [
    {
      title: "the API fails for a user",
      guard: "everybody",
      arrange: () => lab.api.script("ada", ERRORS.internal),
      env: {},
      says: /guard: some of the users .* could not be judged: could not read the tokens of 1 of \d+ users:\s+- "ada"/,
    },
    {
      title: "users cannot be listed",
      guard: "everybody",
      arrange: () => lab.api.scriptListing(ERRORS.forbidden),
      env: {},
      says: /guard: some of the users .*: could not read the users of the organization: the API answered 403/,
    },
    {
      title: "a name matches nobody",
      guard: ["svc_bi", "svc_nobody"],
      arrange: () => undefined,
      env: {},
      says: /guard: some of the users .*: nobody in the organization of this API token is called "svc_nobody"/,
    },
    {
      title: "there are no credentials",
      guard: "everybody",
      arrange: () => undefined,
      env: { MOTHERDUCK_ADMIN_TOKEN: "" },
      says: /guard: some of the users .*: no MotherDuck API token: looked at MOTHERDUCK_ADMIN_TOKEN, MOTHERDUCK_API_TOKEN, MOTHERDUCK_TOKEN/,
    },
  ]) {
    it(`blocks where ${title}, whatever is disabled`, async () => {
      lab.api.cleanUp();
      arrange();
      const rules = { "evidence-fresh": "disabled", "inventory-covered": "disabled" };
      const result = await run(empty, { guard, rules }, ["preview"], env);
      assertFails(result, says);
      assert.equal(mandatory(result).length, 1, result.output);
    });
  }

  it("needs no listing for users who are named, where listing is not allowed", async () => {
    lab.api.scriptListing(ERRORS.forbidden);
    const result = await run(empty, { guard: ["svc_bi"], rules: { "deprovisioned-user-has-tokens": "disabled" } });
    assertFails(result, /svc_bi \/ "dashboards"/);
    assert.deepEqual(mandatory(result), ["mandatory tokens-must-expire program-dev"]);
  });

  it("reads with the API token that its own variable names, and no other", async () => {
    const settings = { guard: ["svc_bi"], api: { tokenVariable: "PACK_TOKEN" } };
    assertFails(await run(empty, settings), "no MotherDuck API token: looked at PACK_TOKEN");
    const env = { PACK_TOKEN: lab.api.token, MOTHERDUCK_ADMIN_TOKEN: "" };
    const result = await run(empty, settings, ["preview"], env);
    assertFails(result, /svc_bi \/ "dashboards"/);
    assert.ok(!result.output.includes(lab.api.token));
  });

  it("refuses an API token in the settings, and does not show it", async () => {
    const result = await run(empty, { guard: "everybody", api: { apiToken: lab.api.token } });
    assertFails(result, "api.apiToken is not a setting: a settings file is not the place for an API token");
    assert.ok(!result.output.includes(lab.api.token));
    assert.equal(lab.api.requests.length, 0);
  });

  describe("with a cache", () => {
    const settings = { guard: { usernames: ["svc_bi", "ada"], cache: { maxAgeMinutes: 10 } } };
    let home: string;
    let folder: string;
    const guarded = () => run(empty, settings, ["preview", "--stack", "dev"], { PULUMI_HOME: home });

    beforeEach(() => {
      home = mkdtempSync(path.join(empty.project, "home-"));
      folder = path.join(home, "motherduck-tokens/guard");
    });

    it("reads nothing in the second run, and finds the same", async () => {
      const first = await guarded();
      lab.api.reset();
      const second = await guarded();
      assert.deepEqual(violationLines(second), violationLines(first));
      assertFails(second, /svc_bi \/ "dashboards"/);
      assert.equal(lab.api.requests.length, 0);
    });

    it("keeps metadata alone, in a folder and a file that are its owner's", async () => {
      await guarded();
      const files = readdirSync(folder).map((name) => path.join(folder, name));
      assert.equal(files.length, 1);
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      assert.equal(statSync(files[0] ?? "").mode & 0o777, 0o600);
      const text = readFileSync(files[0] ?? "", "utf8");
      assert.match(text, /dashboards/);
      assert.ok(!text.includes(lab.api.token) && !(files[0] ?? "").includes(lab.api.token));
    });

    it("does not believe a file that was written without the API token", async () => {
      await guarded();
      const [name = ""] = readdirSync(folder);
      const file = path.join(folder, name);
      const [signature, body = ""] = readFileSync(file, "utf8").split("\n");
      const content = JSON.parse(body) as { tokens: Record<string, { tokens: unknown[] }> };
      for (const user of Object.values(content.tokens)) user.tokens = [];
      writeFileSync(file, `${signature}\n${JSON.stringify(content)}`);
      lab.api.reset();
      assertFails(await guarded(), /svc_bi \/ "dashboards"/);
      assert.equal(lab.api.readsOf("svc_bi"), 1);
    });

    it("blocks where the folder is open to others, and says how to close it", async () => {
      mkdirSync(folder, { recursive: true, mode: 0o777 });
      chmodSync(folder, 0o777);
      assertFails(await guarded(), /the guard's cache is not used: .* is open to others\. .*chmod 700/);
    });
  });
});

describe("a guard, in a YAML program that knows nothing of MotherDuck", () => {
  const language = useLanguage("yaml");

  it("blocks it", async () => {
    const files = {
      "Pulumi.yaml": "name: program\nruntime: yaml\noutputs: { greeting: hello }\n",
      "settings.yaml": "guard: everybody\n",
    };
    const stack = await language.sandbox({ files });
    const env = { MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "settings.yaml") };
    const result = await stack.pulumi(["preview", "--policy-pack", PACK], { env });
    assertFails(result, /svc_bi \/ "dashboards" \([0-9a-f-]{36}\): never expires/);
  });
});
