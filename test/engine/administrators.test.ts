import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { outputOf } from "../../tools/rule-docs";
import { PACK, ROOT, type Sandbox } from "../../tools/sandbox";
import { loadOrganization, wireToken } from "../../tools/stand-in/organization";
import { assertAgreeOnEvents } from "./audit-agreement";
import { assertFails, assertOk, Lab, violationLines } from "./support";

const PAGE = path.join(ROOT, "docs/configuration.md");
const EXCERPT = /(<!-- written by the tests: administrators -->\n\n```text\n)(.*?)(?=\n```\n)/s;

describe("administrators, on the real engine", () => {
  let lab: Lab;
  let stack: Sandbox;

  before(async () => {
    lab = await Lab.start();
    lab.api.users = loadOrganization().users;
    for (const user of ["ada", "svc_etl"]) {
      lab.api.users[user] = [wireToken(user, { name: "endless", type: "read_write", created: -3 })];
    }
    stack = await lab.program(`new md.OrganizationTokens("some", { usernames: ["ada", "svc_etl"] });`);
  });
  after(() => lab.stop());

  async function judge(settings: object) {
    stack.write({ "settings.json": JSON.stringify(settings) });
    const file = path.join(stack.project, "settings.json");
    return stack.pulumi(["preview", "--policy-pack", PACK], { env: { MOTHERDUCK_TOKENS_CONFIG: file } });
  }

  it("are found one step more severe, as the page about the settings shows, and the audit agrees", async () => {
    const result = await judge({});
    assertFails(result);
    assert.deepEqual(violationLines(result), [
      "advisory admin-tokens-limited some",
      "mandatory tokens-must-expire some",
      "mandatory tokens-must-expire some",
    ]);
    const printed = outputOf("tokens-must-expire", "some", result.output);
    assert.match(printed, /\[severity: critical\].*ada \(administrator\) \/ "endless"/s);
    assert.match(result.output, /\[severity: high\]\s+tokens-must-expire[^[]*svc_etl \/ "endless"/);
    const page = readFileSync(PAGE, "utf8");
    const current = page.replace(EXCERPT, (_, start: string) => start + printed);
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, current);
    else assert.equal(page, current, "run npm run docs:rules");
    await assertAgreeOnEvents(stack, path.join(stack.project, "settings.json"));
  });

  it("are those whose roles the settings name", async () => {
    const rules = { "tokens-must-expire": "disabled", "admin-tokens-limited": "mandatory" };
    assertFails(await judge({ rules }), "ada / ");
    assertOk(await judge({ rules, adminRoles: ["org_owner"] }));
    assertFails(await judge({ rules, adminRoles: ["Builder"] }), "svc_etl / ");
  });
});
