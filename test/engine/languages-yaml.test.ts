import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, before, describe, it } from "mocha";
import { gte } from "semver";
import { parse, stringify } from "yaml";
import manifest from "../../package.json";
import { daysToMs } from "../../core/duration";
import type { Rule } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { installInto } from "../../tools/packed";
import { findPulumi } from "../../tools/pulumi-cli/find-pulumi";
import { PACK, type RunResult, type Sandbox } from "../../tools/sandbox";
import { wireToken } from "../../tools/stand-in/organization";
import { StandIn } from "../../tools/stand-in/stand-in";
import { until } from "../until";
import { assertAgreeOnEvents, assertAgreeOnState } from "./audit-agreement";
import { FIRES_ON, judges, offend, OFFENDERS, SETTINGS } from "./every-rule";
import { useLanguage, yamlProject } from "./languages";
import { blockOf } from "./quick-start";
import { STACK } from "./rule-example";
import { assertFails, assertOk, PLANS_SINCE, preview, stateOf, up, violationLines, violationsIn } from "./support";

const PAGE = "docs/languages.md";
const USER_TOKENS = "motherduck-tokens:UserTokens";
const ORGANIZATION_TOKENS = "motherduck-tokens:OrganizationTokens";
const userTokens = (username: unknown, options = {}) => ({ type: USER_TOKENS, properties: { username }, options });

/** A program of the page about languages. */
interface PageProgram {
  readonly config: Record<string, unknown>;
  readonly resources: Record<string, { readonly properties: Record<string, unknown> }>;
}

describe("a YAML program with the packed and installed plugin", () => {
  const language = useLanguage("yaml");
  afterEach(() => language.lab.api.reset());

  describe("the example", () => {
    let stack: Sandbox;

    before(async () => {
      stack = await language.example("yaml");
    });

    it("is blocked in preview by the pack, and by nothing else", async () => {
      const result = await preview(stack);
      assertFails(result, "error: preview failed", /motherduck-tokens:index:UserTokens: bi\)/);
      assert.deepEqual(violationLines(result), [
        "mandatory max-read-write-tokens admins",
        "mandatory tokens-must-expire bi",
      ]);
      assert.match(result.output, /oldestOfBi: "refresh"/);
      assert.match(result.output, /name\s*: "notebook"/, "the function's result");
    });

    it("is deployed when the tokens keep the rules, and has no change after that", async () => {
      language.lab.api.cleanUp();
      assertOk(await up(stack));
      const { text, userTokens: resources } = await stateOf(stack);
      assert.deepEqual(resources.map(({ id }) => id).sort(), ["svc_bi", "svc_etl"]);
      for (const { inputs, outputs } of resources) {
        assert.deepEqual(Object.keys(inputs).sort(), ["_provenance", "tokens", "username"]);
        assert.deepEqual(outputs, { username: inputs.username, tokens: inputs.tokens });
      }
      assert.ok(!text.includes(language.lab.api.token), "the API token in state");
      assertOk(await preview(stack, "--expect-no-changes"));
      assertOk(await stack.pulumi(["policy", "analyze", "--policy-pack", PACK]));
    });

    it("is updated by a plan with the versions of the CLI that keep what was read when out of plans", async () => {
      const { version } = await findPulumi(console.log);
      assertOk(await preview(stack, "--save-plan", "plan.json"));
      const planned = await stack.pulumi(["up", "--yes", "--skip-preview", "--plan", "plan.json"]);
      if (gte(version, PLANS_SINCE)) assertOk(planned);
      else assertFails(planned, "violates plan", "fetchedAt");
    });

    it("shows a token that was added at MotherDuck, takes it over by refresh, and is blocked by it", async () => {
      const { api } = language.lab;
      api.users.svc_etl?.push(wireToken("svc_etl", { name: "forever", type: "read_scaling", created: -1 }));
      const changed = await preview(stack);
      assertFails(changed, /~ +motherduck-tokens:index:UserTokens etl update/);
      assert.deepEqual(violationLines(changed), ["mandatory tokens-must-expire etl"]);
      assertOk(await stack.pulumi(["refresh", "--yes"]));
      assert.match((await stateOf(stack)).text, /"forever"/);
      api.users.svc_etl?.pop();
    });

    it("is destroyed without a single request", async () => {
      language.lab.api.reset();
      assertOk(await stack.pulumi(["destroy", "--yes"]));
      assert.equal(language.lab.api.requests.length, 0);
    });
  });

  describe("that breaks every rule", () => {
    let stack: Sandbox;
    let configFile: string;
    let result: RunResult;
    const users = [...OFFENDERS, "ada"];
    const evidence = [...users, "everyone", "elsewhere"];

    before(async () => {
      const { lab, plugin } = language;
      offend(lab);
      lab.api.members.leaver = { deprovisioned: true, roles: ["builder"] };
      lab.api.members.stayer = { roles: ["builder"] };
      for (const user of ["leaver", "stayer"]) {
        lab.api.users[user] = [wireToken(user, { name: "backup", type: "read_write", created: -10, expires: 60 })];
      }
      const everyone = { type: ORGANIZATION_TOKENS, properties: { usernames: ["leaver", "stayer"] } };
      // The same server by another address.
      const properties = { apiUrl: lab.api.url.replace("127.0.0.1", "localhost") };
      const other = { type: "pulumi:providers:motherduck-tokens", properties };
      const elsewhere = { ...userTokens("ada"), options: { provider: "${other}" } };
      const named = Object.fromEntries(users.map((name) => [name, userTokens(name)]));
      const resources = { ...named, everyone, other, elsewhere };
      // A limit that all evidence is above: what this plugin reads is new.
      const owners = { users: { ada: "#research" }, tokens: [{ token: "b*", owner: "it@example.com" }] };
      const config = { ...SETTINGS, owners, rules: { ...SETTINGS.rules, "evidence-fresh": { maxAgeHours: 1e-9 } } };
      const files = { ...yamlProject(plugin, { resources }), "motherduck-tokens.yaml": stringify(config) };
      stack = await language.sandbox({ files });
      configFile = path.join(stack.project, "motherduck-tokens.yaml");
      result = await stack.pulumi(["preview", "--policy-pack", PACK], {
        env: { MOTHERDUCK_TOKENS_CONFIG: configFile },
      });
    });

    const expectedOf = (rule: Rule): readonly string[] => {
      const { name } = rule;
      if (!judges(rule)) return [];
      if (name === "evidence-fresh") return evidence;
      return (FIRES_ON[name] ?? []).filter((resource) => [...evidence, STACK].includes(resource));
    };

    for (const rule of rules) {
      it(`is judged by ${rule.name}`, () => {
        const resources = violationsIn(result).filter(({ policy }) => policy === rule.name);
        assert.deepEqual([...new Set(resources.map(({ resource }) => resource))].sort(), [...expectedOf(rule)].sort());
      });
    }

    it("has owners by the settings alone", () => {
      assert.match(result.output, /\[owned by it@example\.com \(token setting\)\]/);
      assert.match(result.output, /ada: .*\[owned by #research \(user setting\)\]/);
    });

    it("is audited by its events, to the same findings", async () => {
      assert.equal(
        (await assertAgreeOnEvents(stack, configFile)).size,
        rules.filter((rule) => expectedOf(rule).length > 0).length - 1,
        "all that fire but the one that is not compared",
      );
    });

    it("is audited by its state, to the same findings", async () => {
      assert.ok((await assertAgreeOnState(stack, configFile)).size > 10);
    });
  });

  describe("with many users", () => {
    const names = Array.from({ length: 20 }, (_, index) => `u${index}`);
    const declare = (options = {}) => Object.fromEntries(names.map((name) => [name, userTokens(name, options)]));
    const config = { "motherduck-tokens:readAhead": { value: ["u*"] } };
    const provider = { type: "pulumi:providers:motherduck-tokens", properties: { readAhead: ["u*"] } };

    for (const { title, program, isAhead } of [
      { title: "reads one after the other", program: { resources: declare() }, isAhead: false },
      { title: "reads together, by the project's setting", program: { config, resources: declare() }, isAhead: true },
      {
        title: "reads together, by that of an explicit provider",
        program: { resources: { provider, ...declare({ provider: "${provider}" }) } },
        isAhead: true,
      },
    ]) {
      it(`${title}, each once`, async () => {
        const { api } = language.lab;
        Object.assign(api.users, Object.fromEntries(names.map((name) => [name, []])));
        api.latencyMs = 160;
        const stack = await language.sandbox({ files: yamlProject(language.plugin, program) });
        const result = await stack.pulumi(["preview"]);
        assertOk(result);
        const hints = result.output.match(
          /The tokens of \d+ users were read one after the other so far, which took \d+ s\./g,
        );
        // Shown when it comes, and again at the end.
        assert.equal(new Set(hints).size, isAhead ? 0 : 1, result.output);
        assert.deepEqual(
          names.map((name) => api.readsOf(name)),
          names.map(() => 1),
        );
        assert.equal(api.mostAtOnce > 4, isAhead, `${api.mostAtOnce} at once`);
      });
    }

    it("refuses a setting that is not a list", async () => {
      const text = { config: { "motherduck-tokens:readAhead": { value: "*" } }, resources: declare() };
      const stack = await language.sandbox({ files: yamlProject(language.plugin, text) });
      assertFails(
        await stack.pulumi(["preview"]),
        /readAhead is not a list of usernames or globs\. Use one such as \["\*"\]/,
      );
    });
  });

  describe("with credentials", () => {
    const APITOKEN = "motherduck-tokens:apiToken";
    const program = (resources: Record<string, unknown>) => yamlProject(language.plugin, { resources });
    let other: StandIn;

    before(async () => {
      other = await StandIn.start();
    });
    it("of its own for each provider looks at two organizations, and keeps them secret: the page's program", async () => {
      const { api } = language.lab;
      other.users = { ada: [wireToken("ada", { name: "elsewhere", type: "read_scaling", created: -1, expires: 30 })] };
      const { resources, config } = parse(blockOf(PAGE, "providers", "yaml")) as PageProgram;
      Object.assign(resources.us?.properties ?? {}, { apiUrl: api.url });
      Object.assign(resources.eu?.properties ?? {}, { apiUrl: other.url });
      const stack = await language.sandbox({
        files: yamlProject(language.plugin, { config, resources }),
        env: {
          MOTHERDUCK_ADMIN_TOKEN: "",
          MOTHERDUCK_API_URL: "",
          MOTHERDUCK_TOKENS_CONFIG_TEXT: JSON.stringify({
            rules: { "evidence-origin": { apiUrls: [api.url, other.url] } },
          }),
        },
      });
      for (const [key, value] of Object.entries({ usToken: api.token, euToken: other.token })) {
        assertOk(await stack.pulumi(["config", "set", "--secret", key, value]));
      }
      assertOk(await up(stack));
      assert.deepEqual([api.readsOf("ada"), other.readsOf("ada")].map(Boolean), [true, true]);
      const { text } = await stateOf(stack);
      assert.match(text, /"elsewhere"/);
      assert.ok(!text.includes(api.token) && !text.includes(other.token), "a credential in state");
      assertOk(await preview(stack, "--expect-no-changes"));
      assertOk(await stack.pulumi(["refresh", "--yes"]));
    });

    it("of two organizations has users of one name who are told apart: by waivers and by baselines", async () => {
      const { api } = language.lab;
      // The same id, too: nothing but the organization tells them apart.
      const endless = wireToken("svc", { name: "nightly", type: "read_write", created: -1 });
      api.users.svc = [endless];
      other.users = { svc: [endless] };
      const provider = (organization: string, apiUrl: string, apiToken: string) => ({
        type: "pulumi:providers:motherduck-tokens",
        properties: { organization, apiUrl, apiToken: { "fn::secret": apiToken } },
      });
      const svc = (name: string) => ({ ...userTokens("svc"), options: { provider: `\${${name}}` } });
      const both = {
        acme: provider("acme", api.url, api.token),
        umbrella: provider("umbrella", other.url, other.token),
        acmeSvc: svc("acme"),
        umbrellaSvc: svc("umbrella"),
      };
      const expires = new Date(Date.now() + daysToMs(30)).toISOString().slice(0, 10);
      const config = {
        rules: { "evidence-origin": { apiUrls: [api.url, other.url] } },
        waivers: [
          {
            ...{ id: "WVR-1", rule: "tokens-must-expire", user: "svc", organization: "acme", expires },
            ...{ reason: "The vendor cannot rotate", owner: "data@example.com" },
          },
        ],
      };
      const stack = await language.sandbox({
        files: { ...program(both), "settings.json": JSON.stringify(config) },
        env: { MOTHERDUCK_TOKENS_CONFIG: "" },
      });
      const env = { MOTHERDUCK_TOKENS_CONFIG: path.join(stack.project, "settings.json") };
      const result = await stack.pulumi(["preview", "--policy-pack", PACK], { env });
      assertFails(result);
      assert.deepEqual(
        violationLines(result).filter((line) => line.includes("tokens-must-expire")),
        ["advisory tokens-must-expire acmeSvc", "mandatory tokens-must-expire umbrellaSvc"],
      );

      const audit = (file: string, options: string) =>
        stack.shell(`motherduck-tokens audit --state ${file} --config rules.json ${options}`);
      stack.write({ "rules.json": JSON.stringify({ rules: config.rules }) });
      assertOk(await stack.pulumi(["up", "--yes", "--skip-preview"]));
      assertOk(await stack.shell("pulumi stack export > both.json"));
      const { deployment, ...state } = JSON.parse(readFileSync(path.join(stack.project, "both.json"), "utf8")) as {
        deployment: { resources: { urn: string }[] };
      };
      const resources = deployment.resources.filter(({ urn }) => !urn.endsWith("umbrellaSvc"));
      stack.write({ "acme.json": JSON.stringify({ ...state, deployment: { ...deployment, resources } }) });
      assert.equal((await audit("acme.json", "--write-baseline known.json")).code, 1);
      assertOk(await audit("acme.json", "--baseline known.json --fail-on-new"));
      assert.equal((await audit("both.json", "--baseline known.json --fail-on-new")).code, 1);
    });

    it("in the stack's configuration takes them before the environment", async () => {
      const stack = await language.sandbox({ files: program({ ada: userTokens("ada") }) });
      assertOk(await stack.pulumi(["config", "set", "--secret", APITOKEN, "another-canary"]));
      const result = await preview(stack);
      assertFails(result, "401 UNAUTHORIZED", APITOKEN);
      assert.doesNotMatch(result.output, /another-canary/);
    });

    it("in clear is refused before anything is sent, and nothing of it reaches state", async () => {
      const stack = await language.sandbox({
        files: program({ ada: userTokens("ada") }),
        config: { [APITOKEN]: "plain-canary" },
      });
      for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
        const result = await stack.pulumi(command);
        assertFails(result, `${APITOKEN} is configured as plain text. Revoke that token`);
        assert.doesNotMatch(result.output, /plain-canary/);
      }
      assert.doesNotMatch((await stateOf(stack)).text, /plain-canary/);
      assert.equal(language.lab.api.requests.length, 0);
      await other.stop();
    });
  });

  it("says in one message that a function cannot read, and what to do", async () => {
    const result = await preview(
      await language.sandbox({
        files: yamlProject(language.plugin, {
          variables: {
            nobody: {
              "fn::invoke": { function: "motherduck-tokens:getUserTokens", arguments: { username: "nobody" } },
            },
          },
          outputs: { tokens: "${nobody.tokens}" },
        }),
      }),
    );
    assertFails(result, /could not read the tokens of user "nobody": the API answered 404 NOT_FOUND/);
  });

  it("ends at once on Ctrl-C, although a read is running", async () => {
    const { api } = language.lab;
    const stack = await language.sandbox({
      files: yamlProject(language.plugin, { resources: { ada: userTokens("ada") } }),
    });
    api.script("ada", { delayMs: 600_000 });
    const running = stack.start(["preview"]);
    await until("a request", () => api.readsOf("ada") > 0);
    running.interrupt();
    // Longer than the engine needs, much shorter than the read's 30 seconds.
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, 15_000, undefined).unref());
    const result = (await Promise.race([running.result, late])) ?? assert.fail("it waits for the read");
    assertFails(result, "cancel");
  });

  it("is made by the page's commands, from an empty folder, and blocked", async () => {
    const result = await language.quickStart(PAGE, "yaml");
    assertFails(result, "error: preview failed");
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire bi"]);
  }).timeout(600_000);

  it("can be written in TypeScript, too, with the SDK that is generated and installed", async () => {
    const stack = await language.sandbox({
      files: {
        "Pulumi.yaml": "name: program\nruntime: nodejs\n",
        "package.json": `{ "name": "program", "version": "1.0.0", "main": "index.ts" }`,
        "index.ts": `
          import * as motherduck from "motherduck-tokens";
          const bi = new motherduck.UserTokens("bi", { username: "svc_bi" });
          const robots = new motherduck.OrganizationTokens("robots", { accounts: "serviceAccounts" });
          export const oldest = bi.tokens[0].name;
          export const names = robots.users.apply((users) => users.map(({ username }) => username).join());
          export const read = motherduck.getUserTokensOutput({ username: "ada" }).tokens.length;`,
      },
      env: { PULUMI_NODEJS_TRANSPILE_ONLY: "false" },
    });
    await language.add(stack);
    mendImports(path.join(stack.project, "sdks/motherduck-tokens"));
    // What linking does. The SDK compiles itself with the project's TypeScript.
    rmSync(path.join(stack.project, "node_modules"));
    await installInto(stack.project, [
      "./sdks/motherduck-tokens",
      `@pulumi/pulumi@${manifest.devDependencies["@pulumi/pulumi"]}`,
      "typescript@5",
      "@types/node@20",
    ]);
    const result = await preview(stack);
    assertFails(result, /oldest: "refresh"/, /names *: "svc_bi,svc_etl"/, /read *: 2/);
    assert.deepEqual(violationLines(result), [
      "mandatory tokens-must-expire bi",
      "mandatory tokens-must-expire robots",
    ]);
  }).timeout(600_000);
});

/**
 * The generator of the host that can be built here, made with Go 1.26 or newer, writes `./` for `../` into the files of
 * subfolders. Pulumi's own releases do not.
 */
function mendImports(sdk: string): void {
  for (const folder of ["config", "types"]) {
    for (const name of readdirSync(path.join(sdk, folder))) {
      const file = path.join(sdk, folder, name);
      writeFileSync(file, readFileSync(file, "utf8").replace(/(?<=from ")\.(?=\/(?:utilities|types\/))/g, ".."));
    }
  }
}
