import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { execa } from "execa";
import fc from "fast-check";
import { after, before, beforeEach, describe, it } from "mocha";
import type { JudgedUser } from "../../../audit/result";
import { runAudit } from "../../../cli/run-audit";
import { DAY } from "../../../core/duration";
import { decodeText } from "../../../core/printable";
import { createToken } from "../../../tools/stand-in/access-tokens";
import { type Member, type Organization, wireToken } from "../../../tools/stand-in/organization";
import { StandIn } from "../../../tools/stand-in/stand-in";
import { WITHOUT_OWNER } from "../../../reports/vocabulary/by-owner";
import { HOSTILE_NAMES } from "./fixture";

const SHELL_NAMES = [
  `'; touch broken-out; '`,
  `"$(touch broken-out)"`,
  "`touch broken-out`",
  "$HOME ${IFS} \\' \\\\",
  "-x",
  "a'b\"c",
  "nightly",
];

const Name = fc.oneof(fc.constantFrom(...SHELL_NAMES, ...HOSTILE_NAMES), fc.string({ minLength: 1, maxLength: 12 }));

const Token = fc.record({
  name: fc.oneof(Name, fc.constantFrom("MotherDuck Flights")),
  type: fc.constantFrom("read_write", "read_scaling"),
  created: fc.integer({ min: -200, max: -1 }),
  expires: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
});

const User = fc.record({
  name: Name.filter((name) => !/^\.{1,2}$/.test(name) && name.trim() !== "" && name.isWellFormed()),
  kind: fc.constantFrom("person", "service account", "deprovisioned"),
  tokens: fc.uniqueArray(Token, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
});

type Person = typeof User extends fc.Arbitrary<infer Value> ? Value : never;

const People = fc.uniqueArray(User, { minLength: 1, maxLength: 4, selector: ({ name }) => name.toLowerCase() });

/** What a step of the script says before it is edited. */
const STEPS = /^(create|switched|revoke)_(\d+)=no/gm;

describe("a plan", () => {
  let api: StandIn;
  let folder: string;

  before(async () => {
    api = await StandIn.start();
  });
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-plan-"));
  });
  after(() => api.stop());

  /** Audits everybody by strict rules, with one waiver, and writes the plan. @param more settings. */
  async function audit(
    more: object = {},
  ): Promise<{ users: JudgedUser[]; script: string; plan: string; page: string }> {
    const config = path.join(folder, "settings.json");
    const waiver = {
      id: "W",
      rule: "tokens-must-expire",
      user: "*",
      token: "nightly",
      reason: "r",
      owner: "o",
      expires: inDays(20),
    };
    writeFileSync(config, JSON.stringify({ preset: "strict", waivers: [waiver], ...more }));
    const file = (name: string) => path.join(folder, name);
    const report = [
      { format: "json", file: file("report.json") },
      { format: "plan-sh", file: file("plan.sh") },
      { format: "plan", file: file("plan.md") },
      { format: "html", file: file("page.html") },
    ] as const;
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() }) as NodeJS.WriteStream;
    const options = { all: true, accounts: "all", failOn: "mandatory", location: "x", quiet: true } as const;
    const io = { stdin: process.stdin, stdout: silent, stderr: silent, env: api.env };
    assert.notEqual(await runAudit({ ...options, config, report }, io), 2, "not everything was judged");
    const [json = "", script = "", plan = "", page = ""] = report.map((one) => readFileSync(one.file, "utf8"));
    const { users } = JSON.parse(json) as { users: JudgedUser[] };
    return { users, script, plan, page };
  }

  async function run(script: string): Promise<{ exitCode?: number; all: string }> {
    writeFileSync(path.join(folder, "plan.sh"), script);
    const options = { cwd: folder, env: { MOTHERDUCK_ADMIN_TOKEN: api.token }, stdin: "ignore", all: true } as const;
    return execa("sh", ["plan.sh"], { ...options, reject: false });
  }

  const writes = () =>
    api.requests.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`);

  it("ends the findings that it promised to end, touches nothing else, and no name breaks out of its quotes", async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(People, async (people) => {
        rmSync(folder, { recursive: true });
        folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-plan-"));
        Object.assign(api, organizationOf(people));
        const before = await audit();
        const untouched = structuredClone(api.users);
        api.reset();

        assert.equal((await run(before.script)).exitCode, 0);
        assert.deepEqual(api.requests, [], "it does nothing until it is edited");

        const all = edit(before.script, before.users, api);
        const carriedOut = await run(all);
        assert.equal(carriedOut.exitCode, 0, carriedOut.all);
        assert.ok(!carriedOut.all.includes(api.token));
        const done = writes();
        assert.equal((await run(all)).exitCode, 0, "what is done stays done");
        assert.deepEqual(writes(), done);
        assert.deepEqual(
          readdirSync(folder).filter(
            (name) => !/^(token-\d+\.json|plan\.sh|plan\.md|page\.html|report\.json|settings\.json)$/.test(name),
          ),
          [],
        );

        const promised = promisesOf(before.script, before.users);
        for (const [, kind = ""] of before.script.matchAll(/^(revoke|create|replacement)_\d+=[n']/gm)) kinds.add(kind);
        const left = new Set(
          (await audit()).users.flatMap(({ findings }) => findings.map(({ fingerprint }) => fingerprint)),
        );
        assert.deepEqual(
          promised.flatMap(({ fingerprints }) => fingerprints).filter((print) => left.has(print)),
          [],
        );
        const gone = new Set(promised.map(({ tokenId }) => tokenId));
        for (const [username, tokens] of Object.entries(untouched)) {
          const kept = tokens.filter(({ id }) => !gone.has(id));
          const now = new Map((api.users[username] ?? []).map((token) => [token.id, token]));
          for (const token of kept) assert.deepEqual(now.get(token.id), token, username);
        }
      }),
      // The same organizations in every run: six at random do not always need each kind of step.
      { numRuns: 6, seed: 1 },
    );
    assert.deepEqual([...kinds].sort(), ["create", "replacement", "revoke"]);
  }).timeout(120_000);

  it("tells the owners of people, robots, administrators and MotherDuck's own tokens what to do, and its calls end that", async () => {
    const own = (name: string, fields = {}) => ({ name, type: "read_write", created: -20, expires: 20, ...fields });
    const never = { expires: undefined };
    const lines: Record<string, { member: Member; tokens: ReturnType<typeof own>[] }> = {
      ada: { member: { email: "ada@example.com", roles: ["admin"] }, tokens: [own("laptop", { expires: 60 })] },
      grace: {
        member: { email: "grace@example.com", roles: ["builder"] },
        tokens: [own("notebook", never), own("MotherDuck Flights", never)],
      },
      linus: { member: { email: "linus@example.com", deprovisioned: true }, tokens: [own("old")] },
      svc_etl: {
        member: { serviceAccount: true },
        tokens: [own("loads", never), own("export", { ...never, description: "Team: finance" })],
      },
    };
    api.users = Object.fromEntries(
      Object.entries(lines).map(([user, { tokens }]) => [user, tokens.map((line) => wireToken(user, line))]),
    );
    api.members = Object.fromEntries(Object.entries(lines).map(([user, { member }]) => [user, member]));
    const owners = { users: { "svc_*": "data-platform" }, tokens: [{ token: "export", owner: "finance" }] };
    const before = await audit({ owners });
    const headings = [...before.plan.matchAll(/^## (.+): /gm)].map(([, heading]) => heading);
    const expected = ["ada@example.com", "data-platform", "finance", "grace@example.com", "linus@example.com"];
    assert.deepEqual(
      headings.map((heading) => heading?.replace(/<\/?code>|`/g, "").replace("&#64;", "@")),
      [...expected, WITHOUT_OWNER],
    );
    assert.match(before.script, new RegExp(`^# == ${WITHOUT_OWNER}$`, "m"));
    for (const owner of expected) assert.ok(before.page.includes(owner), owner);
    assert.match(before.plan, /## Left alone\n\n- <code>grace .*<\/code> \/ `"MotherDuck Flights"`/);

    const { exitCode, all } = await run(edit(before.script, before.users, api));
    assert.equal(exitCode, 0, all);
    const promised = promisesOf(before.script, before.users);
    assert.equal(promised.length, 5);
    const left = new Set(
      (await audit({ owners })).users.flatMap(({ findings }) => findings.map(({ fingerprint }) => fingerprint)),
    );
    assert.ok(promised.every(({ fingerprints }) => fingerprints.every((print) => !left.has(print))));
  }).timeout(60_000);

  describe("of one token of a service account", () => {
    const endless = wireToken("svc", { name: "loader", type: "read_scaling", created: -3 });

    beforeEach(() => {
      api.reset();
      api.members = { svc: { serviceAccount: true } };
      api.users = { svc: [{ ...endless }] };
    });

    it("never revokes before the replacement is listed", async () => {
      const { script } = await audit();
      api.reset();
      const early = await run(script.replace("switched_1=no", "switched_1=yes"));
      assert.deepEqual([early.exitCode, writes()], [1, []]);
      assert.match(early.all, /1: there is no replacement yet; nothing was revoked/);

      const created = script.replace("create_1=no", "create_1=yes");
      assert.equal((await run(created)).exitCode, 0);
      assert.deepEqual(writes(), ["POST /v1/users/svc/tokens"]);
      const [, replacement] = api.users.svc ?? [];
      assert.equal(replacement?.name, "loader");
      assert.equal(replacement.token_type, "read_scaling");
      assert.equal(Date.parse(replacement.expire_at ?? "") - Date.parse(replacement.created_ts), 30 * DAY);
      assert.equal(statSync(path.join(folder, "token-1.json")).mode & 0o77, 0, "others can read the new token");

      api.users = { svc: [{ ...endless }] };
      const unlisted = await run(created.replace("switched_1=no", "switched_1=yes"));
      assert.deepEqual([unlisted.exitCode, api.users.svc?.length], [1, 1]);
      assert.match(unlisted.all, /1: the replacement [0-9a-f-]+ is not listed; nothing was revoked/);
    });

    it("revokes nothing and says so where the API does not answer, and goes on", async () => {
      api.users.other = [wireToken("other", { name: "b", type: "read_scaling", created: -3 })];
      api.members.other = { deprovisioned: true };
      const { script } = await audit();
      api.script("svc", { status: 500 });
      const { exitCode, all } = await run(script.replace(STEPS, "$1_$2=yes"));
      assert.equal(exitCode, 1);
      assert.match(all, /no replacement was created|nothing was revoked/);
      assert.deepEqual([api.users.other.length, api.users.svc?.length], [0, 1]);
    });
  });
});

const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

function organizationOf(people: readonly Person[]): {
  users: Organization;
  members: Record<string, Member>;
} {
  return {
    users: Object.fromEntries(
      people.map(({ name, tokens }) => [
        name,
        tokens.map(({ expires, ...line }) => wireToken(name, { ...line, ...(expires !== undefined && { expires }) })),
      ]),
    ),
    members: Object.fromEntries(
      people.map(({ name, kind }) => [
        name,
        { serviceAccount: kind === "service account", deprovisioned: kind === "deprovisioned" },
      ]),
    ),
  };
}

/** Says yes to all steps, chooses names, and does what people have to do themselves. */
function edit(script: string, users: readonly JudgedUser[], api: StandIn): string {
  const tasks = promisesOf(script, users);
  return script
    .replace(STEPS, "$1_$2=yes")
    .replace(/^name_(\d+)=''/gm, "name_$1=chosen-$1")
    .replace(/^replacement_(\d+)=''/gm, (_line, number: string) => {
      const task = tasks[Number(number) - 1];
      assert.ok(task);
      const request = { name: `own-${number}`, ttl: 7 * 86_400, token_type: task.tokenType };
      const made = createToken(JSON.stringify(request), Date.now());
      assert.ok(made);
      api.users[task.username]?.push(made.listed);
      return `replacement_${number}=${made.listed.id}`;
    });
}

/** What the script says about each task, in its order. */
function promisesOf(script: string, users: readonly JudgedUser[]) {
  const ids = [...script.matchAll(/^(?:revoke|replaced) \d+ .* '([0-9a-f-]{36})'$/gm)].map(([, id]) => id);
  return ids.map((tokenId) => {
    const user = users.find(({ tokens }) => tokens.some(({ id }) => id === tokenId));
    assert.ok(user && tokenId);
    const findings = user.findings.filter((finding) => finding.tokenId === tokenId && finding.remedy);
    assert.ok(findings.length > 0 && findings.every(({ waiver }) => waiver === undefined));
    const replaced = findings.map(({ remedy }) => (remedy?.action === "replace" ? remedy.tokenType : undefined));
    return {
      tokenId,
      username: decodeText(user.username),
      tokenType: replaced.includes("read_scaling") ? "read_scaling" : "read_write",
      fingerprints: findings.map(({ fingerprint }) => fingerprint),
    };
  });
}
