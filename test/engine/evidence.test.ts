import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { UNKNOWN_VALUES } from "../../core/engine-marks";
import { PACK, type Sandbox } from "../../tools/sandbox";
import { wireToken } from "../../tools/stand-in/organization";
import { assertFails, assertOk, editState, Lab, packFiles, preview, stateOf, up, violationLines } from "./support";

/** A resource whose output is unknown in preview. */
const LATER = `
  class Later extends pulumi.dynamic.Resource {
    constructor(name, value) {
      super({ create: async (inputs) => ({ id: "later", outs: inputs }) }, name, { value, made: undefined });
    }
  }
`;

describe("evidence that is not what it seems", () => {
  let lab: Lab;
  let stack: Sandbox;

  const run = async (program: string, command = preview, ...args: string[]) => {
    stack.write({
      "index.js": `const pulumi = require("@pulumi/pulumi");\nconst md = require("pulumi-motherduck-tokens");\n${program}`,
    });
    return command(stack, ...args);
  };

  before(async () => {
    lab = await Lab.start();
    stack = await lab.program("");
  });
  beforeEach(() => lab.api.reset());
  after(() => lab.stop());

  describe("an unknown username", () => {
    const program = `${LATER} new md.UserTokens("later", { username: new Later("account", "svc_bi").id.apply(() => "svc_bi") });`;

    it("warns in preview, sends nothing, and leaves the tokens unknown", async () => {
      const result = await run(program);
      assertOk(result);
      assert.match(
        result.output,
        /later: its tokens are not known yet in this preview; the update judges them before it acts/,
      );
      assert.deepEqual(violationLines(result), ["advisory evidence-fresh later"]);
      assert.equal(lab.api.requests.length, 0);
    });

    it("is judged by the `up` that follows, before the step", async () => {
      const result = await run(program, up, "--skip-preview");
      assertFails(result);
      assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire later"]);
      assert.deepEqual((await stateOf(stack)).userTokens, []);
      assertOk(await stack.pulumi(["destroy", "--yes"]));
    });
  });

  describe("evidence that the program made itself", () => {
    for (const { title, program } of [
      {
        title: "passed as `tokens`",
        program: `new md.UserTokens("forged", { username: "svc_bi", tokens: [], _provenance: { apiUrl: process.env.MOTHERDUCK_API_URL, fetchedAt: new Date().toISOString() } });`,
      },
      {
        title: "set by a transform",
        program: `new md.UserTokens("forged", { username: "svc_bi" }, {
          transforms: [({ props, opts }) => ({ props: { ...props, tokens: [], _provenance: { fetchedAt: "2099-01-01T00:00:00Z" } }, opts })] });`,
      },
      {
        title: "set by a transformation",
        program: `new md.UserTokens("forged", { username: "svc_bi" }, {
          transformations: [({ props, opts }) => ({ props: { ...props, tokens: [] }, opts })] });`,
      },
      {
        title: "set by a subclass",
        program: `class Mine extends md.UserTokens { constructor(n, a, o) { super(n, { ...a, tokens: [] }, o); } }
          new Mine("forged", { username: "svc_bi" });`,
      },
    ]) {
      it(`does not count when ${title}`, async () => {
        const result = await run(program);
        assertFails(result);
        assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire forged"]);
        assert.equal(lab.api.readsOf("svc_bi"), 1);
      });
    }

    it("is dropped, too, where the read fails", async () => {
      lab.api.script("svc_bi", { status: 500, body: {} });
      const result = await run(`new md.UserTokens("forged", { username: "svc_bi", tokens: [] });`);
      assertFails(result, "could not read the tokens of user");
    });
  });

  it("of a type that looks like this project's, but is not known, is reported", async () => {
    const result = await run(`
      class Copy extends pulumi.dynamic.Resource {
        constructor(name, props) {
          super({ create: async (i) => ({ id: "copy", outs: i }) }, name, props, {}, "my-motherduck", "UserTokens");
        }
      }
      new Copy("copy", { username: "svc_bi", tokens: [] });`);
    assertFails(result, "does not know resources of type pulumi-nodejs:dynamic/my-motherduck:UserTokens");
    assert.deepEqual(violationLines(result), [
      "advisory inventory-covered program-dev",
      "mandatory evidence-fresh copy",
    ]);
  });

  it("of a subclass is judged like any other", async () => {
    const result = await run(`class Mine extends md.UserTokens {} new Mine("mine", { username: "svc_bi" });`);
    assertFails(result);
    assert.deepEqual(violationLines(result), ["mandatory tokens-must-expire mine"]);
  });

  describe("that is odd does not drop out of a rule:", () => {
    const odd = `new md.UserTokens("odd", { username: "odd" });`;
    const judge = async (fields: object[], config: object = {}) => {
      const token = (age: number) => wireToken("odd", { name: "odd", type: "read_write", created: -age, expires: 40 });
      const tokens = fields.map((field, index) => ({ ...token(20 + index), id: String(index), ...field }));
      lab.api.script("odd", { body: { tokens } });
      stack.write({ "policies.json": JSON.stringify(config) });
      return run(odd, preview, "--policy-pack-config", "policies.json");
    };

    it("an expiry that is not a date counts as none", async () => {
      for (const expire_at of ["soon", "2099-02-30T00:00:00Z", ""]) {
        const result = await judge([{ expire_at }]);
        assertFails(result, "is not a date");
        assert.deepEqual(violationLines(result), [
          "mandatory token-fields-consistent odd",
          "mandatory tokens-must-expire odd",
        ]);
      }
    });

    it("a creation that is not a date gets no days of grace", async () => {
      const config = { "tokens-must-expire": { graceDays: 365 } };
      assertOk(await judge([{ expire_at: null }], config));
      const result = await judge([{ expire_at: null, created_ts: "just now" }], config);
      assertFails(result);
      assert.ok(violationLines(result).includes("mandatory tokens-must-expire odd"), result.output);
      assert.ok(violationLines(result).includes("mandatory token-fields-consistent odd"), result.output);
    });

    it("a token type that is not known counts as read_write", async () => {
      const result = await judge([{ token_type: "read_write_v2" }, { token_type: "" }, {}]);
      assertFails(result, "odd: 3 active read_write tokens exceed the limit of 2");
      assert.ok(violationLines(result).includes("mandatory max-read-write-tokens odd"), result.output);
      assert.ok(violationLines(result).includes("mandatory token-fields-consistent odd"), result.output);
    });
  });

  it("on a second page is read and judged", async () => {
    const token = wireToken("ada", { name: "first", type: "read_write", created: -20, expires: 40 });
    const endless = wireToken("ada", { name: "second", type: "read_write", created: -19 });
    lab.api.script("paged", { body: { tokens: [token], next_page_token: "2" } }, { body: { tokens: [endless] } });
    const result = await run(`new md.UserTokens("paged", { username: "paged" });`);
    assertFails(result, 'paged / "second"');
    assert.equal(lab.api.readsOf("paged"), 2);
  });

  it("is fresh for stack policies, too, after the tokens changed", async () => {
    const ada = `new md.UserTokens("ada", { username: "ada" });`;
    assertOk(await run(ada, up));
    stack.write(
      packFiles(
        "names",
        `{ name: "names", description: "It tells the names.", validateStack({ resources }, report) {
          for (const { type, props } of resources)
            if (/UserTokens/.test(type)) report("NAMES " + props.tokens.map(({ name }) => name)); } }`,
      ),
    );
    const judge = (command: string, ...args: string[]) => stack.pulumi([command, ...args, "--policy-pack", "names"]);
    assertFails(await judge("preview"), /NAMES laptop,notebook$/m);
    const added = wireToken("ada", { name: "tablet", type: "read_scaling", created: -2, expires: 30 });
    lab.api.users.ada?.push(added);
    assertFails(await judge("preview"), /NAMES laptop,notebook,tablet$/m);
    assertFails(await judge("up", "--yes", "--skip-preview"), /NAMES laptop,notebook,tablet$/m);
    lab.api.users.ada?.pop();
    assertOk(await stack.pulumi(["destroy", "--yes"]));
  });

  describe("a run with --target or --exclude", () => {
    const program = `new md.UserTokens("ada", { username: "ada" }); ${LATER} new Later("other", "x");`;
    const other = "urn:pulumi:dev::program::pulumi-nodejs:dynamic:Resource::other";

    before(async () => {
      assertOk(await run(program, up));
    });

    it("does not pass on evidence that is older than a day", async () => {
      await editState(stack, (resources) => {
        for (const { id, inputs } of resources) {
          if (id === "ada")
            (inputs._provenance as { fetchedAt: string }).fetchedAt = new Date(
              Date.now() - 25 * 3_600_000,
            ).toISOString();
        }
      });
      for (const args of [
        ["--target", other],
        ["--exclude", other.replace("dynamic:Resource::other", "dynamic/motherduck:UserTokens::ada")],
      ]) {
        const result = await run(program, preview, ...args);
        assertFails(result, /ada: the tokens were read 25(\.\d)? hours ago/);
        assert.deepEqual(violationLines(result), ["mandatory evidence-fresh ada"]);
        assert.equal(lab.api.requests.length, 0);
      }
    });

    it("does not pass a new resource whose tokens were never read", async () => {
      const result = await run(
        `${program} new md.UserTokens("new", { username: "svc_bi" });`,
        preview,
        "--target",
        other,
      );
      assertFails(result, "new: there is nothing to judge: `tokens` is missing");
    });

    it("does not pass where the state marks a user's tokens as not known yet", async () => {
      await editState(stack, (resources) => {
        for (const { id, inputs } of resources) if (id === "ada") inputs.tokens = UNKNOWN_VALUES.text;
      });
      const says = "ada: there is nothing to judge: `tokens` is not a list";
      assertFails(await run(program, up, "--skip-preview", "--target", other), says);
      assertFails(await stack.pulumi(["policy", "analyze", "--policy-pack", PACK]), says);
    });

    it("passes again when the tokens are read", async () => {
      assertOk(await run(program));
      assert.equal(lab.api.readsOf("ada"), 1);
    });

    it("is judged by `policy analyze` as well: a token that lost a field is reported, not skipped", async () => {
      await editState(stack, (resources) => {
        for (const { id, inputs } of resources) {
          if (id === "ada") for (const token of inputs.tokens as Record<string, unknown>[]) delete token.tokenType;
        }
      });
      const result = await stack.pulumi(["policy", "analyze", "--policy-pack", PACK]);
      assertFails(result, "`tokens` is not a list of tokens that this version knows");
    });
  });

  it("read with the `id` option or by a function is invisible to policies, as the README says", async () => {
    const result = await run(`
      module.exports = (async () => {
        const { tokens } = await md.getUserTokens({ username: "svc_bi" });
        new md.UserTokens("read", { username: "svc_bi" }, { id: "svc_bi" });
        return { count: tokens.length };
      })();`);
    assertOk(result);
    assert.deepEqual(violationLines(result), ["advisory inventory-covered program-dev"]);
  });
});
