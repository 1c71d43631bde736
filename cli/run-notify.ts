import { AuditError } from "../audit/audit-error";
import { count } from "../core/count";
import { quotedName } from "../core/printable";
import { Ledger } from "../history/ledger";
import { readNotices, recordDigest } from "../history/notices";
import type { DeliveryTiming } from "../notices/channels/channel";
import { openChannel } from "../notices/channels/open";
import { deliver } from "../notices/deliver";
import type { Digest, SentNotice } from "../notices/notice";
import { planDigests } from "../notices/plan";
import { lineOf } from "../notices/wording";
import type { AuditIo } from "./audit-io";
import { requireLedger } from "./find-ledger";
import { readConfiguration } from "./read-configuration";
import { readReportFrom } from "./read-report";
import { openExisting } from "./run-history";

/** The parsed options of `motherduck-tokens notify`. */
export interface NotifyOptions {
  /** A JSON report's file, or `-`. */
  readonly report: string;
  readonly history?: string;
  readonly config?: string;
  readonly now?: number;
  readonly dryRun?: boolean;
}

/**
 * Sends what is due, and records it.
 *
 * @returns 0 if everything was sent, 2 if something was not or the report is incomplete.
 * @throws AuditError, PolicyConfigError
 */
export async function runNotify(
  options: NotifyOptions,
  { stdin, stdout, stderr, env }: Pick<AuditIo, "stdin" | "stdout" | "stderr" | "env">,
  timing?: DeliveryTiming,
): Promise<0 | 2> {
  const { dryRun = false, now = Date.now() } = options;
  const { notify, findOwner } = await readConfiguration(options, env);
  if (!notify)
    throw new AuditError(
      "whom to tell? Name channels and routes in the settings file, with the key notify (docs/notices.md has an example).",
    );
  const { history: named, config } = options;
  // Without --now, which has nothing to do with where the ledger is.
  const place = { ...(named !== undefined && { history: named }), ...(config !== undefined && { config }) };
  const history = await requireLedger(place, env);
  const report = await readReportFrom(options.report, stdin);
  if (report.audit.owners !== undefined) {
    throw new AuditError("this report is about some owners only. Give one that was made without --owner.");
  }
  const plan = (sent: readonly SentNotice[]) => planDigests({ report, notify, findOwner, sent, now });
  const failures = report.failures.length;
  if (failures > 0) {
    stderr.write(
      `motherduck-tokens: the report is incomplete (${count(failures, "failure")}): whoever was not read is not told anything.\n`,
    );
  }

  if (dryRun) {
    const digests = await reading(history, env, async (ledger) => plan(await readNotices(ledger)));
    stdout.write(digests.map(describeDigest).join("") || "Nothing is due.\n");
    return failures > 0 ? 2 : 0;
  }

  const ledger = await openExisting(history, env);
  try {
    // Held until the end, so that two of these never send the same.
    const undelivered = await ledger.hold(async (commit) => {
      const digests = plan(await readNotices(ledger));
      if (digests.length === 0) stdout.write("Nothing is due.\n");
      const used = [...new Set(digests.map(({ channel }) => channel))];
      const channels = new Map(
        used.map((name) => [name, openChannel(name, channelIn(notify.channels, name), env, timing)] as const),
      );
      let failed = 0;
      const record = (digest: Digest) => commit(() => recordDigest(ledger, digest, options.now ?? Date.now()));
      for await (const { digest, failure } of deliver(digests, channels, record)) {
        if (failure === undefined) stdout.write(`Sent ${describeTarget(digest)}.\n`);
        else {
          failed += 1;
          stderr.write(
            `motherduck-tokens: not sent: ${describeTarget(digest)}: ${failure}. The next run tries again.\n`,
          );
        }
      }
      return failed;
    });
    return undelivered > 0 || failures > 0 ? 2 : 0;
  } finally {
    ledger.close();
  }
}

async function reading<T>(history: string, env: NodeJS.ProcessEnv, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await Ledger.open(history, { env });
  try {
    return await ledger.read(() => work(ledger));
  } finally {
    ledger.close();
  }
}

function channelIn<T>(channels: Readonly<Record<string, T>>, name: string): T {
  const channel = channels[name];
  if (channel === undefined) throw new AuditError(`there is no channel ${name} in notify.channels.`);
  return channel;
}

function describeTarget({ owner, channel, notices }: Digest): string {
  const whom = owner === undefined ? "the fallback, as nobody owns it" : quotedName(owner, 100);
  return `${count(notices.length, "notice")} over ${channel} to ${whom}`;
}

function describeDigest(digest: Digest): string {
  return [`${describeTarget(digest)}:`, ...digest.notices.map((notice) => `  ${lineOf(notice)}`), ""].join("\n");
}
