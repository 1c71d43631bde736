import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import { Ajv } from "ajv";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { runAudit } from "../../../cli/run-audit";
import { settingsFileSchema } from "../../../policies/configuration/config-schema";
import { loadOrganization } from "../../../tools/stand-in/organization";
import { NOW, temporaryFile, useStandIn } from "../support";

const PAGE = path.resolve(__dirname, "../../../docs/owners-and-groups.md");
const SETTINGS = /<!-- checked by the tests: owners and groups -->\n\n```yaml\n(.*?)```/s;
const OUTPUT = /(<!-- written by the tests: ([\w ]+) -->\n\n```text\n)(.*?)(?=\n```\n)/gs;

/** `npm run docs:owners` writes what the audit prints. */
describe("docs/owners-and-groups.md", () => {
  const api = useStandIn();
  const page = readFileSync(PAGE, "utf8");
  const [, yaml = ""] = SETTINGS.exec(page) ?? [];

  /** What an audit of the stand-in's organization prints with the page's settings. */
  async function print(owner?: string): Promise<string> {
    api.standIn.users = loadOrganization(NOW).users;
    const file = temporaryFile("owners.txt", "");
    const options = {
      ...({ all: true, accounts: "all", failOn: "mandatory", location: "Pulumi.yaml", quiet: true } as const),
      ...({ config: temporaryFile("motherduck-tokens.yaml", yaml), now: NOW, history: false } as const),
      ...(owner !== undefined && { owner: [owner] }),
      report: [{ format: "text", file }] as const,
    };
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() }) as NodeJS.WriteStream;
    const code = await runAudit(options, {
      stdin: process.stdin,
      stdout: nowhere,
      stderr: nowhere,
      env: api.standIn.env,
    });
    assert.equal(code, 1);
    return readFileSync(file, "utf8")
      .trimEnd()
      .replaceAll(`, ${api.standIn.url}`, "")
      .replace(api.standIn.url, "https://api.motherduck.com");
  }

  it("shows settings that are right, also by the published schema", () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(settingsFileSchema());
    assert.ok(validate(parse(yaml)), JSON.stringify(validate.errors));
  });

  it("shows what the audit prints with them", async () => {
    const shown: Readonly<Record<string, string>> = {
      everybody: await print(),
      "one owner": await print("night-shift@example.com"),
    };
    const current = page.replace(
      OUTPUT,
      (_, start: string, title: string) => start + (shown[title] ?? assert.fail(title)),
    );
    assert.equal([...page.matchAll(OUTPUT)].length, 2);
    if (process.env.UPDATE_DOCS) writeFileSync(PAGE, current);
    else assert.equal(page, current, "run npm run docs:owners");
  });
});
