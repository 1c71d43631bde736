import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { AuditOptions } from "../../../cli/audit-options";
import { runAudit } from "../../../cli/run-audit";
import { readMetrics } from "../../../reports/openmetrics/exposition";
import { loadOrganization } from "../../../tools/stand-in/organization";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { until } from "../../until";
import { newPlace } from "../history/support";
import { makeFolder, temporaryFile, useStandIn, wireToken } from "../support";

const DEFAULTS = { all: true, accounts: "all", failOn: "none", location: "Pulumi.yaml", quiet: true } as const;

describe("the metrics of an audit", () => {
  const api = useStandIn();
  const folder = makeFolder("motherduck-tokens-metrics-");
  let file: string;
  let files = 0;
  let stderr: string;
  let stdout: string;
  beforeEach(() => {
    file = path.join(folder, `${files++}.prom`);
    stderr = stdout = "";
  });
  afterEach(() => {
    api.standIn.users = loadOrganization().users;
  });

  /** Runs an audit. @returns its exit code, and the metrics in the file. */
  async function audit(options: Partial<AuditOptions> = {}, env: NodeJS.ProcessEnv = {}) {
    const io = {
      stdin: process.stdin,
      stdout: streamTo((text) => (stdout += text)),
      stderr: streamTo((text) => (stderr += text)),
      env: { ...api.standIn.env, ...env },
    };
    const code = await runAudit({ ...DEFAULTS, report: [{ format: "openmetrics", file }], ...options }, io);
    const metrics = readMetrics(stdout || readFileSync(file, "utf8")) ?? assert.fail("no metrics");
    const value = (name: string) => metrics.get(`motherduck_${name}`)?.[0]?.value ?? assert.fail(name);
    const failures = metrics.get("motherduck_audit_failures")?.filter((sample) => sample.value > 0) ?? [];
    return {
      code,
      metrics,
      isComplete: value("audit_complete") === 1,
      lastRun: value("audit_last_run_timestamp_seconds"),
      lastComplete: value("audit_last_complete_run_timestamp_seconds"),
      causes: Object.fromEntries(failures.map(({ labels, value: number }) => [labels.cause, number])) as Record<
        string,
        number
      >,
    };
  }

  it("keep the time of the last complete one through others that are not, and tell why these are not", async () => {
    const complete = await audit();
    assert.deepEqual([complete.code, complete.isComplete, complete.causes], [0, true, {}]);
    assert.equal(complete.lastComplete, complete.lastRun);

    api.standIn.script("svc_etl", ERRORS.forbidden);
    const partial = await audit();
    assert.deepEqual([partial.code, partial.isComplete, partial.causes], [2, false, { forbidden: 1 }]);
    assert.equal(partial.lastComplete, complete.lastRun);
    assert.ok(partial.lastRun > complete.lastRun);

    const refused = await audit({}, { MOTHERDUCK_ADMIN_TOKEN: "wrong" });
    assert.deepEqual([refused.code, refused.isComplete, refused.causes], [2, false, { unauthorized: 1 }]);
    assert.equal(refused.lastComplete, complete.lastRun);
    assert.ok(!refused.metrics.has("motherduck_users"));

    const missing = await audit({}, { MOTHERDUCK_ADMIN_TOKEN: "" });
    assert.deepEqual([missing.code, missing.causes, missing.lastComplete], [2, { settings: 1 }, complete.lastRun]);

    api.standIn.reset();
    // An audit that cannot begin may be over within a millisecond.
    await until("the next one", () => Date.now() / 1000 > missing.lastRun);
    const again = await audit();
    assert.deepEqual([again.isComplete, again.lastComplete], [true, again.lastRun]);
    assert.ok(again.lastRun > missing.lastRun);
  });

  it("tell errors of the API apart", async () => {
    api.standIn.script("ada", ERRORS.notFound);
    api.standIn.script("svc_bi", { body: "not json" });
    api.standIn.script("svc_etl", { status: 418, body: {} });
    assert.deepEqual((await audit()).causes, { not_found: 1, response: 1, rejected: 1 });
  });

  it("take the time of the last complete one from the ledger where no file has it", async () => {
    const history = newPlace();
    const { lastRun } = await audit({ history });
    file = path.join(folder, "of-another-machine.prom");
    api.standIn.script("svc_etl", ERRORS.forbidden);
    assert.equal((await audit({ history })).lastComplete, lastRun);
    api.standIn.script("svc_etl", ERRORS.forbidden);
    assert.equal((await audit({ history: newPlace() })).lastComplete, lastRun, "of the file, where the ledger is new");
    for (const [token, cause] of [
      ["wrong", "unauthorized"],
      ["", "settings"],
    ] as const) {
      file = path.join(folder, `of-a-machine-with-${cause}.prom`);
      const refused = await audit({ history }, { MOTHERDUCK_ADMIN_TOKEN: token });
      assert.deepEqual([refused.lastComplete, refused.causes], [lastRun, { [cause]: 1 }]);
    }
    file = path.join(folder, "of-other-users.prom");
    api.standIn.script("ada", ERRORS.forbidden);
    assert.equal((await audit({ history, all: false, user: ["ada"] })).lastComplete, 0, "of others");
    file = path.join(folder, "of-another-organization.prom");
    const others = { MOTHERDUCK_ORGANIZATION: "other", MOTHERDUCK_ADMIN_TOKEN: "wrong" };
    assert.equal((await audit({ history }, others)).lastComplete, 0, "of another organization");
    file = path.join(folder, "without-a-ledger.prom");
    const none = { history: path.join(folder, "none.duckdb") };
    assert.equal((await audit(none, { MOTHERDUCK_ADMIN_TOKEN: "" })).lastComplete, 0);
    assert.ok(!existsSync(none.history), "nothing was recorded");
  });

  it("count new findings where there is a ledger", async () => {
    const history = newPlace();
    await audit({ history });
    api.standIn.users.ada?.push(wireToken("0e9d1c5e-0000-4000-8000-000000000009"));
    const { metrics } = await audit({ history });
    const opened = metrics.get("motherduck_new_findings")?.filter(({ value }) => value > 0);
    assert.equal(opened?.find(({ labels }) => labels.rule === "tokens-must-expire")?.value, 1);
    assert.ok(!opened.some(({ labels }) => labels.rule === "max-read-write-tokens"), "it was there before");
  });

  it("say that the time is lost where the file that was there cannot be believed", async () => {
    writeFileSync(file, "motherduck_audit_last_complete_run_timestamp_seconds 4000000000\n");
    api.standIn.script("svc_etl", ERRORS.forbidden);
    assert.equal((await audit()).lastComplete, 0);
    assert.match(stderr, /^motherduck-tokens: nobody knows when the last complete audit was: .*\n/m);
  });

  it("say what they left out", async () => {
    const { metrics } = await audit({ metricLabels: "token", metricLimit: 1 });
    assert.equal(metrics.get("motherduck_token_creation_timestamp_seconds")?.length, 1);
    assert.match(stderr, /^motherduck-tokens: the metrics have no dates of \d tokens, .*: --metric-limit is 1\.\n$/);
  });

  it("tell dates apart by owner: an e-mail address, where the settings have no owners", async () => {
    const owners = async (options: Partial<AuditOptions> = {}) => {
      const { metrics } = await audit({ metricLabels: "owner", ...options });
      const dates = metrics.get("motherduck_token_creation_timestamp_seconds") ?? [];
      return dates.map(({ labels: { owner = "nobody", type } }) => `${owner} ${type}`).sort();
    };
    const people = ["ada@example.com read_scaling", "ada@example.com read_write", "grace@example.com read_write"];
    assert.deepEqual(await owners(), [...people, "nobody read_scaling", "nobody read_write"]);
    const config = temporaryFile("owners.yaml", 'owners: { email: false, users: { "svc_*": data } }');
    const named = await owners({ config });
    assert.deepEqual(named, ["data read_scaling", "data read_write", "nobody read_scaling", "nobody read_write"]);
  });

  it("go to standard output, too, where nothing was before", async () => {
    api.standIn.script("svc_etl", ERRORS.forbidden);
    const { lastComplete } = await audit({ report: [{ format: "openmetrics" }] });
    assert.equal(lastComplete, 0);
    assert.doesNotMatch(stderr, /nobody knows/);
  });

  it("name the organization that the environment names, also where nothing could be read", async () => {
    for (const token of [api.standIn.token, "wrong"]) {
      const { metrics } = await audit({}, { MOTHERDUCK_ORGANIZATION: "acme", MOTHERDUCK_ADMIN_TOKEN: token });
      for (const samples of metrics.values())
        for (const { labels } of samples) assert.equal(labels.organization, "acme");
    }
  });

  it("leave nothing else in their folder, which is watched, and can be read by others", async () => {
    await audit();
    assert.deepEqual(
      readdirSync(folder).filter((name) => !name.endsWith(".prom")),
      [],
    );
    chmodSync(file, 0o600);
    await audit();
    assert.equal(statSync(file).mode & 0o777, 0o666 & ~process.umask());
  });
});

function streamTo(take: (text: string) => void): NodeJS.WriteStream {
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    take(chunk.toString());
    done();
  };
  return new Writable({ write }) as unknown as NodeJS.WriteStream;
}
