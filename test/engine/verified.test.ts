import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { PACK, ROOT, type RunResult, type Sandbox } from "../../tools/sandbox";
import { loadOrganization, type Organization, wireToken } from "../../tools/stand-in/organization";
import { ERRORS, StandIn } from "../../tools/stand-in/stand-in";
import {
  ALTERING_POLICY,
  EMPTYING_POLICY,
  FORGED,
  FORGED_ORGANIZATION,
  HIDING_POLICY,
  HONEST,
  lookAlikePlugin,
  REPLACED,
  TRANSFORMED,
} from "./attacks/programs";
import { useLanguage, yamlProject } from "./languages";
import {
  assertFails,
  assertOk,
  editState,
  Lab,
  packFiles,
  projectFiles,
  type ReportedViolation,
  violationsIn,
} from "./support";

/** What the rule says of svc_bi whose token was taken out of the evidence. */
const MISSING =
  /svc_bi: the evidence is not what the API tells: missing (?:"refresh" \([0-9a-f-]{36}\), )?"dashboards" \([0-9a-f-]{36}\)\. Find out who/;

/** The settings of a platform team that counts on nothing else: this rule is what is tested. */
const STRICT: object = { preset: "strict" };

function verified(result: RunResult): ReportedViolation[] {
  return violationsIn(result).filter(({ policy }) => policy === "evidence-verified");
}

/** Holds that a run was blocked, by this rule too, once. */
function assertBlocked(result: RunResult, ...says: (string | RegExp)[]): void {
  assertFails(result, ...says);
  assert.deepEqual(
    verified(result).map(({ level }) => level),
    ["mandatory"],
    result.output,
  );
}

describe("evidence that the pack verifies", () => {
  let lab: Lab;
  let stack: Sandbox;

  /** Runs a command with settings, and packs that come before this project's. */
  function run(
    where: Sandbox,
    { settings = STRICT, args = ["preview"], before = [] as string[], env = {} } = {},
  ): Promise<RunResult> {
    where.write({ "settings.yaml": JSON.stringify(settings) });
    const packs = [...before, PACK].flatMap((pack) => ["--policy-pack", pack]);
    const file = path.join(where.project, "settings.yaml");
    return where.pulumi([...args, ...packs], { env: { MOTHERDUCK_TOKENS_CONFIG: file, ...env } });
  }

  const write = (source: string) => stack.write(projectFiles(source));

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program(HONEST);
  });
  beforeEach(() => {
    lab.api.reset();
    lab.api.users = loadOrganization().users;
  });
  after(() => lab.stop());

  it("passes where it is what the API tells, with one request of the pack for two resources of one user", async () => {
    write(`new md.UserTokens("one", { username: "svc_etl" }); new md.UserTokens("two", { username: "svc_etl" });`);
    const result = await run(stack, { settings: { rules: { "evidence-verified": "mandatory" } } });
    assertOk(result);
    assert.deepEqual(verified(result), []);
    assert.equal(lab.api.readsOf("svc_etl"), 2, "one of the provider and one of the pack");
  });

  it("is not read again where the rule is off", async () => {
    write(HONEST);
    await run(stack, { settings: {} });
    assert.equal(lab.api.readsOf("svc_bi"), 1);
  });

  for (const { title, program } of [
    { title: "by a provider of the program's own", program: FORGED },
    { title: "by a transformation that replaces the provider", program: REPLACED },
    { title: "by a transform that replaces the provider", program: TRANSFORMED },
  ]) {
    it(`is blocked when it was forged ${title}`, async () => {
      write(program);
      assertBlocked(await run(stack), MISSING);
    });
  }

  it("is blocked in an update without a preview, before the first step of the resource", async () => {
    write(FORGED);
    const result = await run(stack, { args: ["up", "--yes", "--skip-preview"] });
    assertFails(result);
    const { stdout } = await stack.pulumi(["stack", "export"]);
    assert.doesNotMatch(stdout, /UserTokens::bi/);
  });

  it("is blocked when another pack's remediation emptied it", async () => {
    write(HONEST);
    stack.write(packFiles("emptier", EMPTYING_POLICY));
    assertBlocked(await run(stack, { before: [path.join(stack.project, "emptier")] }), MISSING);
  });

  it("is blocked when another pack's remediation marked a part of it as not known yet, also in an update", async () => {
    write(HONEST);
    stack.write(packFiles("hider", HIDING_POLICY));
    for (const args of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const result = await run(stack, { args, before: [path.join(stack.project, "hider")] });
      assertFails(result, "bi: there is nothing to judge: a part of what was read is marked as not known yet");
    }
  });

  it("is blocked when another pack's remediation changed a description, an e-mail address or roles, whose words stay out", async () => {
    write(`${HONEST} new md.OrganizationTokens("people", { usernames: ["ada"] });`);
    stack.write(packFiles("alterer", ALTERING_POLICY));
    const settings = { rules: { "evidence-verified": "mandatory" } };
    const result = await run(stack, { settings, before: [path.join(stack.project, "alterer")] });
    assertFails(
      result,
      /svc_bi: .*altered "refresh" \([0-9a-f-]{36}\): another description, "dashboards" \([0-9a-f-]{36}\): another description\./,
      /ada: the evidence is not what the API tells: another email; roles is \[\] in place of \[admin\]\./,
    );
    assert.equal(verified(result).length, 2);
    for (const words of ["Team: mine", "Dashboards of the sales team", "eve@", "ada@"]) {
      assert.ok(!result.output.includes(words), words);
    }
  });

  it("passes where the program leaves personal data out, which the pack reads, and keeps it out of state", async () => {
    write(`new md.OrganizationTokens("all", { usernames: ["ada", "svc_etl"] });`);
    const settings = { rules: { "evidence-verified": "mandatory" } };
    const key = "motherduck-tokens:personalData";
    const state = async () => {
      assertOk(await run(stack, { settings, args: ["up", "--yes", "--skip-preview"] }));
      return (await stack.pulumi(["stack", "export"])).stdout;
    };
    const [address, words] = [/ada@example\.com/, /Loads the warehouse/];
    try {
      const kept = await state();
      for (const text of [address, words]) assert.match(kept, text);
      assertOk(await stack.pulumi(["config", "set", key, "omit"]));
      const omitted = await state();
      for (const text of [address, words]) assert.doesNotMatch(omitted, text);
      assert.match(omitted, /"admin"/);
      assertOk(await run(stack, { settings, args: ["preview", "--expect-no-changes"] }));
    } finally {
      await stack.pulumi(["config", "rm", key]);
      assertOk(await stack.pulumi(["destroy", "--yes"]));
    }
  });

  describe("from another address or organization", () => {
    let other: StandIn;
    before(async () => {
      other = await StandIn.start();
      other.users = { svc_bi: [] };
    });
    after(() => other.stop());

    it("is blocked when the stack's configuration named the address", async () => {
      write(HONEST);
      const config = ["motherduck-tokens:apiUrl", "motherduck-tokens:apiToken"];
      assertOk(await stack.pulumi(["config", "set", config[0] ?? "", other.url]));
      try {
        assertBlocked(await run(stack), MISSING);
        assert.equal(lab.api.readsOf("svc_bi"), 1);
      } finally {
        assertOk(await stack.pulumi(["config", "rm", config[0] ?? ""]));
      }
    });
  });

  it("is blocked when the stack's secret configuration held an API token of another organization", async () => {
    // The same address: which organization answers is up to the API token.
    const { token } = lab.api;
    const another = "another-organization-of-the-same-api";
    lab.api.organizations[another] = { svc_bi: [] };
    write(HONEST);
    assertOk(await stack.pulumi(["config", "set", "--secret", "motherduck-tokens:apiToken", another]));
    try {
      const result = await run(stack);
      assertBlocked(result, MISSING);
      assert.ok(!result.output.includes(token) && !result.output.includes(another));
    } finally {
      assertOk(await stack.pulumi(["config", "rm", "motherduck-tokens:apiToken"]));
    }
  });

  it("is blocked when the package in node_modules was patched", async () => {
    write(HONEST);
    const modules = path.join(stack.project, "node_modules");
    rmSync(modules);
    mkdirSync(modules);
    for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
      if (name !== "pulumi-motherduck-tokens" && !name.startsWith(".")) {
        symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
      }
    }
    const patched = path.join(modules, "pulumi-motherduck-tokens");
    mkdirSync(patched);
    for (const name of ["package.json", "dist"])
      cpSync(path.join(ROOT, name), path.join(patched, name), { recursive: true });
    stack.write({
      "node_modules/pulumi-motherduck-tokens/dist/provider/dynamic-provider.js": `
        exports.userTokens = {
          check: async () => ({ inputs: { username: "svc_bi", tokens: [], fetchedAt: new Date().toISOString(),
            _provenance: { apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt: new Date().toISOString() } } }),
          create: async (inputs) => ({ id: "svc_bi", outs: inputs }) };`,
    });
    try {
      assertBlocked(await run(stack), MISSING);
    } finally {
      rmSync(modules, { recursive: true });
      symlinkSync(path.join(ROOT, "node_modules"), modules);
    }
  });

  it("of an organization is blocked where users were left out, and where flags were changed", async () => {
    write(FORGED_ORGANIZATION);
    const result = await run(stack);
    assertFails(
      result,
      "svc_bi: the evidence should hold this user, and leaves it out",
      /ada: the evidence is not what the API tells: isServiceAccount is true in place of false; missing /,
    );
  });

  it("of an organization passes where it is what the API tells", async () => {
    write(`new md.OrganizationTokens("all", { accounts: "serviceAccounts" });`);
    const result = await run(stack, { settings: { rules: { "evidence-verified": "mandatory" } } });
    assert.deepEqual(verified(result), []);
    assert.match(result.output, /svc_bi \/ "dashboards"/);
  });

  for (const { title, reply, env } of [
    { title: "the API fails", reply: ERRORS.internal, env: {} },
    { title: "the pack has no credentials of its own", reply: undefined, env: { MOTHERDUCK_ADMIN_TOKEN: "" } },
  ]) {
    it(`is blocked where the pack cannot read it, because ${title}`, async () => {
      write(FORGED);
      if (reply) lab.api.script("svc_bi", reply);
      assertBlocked(await run(stack, { env }), "svc_bi: the evidence cannot be verified: ");
    });
  }

  it("tells of a token that was created after the evidence was read as such", async () => {
    write(FORGED);
    lab.api.users.svc_bi = [wireToken("svc_bi", { name: "new", type: "read_scaling", created: 0.01, expires: 20 })];
    assertBlocked(await run(stack), /created after the evidence was read \(run again\) "new"/);
  });

  describe("in a stack that was deployed", () => {
    let deployed: Organization;
    before(async () => {
      lab.api.cleanUp();
      write(`${HONEST} new md.UserTokens("etl", { username: "svc_etl" });`);
      assertOk(await run(stack, { settings: {}, args: ["up", "--yes", "--skip-preview"] }));
      deployed = lab.api.users;
    });
    beforeEach(() => {
      // Only svc_bi got other tokens since.
      lab.api.users = { ...deployed, svc_bi: loadOrganization().users.svc_bi ?? [] };
    });

    it("is blocked when --target left yesterday's evidence in place", async () => {
      const target = "**UserTokens::etl";
      const result = await run(stack, {
        settings: { rules: { "evidence-verified": "mandatory" } },
        args: ["preview", "--target", target],
      });
      assertBlocked(result, /svc_bi: the evidence is not what the API tells: .*"dashboards"/);
    });

    it("is blocked when the state was edited, and analyzed as it is", async () => {
      await editState(stack, (resources) => {
        for (const { inputs, outputs } of resources.filter(({ type }) => type.endsWith(":UserTokens"))) {
          if (inputs.username === "svc_bi") Object.assign(inputs, { tokens: [] });
          if (inputs.username === "svc_bi") Object.assign(outputs, { tokens: [] });
        }
      });
      const settings = { rules: { "evidence-verified": "mandatory" } };
      assertBlocked(await run(stack, { settings, args: ["preview", "--target", "**UserTokens::etl"] }), MISSING);
      assertBlocked(await run(stack, { settings, args: ["policy", "analyze"] }), MISSING);
    });
  });
});

describe("evidence of a YAML program that the pack verifies", () => {
  const language = useLanguage("yaml");
  const settings = JSON.stringify(STRICT);

  async function preview(stack: Sandbox): Promise<RunResult> {
    const env = { MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "settings.yaml") };
    return stack.pulumi(["preview", "--policy-pack", PACK], { env });
  }

  it("is blocked when a plugin of the same name made it", async () => {
    const resources = { bi: { type: "motherduck-tokens:UserTokens", properties: { username: "svc_bi" } } };
    const files = { ...yamlProject("./evil", { resources }), ...lookAlikePlugin("evil"), "settings.yaml": settings };
    const stack = await language.sandbox({ files });
    assertBlocked(await preview(stack), MISSING);
  });

  it("is blocked when an explicit provider has an address of its own", async () => {
    const other = await StandIn.start();
    try {
      other.users = { svc_bi: [] };
      const resources = {
        mine: { type: "pulumi:providers:motherduck-tokens", properties: { apiUrl: other.url } },
        bi: {
          type: "motherduck-tokens:UserTokens",
          properties: { username: "svc_bi" },
          options: { provider: "${mine}" },
        },
      };
      const files = { ...yamlProject(language.plugin, { resources }), "settings.yaml": settings };
      const stack = await language.sandbox({ files });
      assertBlocked(await preview(stack), MISSING);
    } finally {
      await other.stop();
    }
  });
});
