import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { after, before, beforeEach, describe, it } from "mocha";
import { parse, parseAllDocuments } from "yaml";
import manifest from "../../package.json";
import { readMetrics } from "../../reports/openmetrics/exposition";
import { ERRORS, StandIn } from "../../tools/stand-in/stand-in";
import { pack } from "../../tools/packed";
import { ROOT } from "../../tools/sandbox";
import { runSteps } from "../ci/github-runner";
import { commands, packedModules } from "../ci/packed-modules";
import { gitlabJob, NIGHTLY, read, readWorkflow } from "../ci/pipelines";
import { type Certificate, createAuthority, createCertificate } from "../faults/certificates";
import { MAIL_PASSWORD, type MailServer, startMailServer } from "../unit/notices/mail-server";
import { useReceiver } from "../unit/notices/support";
import { type RunningServer, startServer } from "./server";
import { findToolOrSkip } from "./tools";

const LAST_RUN = "motherduck_audit_last_run_timestamp_seconds";
const LAST_COMPLETE = "motherduck_audit_last_complete_run_timestamp_seconds";

describe("what runs every night", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "motherduck-tokens-nightly-"));
  let api: StandIn;
  let gateway: RunningServer;
  let heartbeat: Server;
  let heartbeats = 0;
  let authority: Certificate;
  let mail: MailServer;
  const slack = useReceiver();
  /** Where `npm install --global` puts commands, as on a machine and in the image. */
  let globalBin: string;
  let place: string;
  let places = 0;

  before(async function () {
    this.timeout(300_000);
    gateway = await startServer(await findToolOrSkip(this, "pushgateway"), [], "/-/ready");
    api = await StandIn.start();
    heartbeat = createServer((_request, response) => {
      heartbeats++;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(heartbeat, "listening");
    authority = await createAuthority();
    writeFileSync(path.join(folder, "ca.pem"), authority.cert);
    const certificate = await createCertificate("localhost", { authority });
    mail = await startMailServer({ kind: "starttls", certificate });
    const tarball = await pack(path.join(folder, "packed"));
    const prefix = path.join(folder, "global");
    const packages = [tarball, `@duckdb/node-api@${duckdbVersion()}`];
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await execa("npm", ["install", "--global", "--prefix", prefix, ...flags, ...packages], { stdin: "ignore" });
    globalBin = path.join(prefix, "bin");
    copyFileSync(path.join(ROOT, NIGHTLY.script), path.join(globalBin, "motherduck-tokens-nightly"));
    chmodSync(path.join(globalBin, "motherduck-tokens-nightly"), 0o755);
  });
  beforeEach(() => {
    api.reset();
    api.cleanUp();
    heartbeats = 0;
    forgetNotices();
    place = path.join(folder, `place-${places++}`);
    mkdirSync(place);
    writeFileSync(SETTINGS(), settings());
  });
  after(async () => {
    await mail?.stop();
    await gateway?.stop();
    await api?.stop();
    heartbeat?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const METRICS = () => path.join(place, "motherduck_tokens.prom");
  const SETTINGS = () => path.join(place, "motherduck-tokens.yaml");
  /** The settings of the ConfigMap, with a mail server that is there. */
  const settings = () => {
    const { data } = kubernetes("ConfigMap") as { data: Record<string, string> };
    const [text = ""] = Object.values(data);
    return text.replace(/^( +)host: smtp\.example\.com$/m, `$1host: localhost\n$1port: ${mail.port}`);
  };
  /** What the settings name. */
  const channels = () => ({ SLACK_URL: `${slack.url}/hook`, SMTP_PASSWORD: MAIL_PASSWORD });
  const trust = () => ({ NODE_EXTRA_CA_CERTS: path.join(folder, "ca.pem") });
  /** Who was told by mail since it was last asked, and what was told to the fallback. */
  const told = () => {
    const mails = mail.mails.map(({ to, secure, user }) => `${to.join()} ${secure ? user : "readable"}`);
    const told = { mails, slack: slack.received.map(({ body }) => /Token .*? \(/.exec(body)?.[0]) };
    forgetNotices();
    return told;
  };
  const forgetNotices = () => {
    mail.mails.length = 0;
    slack.received.length = 0;
    slack.answer = () => ({ status: 200 });
  };
  const environment = (): Record<string, string> => ({
    PATH: [globalBin, process.env.PATH].join(path.delimiter),
    HOME: place,
    ...api.env,
    LEDGER: path.join(place, "tokens.duckdb"),
    METRICS: METRICS(),
    MOTHERDUCK_TOKENS_CONFIG: SETTINGS(),
    ...channels(),
    ...trust(),
    PUSHGATEWAY_URL: gateway.url,
    HEARTBEAT_URL: `http://127.0.0.1:${(heartbeat.address() as AddressInfo).port}/`,
  });

  /** Runs the script. @param changes variables of its environment; an empty one is as good as none. */
  async function nightly(changes: Record<string, string> = {}, script = "motherduck-tokens-nightly") {
    const env = { ...environment(), ...changes };
    const { exitCode, all } = await execa(script, [], {
      env,
      extendEnv: false,
      reject: false,
      all: true,
    });
    return { exitCode, all };
  }

  /** The metrics that were pushed last. */
  async function pushed(): Promise<Record<string, number>> {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Object.fromEntries(
      [...text.matchAll(/^(motherduck_audit_\w+)\{instance="",job="motherduck_tokens"\} (\S+)$/gm)].map(
        ([, name, value]) => [name, Number(value)],
      ),
    ) as Record<string, number>;
  }

  describe("nightly.sh", () => {
    it("records a complete audit, pushes its metrics, and prints nothing that cron would send", async () => {
      const began = Date.now() / 1000;
      assert.deepEqual(await nightly(), { exitCode: 0, all: "" });
      const {
        [LAST_RUN]: lastRun,
        [LAST_COMPLETE]: lastComplete,
        motherduck_audit_complete: complete,
      } = await pushed();
      assert.ok(began <= (lastRun ?? 0) && (lastRun ?? 0) <= Date.now() / 1000);
      assert.deepEqual([lastComplete, complete], [lastRun, 1]);
      assert.ok(readMetrics(readFileSync(METRICS(), "utf8")));
      assert.ok(existsSync(path.join(place, "tokens.duckdb")));
      assert.equal(heartbeats, 1);
    });

    it("tells each owner once, and what nobody owns to the fallback", async () => {
      await nightly();
      assert.deepEqual(told(), EVERYBODY);
      assert.equal((await nightly()).exitCode, 0);
      assert.deepEqual(told(), { mails: [], slack: [] });
    });

    it("tells owners whatever the audit ends with: findings, or somebody who cannot be read", async () => {
      const strict = path.join(place, "strict.sh");
      const text = read(NIGHTLY.script).replace("--fail-on none", "--fail-on mandatory");
      assert.notEqual(text, read(NIGHTLY.script));
      writeFileSync(strict, text, { mode: 0o755 });
      api.users.ada?.push(ENDLESS);
      const failed = await nightly({}, strict);
      assert.equal(failed.exitCode, 1, failed.all);
      assert.deepEqual(told(), EVERYBODY);
      assert.equal(heartbeats, 0);

      rmSync(environment().LEDGER ?? "");
      api.script("svc_etl", ERRORS.forbidden);
      assert.equal((await nightly()).exitCode, 2);
      assert.deepEqual(told(), { ...EVERYBODY, slack: [] });
      api.reset();
      api.cleanUp();
      assert.equal((await nightly()).exitCode, 0);
      assert.deepEqual(told(), { ...EVERYBODY, mails: [] });
    });

    it("fails where a channel does not take something, is no heartbeat then, and the next night makes up for it", async () => {
      slack.answer = () => ({ status: 404 });
      const { exitCode, all } = await nightly();
      assert.equal(exitCode, 2);
      assert.match(all, /^motherduck-tokens: not sent: 1 notice over admins to the fallback.*: it answered 404/);
      assert.ok(!all.includes(slack.url));
      assert.equal(heartbeats, 0);
      assert.deepEqual(told().mails, EVERYBODY.mails);
      assert.deepEqual(await nightly(), { exitCode: 0, all: "" });
      assert.deepEqual(told(), { ...EVERYBODY, mails: [] });
    });

    it("fails where the settings tell nobody, or a secret is missing, and still records and pushes", async () => {
      writeFileSync(SETTINGS(), "preset: recommended\n");
      const nobody = await nightly();
      assert.deepEqual([nobody.exitCode, heartbeats], [2, 0]);
      assert.match(nobody.all, /whom to tell\?/);
      assert.equal((await pushed()).motherduck_audit_complete, 1);
      writeFileSync(SETTINGS(), settings());
      const missing = await nightly({ SMTP_PASSWORD: "" });
      assert.equal(missing.exitCode, 2);
      assert.match(missing.all, /set SMTP_PASSWORD/);
      assert.deepEqual(told(), { mails: [], slack: [] });
    });

    it("gives the API token to the audit alone, and leaves no report behind", async () => {
      const wrapped = path.join(place, "bin");
      mkdirSync(wrapped);
      const log = `echo "$1 \${MOTHERDUCK_ADMIN_TOKEN:+with the token}" >> "${place}/calls"`;
      const command = `#!/bin/sh\n${log}\nexec "${globalBin}/motherduck-tokens" "$@"\n`;
      writeFileSync(path.join(wrapped, "motherduck-tokens"), command, { mode: 0o755 });
      const temporary = path.join(place, "tmp");
      mkdirSync(temporary);
      const PATH = [wrapped, environment().PATH].join(path.delimiter);
      assert.deepEqual(await nightly({ PATH, TMPDIR: temporary }), { exitCode: 0, all: "" });
      assert.equal(readFileSync(path.join(place, "calls"), "utf8"), "audit with the token\nnotify \n");
      assert.deepEqual(readdirSync(temporary), []);
    });

    it("does not fail because of findings, which the metrics tell", async () => {
      api.users.ada?.push(ENDLESS);
      assert.equal((await nightly()).exitCode, 0);
      assert.match(
        readFileSync(METRICS(), "utf8"),
        /^motherduck_findings\{rule="tokens-must-expire",.*status="open"\} 1$/m,
      );
    });

    it("fails where a user cannot be read, says so, pushes that, and does not call it a heartbeat", async () => {
      await nightly();
      const { [LAST_RUN]: before = 0 } = await pushed();
      heartbeats = 0;
      api.script("svc_etl", ERRORS.forbidden);
      const { exitCode, all } = await nightly();
      assert.equal(exitCode, 2);
      assert.match(all, /svc_etl: .*403/);
      const {
        [LAST_RUN]: lastRun = 0,
        [LAST_COMPLETE]: lastComplete,
        motherduck_audit_complete: complete,
      } = await pushed();
      assert.deepEqual([lastComplete, complete], [before, 0]);
      assert.ok(lastRun > before);
      assert.equal(heartbeats, 0);
    });

    it("knows the last complete audit from the ledger, where no file is left", async () => {
      await nightly();
      const { [LAST_RUN]: before } = await pushed();
      rmSync(METRICS());
      api.script("svc_etl", ERRORS.forbidden);
      assert.equal((await nightly()).exitCode, 2);
      assert.equal((await pushed())[LAST_COMPLETE], before);
    });

    it("fails where the metrics cannot be pushed, or the heartbeat is refused", async () => {
      assert.equal((await nightly({ PUSHGATEWAY_URL: "http://127.0.0.1:1", HEARTBEAT_URL: "" })).exitCode, 3);
      assert.equal((await nightly({ PUSHGATEWAY_URL: "", HEARTBEAT_URL: `${gateway.url}/no-such-page` })).exitCode, 3);
    }).timeout(120_000);

    it("says what is not set, before anything is read", async () => {
      for (const name of ["LEDGER", "METRICS", "MOTHERDUCK_TOKENS_CONFIG"]) {
        const { exitCode, all } = await nightly({ [name]: "" });
        assert.notEqual(exitCode, 0);
        assert.match(all, new RegExp(`${name}: is not set`));
      }
      assert.deepEqual(api.requests, []);
    });

    it("leaves metrics that everybody can read, whatever the umask", async () => {
      const env = environment();
      await execa("sh", ["-c", "umask 077; exec motherduck-tokens-nightly"], { env, extendEnv: false });
      const { stdout } = await execa("ls", ["-l", METRICS()]);
      assert.match(stdout, /^-rw-r--r--/);
    });
  });

  it("is started by cron with the variables of a file", async () => {
    const lines = read(NIGHTLY.cron)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const variables = Object.fromEntries(
      lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split("=", 2) as [string, string]),
    );
    assert.equal(variables.SHELL, "/bin/sh");
    const [, command = ""] = /^17 4 \* \* \* motherduck-tokens (.*)$/m.exec(read(NIGHTLY.cron)) ?? [];
    assert.doesNotMatch(command, /%/, "a line break to cron");
    const { PATH, HOME = "", ...others } = environment();
    const file = path.join(place, "env");
    writeFileSync(
      file,
      Object.entries(others)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    const { exitCode, all } = await execa("/bin/sh", ["-c", command.replace("/etc/motherduck-tokens.env", file)], {
      env: { PATH: `${PATH}:${variables.PATH}`, HOME },
      extendEnv: false,
      reject: false,
      all: true,
    });
    assert.deepEqual({ exitCode, all }, { exitCode: 0, all: "" });
    assert.equal((await pushed()).motherduck_audit_complete, 1);
    assert.deepEqual(told(), EVERYBODY);
  });

  it("has in Kubernetes what the script needs, an image of these versions, and no more rights than that", () => {
    const job = kubernetes("CronJob") as CronJob;
    const pod = job.spec.jobTemplate.spec.template.spec;
    const [container] = pod.containers;
    const names = container.env.map(({ name }) => name);
    const needed = [...read(NIGHTLY.script).matchAll(/^# {3}([A-Z_]+) {2}/gm)].map(([, name]) => name);
    const place = ["LEDGER", "MOTHERDUCK_TOKENS_CONFIG", "METRICS", "PUSHGATEWAY_URL"];
    assert.deepEqual(needed, [...place, "HEARTBEAT_URL"]);
    assert.deepEqual(names, ["MOTHERDUCK_ADMIN_TOKEN", ...place, "HOME"]);
    const written = container.env.flatMap(({ value }) => (value?.startsWith("/") ? [value] : []));
    for (const file of written) {
      assert.ok(
        container.volumeMounts.some(({ mountPath }) => file.startsWith(mountPath)),
        file,
      );
    }
    const { metadata, data } = kubernetes("ConfigMap") as { metadata: { name: string }; data: Record<string, string> };
    const mounted = container.volumeMounts.find(({ name }) => name === "settings")?.mountPath;
    const config = container.env.find(({ name }) => name === "MOTHERDUCK_TOKENS_CONFIG")?.value;
    assert.deepEqual(Object.keys(data), [path.posix.relative(mounted ?? "", config ?? "")]);
    assert.equal(pod.volumes.find(({ name }) => name === "settings")?.configMap?.name, metadata.name);
    const secret = container.envFrom.map(({ secretRef }) => secretRef.name).join();
    const [, made = ""] = new RegExp(`secret generic ${secret} ((?:\\\\\n|.)*)`).exec(read("docs/nightly.md")) ?? [];
    const variables = [
      ...Object.values(data)
        .join("")
        .matchAll(/Variable: (\w+)/g),
    ].map(([, name]) => name);
    assert.deepEqual([...made.matchAll(/--from-file=(\w+)=/g)].map(([, name]) => name).sort(), variables.sort());
    assert.deepEqual(
      [
        pod.automountServiceAccountToken,
        pod.securityContext.runAsNonRoot,
        container.securityContext.readOnlyRootFilesystem,
      ],
      [false, true, true],
    );

    const image = read(NIGHTLY.image);
    assert.ok(image.includes(`--tag ${container.image} `) && container.image.endsWith(`:${manifest.version}`));
    assert.ok(image.includes(` pulumi-motherduck-tokens@${manifest.version} @duckdb/node-api@${duckdbVersion()}\n`));
    assert.match(image, /COPY --chmod=755 nightly\.sh \/usr\/local\/bin\/motherduck-tokens-nightly\n/);
    assert.match(image, /^ENTRYPOINT \["motherduck-tokens-nightly"\]$/m);
  });

  describe("in a pipeline", () => {
    let project: string;
    let installers: ReturnType<typeof commands>;
    before(async () => {
      project = path.join(folder, "project");
      mkdirSync(project);
      await packedModules(project);
      installers = commands({ npm: `[ "$1" = ci ]` });
    });
    after(() => installers?.remove());
    beforeEach(() => {
      for (const left of ["reports", "tokens.duckdb"])
        rmSync(path.join(project, left), { recursive: true, force: true });
      writeFileSync(path.join(project, "motherduck-tokens.yaml"), settings());
    });

    /** Runs a command in the project, with what a vendor gives it. */
    async function run(file: string, args: readonly string[], { env = {} }: { env?: Record<string, string> } = {}) {
      const { exitCode, stdout, stderr, all } = await execa(file, args, {
        cwd: project,
        env: {
          PATH: [installers.folder, process.env.PATH].join(path.delimiter),
          HOME: place,
          ...trust(),
          CALLS: path.join(folder, "calls"),
          MOTHERDUCK_API_URL: api.url,
          ...env,
          LEDGER: "tokens.duckdb",
        },
        extendEnv: false,
        reject: false,
        all: true,
      });
      return { code: exitCode ?? 1, stdout, stderr, output: all };
    }
    const PIPELINES = {
      async GitHub(token: string) {
        const { jobs, defaults, env } = readWorkflow(NIGHTLY.github);
        const secrets = {
          MOTHERDUCK_ADMIN_TOKEN: token,
          MOTHERDUCK_LEDGER_TOKEN: "of the ledger",
          PUSHGATEWAY_URL: gateway.url,
          ...channels(),
        };
        const uploads: (string | undefined)[] = [];
        const { result, summary, step } = await runSteps(
          { project, run: (file, args, options) => run(file, args, options) },
          {
            steps: jobs.audit?.steps ?? [],
            shell: defaults?.run.shell,
            context: { secrets },
            env: env as Record<string, string>,
          },
          (_step, given) => uploads.push(given.path),
        );
        assert.match(summary, /^## .*MotherDuck tokens/);
        assert.equal(uploads.at(-1), "reports/");
        assert.notEqual(step("Send the notices").outcome, "skipped");
        return result === "success";
      },
      async GitLab(token: string) {
        const { text, env, artifacts } = gitlabJob("nightly", NIGHTLY.gitlab);
        const given = {
          ...env,
          MOTHERDUCK_ADMIN_TOKEN: token,
          motherduck_token: "of the ledger",
          PUSHGATEWAY_URL: gateway.url,
          ...channels(),
        };
        const script = path.join(folder, "gitlab.sh");
        writeFileSync(script, text);
        const { code } = await run("bash", ["-eo", "pipefail", script], { env: given });
        assert.deepEqual([artifacts?.when, artifacts?.paths], ["always", ["reports/"]]);
        return code === 0;
      },
    };
    for (const [name, pipeline] of Object.entries(PIPELINES)) {
      it(`records the audit, pushes its metrics and tells owners, complete or not: ${name}`, async () => {
        const began = Date.now() / 1000;
        assert.equal(await pipeline(api.token), true);
        const complete = await pushed();
        assert.equal(complete.motherduck_audit_complete, 1);
        assert.ok((complete[LAST_RUN] ?? 0) >= began);
        assert.deepEqual(readdirSync(path.join(project, "reports")).sort(), ["motherduck_tokens.prom", "tokens.html"]);
        assert.ok(existsSync(path.join(project, "tokens.duckdb")));
        assert.deepEqual(told(), EVERYBODY);

        // A runner begins without files.
        rmSync(path.join(project, "reports"), { recursive: true });
        assert.equal(await pipeline("refused"), false);
        const incomplete = await pushed();
        assert.equal(incomplete.motherduck_audit_complete, 0);
        assert.equal(incomplete[LAST_COMPLETE], complete[LAST_RUN]);

        // Of whom it could read, an incomplete audit tells what is due.
        rmSync(path.join(project, "reports"), { recursive: true });
        rmSync(path.join(project, "tokens.duckdb"));
        forgetNotices();
        api.script("svc_etl", ERRORS.forbidden);
        assert.equal(await pipeline(api.token), false);
        assert.deepEqual(told(), { ...EVERYBODY, slack: [] });
      });
    }
  });
});

/** Who is told of what expires within 30 days: two people by mail, and the fallback of what nobody owns. */
const EVERYBODY = {
  mails: ["ada@example.com tokens", "grace@example.com tokens"],
  slack: [`Token \\"nightly\\" (`],
};

/** A token that never expires. */
const ENDLESS = {
  id: "0e9d1c5e-0000-4000-8000-000000000009",
  created_ts: new Date().toISOString(),
  read_only: false,
  token_type: "read_write",
} as const;

/** A part of the manifest. */
function kubernetes(kind: "ConfigMap" | "CronJob"): unknown {
  const documents = parseAllDocuments(read(NIGHTLY.kubernetes)).map((document) => document.toJS() as { kind: string });
  return documents.find((document) => document.kind === kind);
}

interface CronJob {
  readonly spec: { readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: Pod } } } };
}
interface Pod {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
  readonly containers: readonly [
    {
      readonly image: string;
      readonly env: readonly { readonly name: string; readonly value?: string }[];
      readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
      readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
    },
  ];
}

/** The version of DuckDB that the tests run with. */
function duckdbVersion(): string {
  const file = path.join(ROOT, "node_modules/@duckdb/node-api/package.json");
  return (parse(readFileSync(file, "utf8")) as { version: string }).version;
}
