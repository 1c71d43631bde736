import { AuditError } from "../audit/audit-error";
import { createJudge, type Judge } from "../audit/judge";
import { THE_AUDIT } from "../audit/failure";
import { causeOf } from "../audit/failure-cause";
import type { AuditClosing, Failure, FailureCause, Finding } from "../audit/result";
import { printable } from "../core/printable";
import { printablePlace } from "../history/duckdb";
import { resolveConfiguration } from "../policies/configuration/configuration";
import type { AuditIo } from "./audit-io";
import { asksOwners, type AuditOptions } from "./audit-options";
import { readBaseline, writeBaseline } from "./baseline-file";
import { describeAudit } from "./describe-audit";
import { describeError } from "./describe-error";
import { findFileConflict } from "./find-file-conflict";
import { findLedger } from "./find-ledger";
import { openReports } from "./open-reports";
import { openSource } from "./open-source";
import { startProgress } from "./progress";
import { nameConfiguration, readConfiguration } from "./read-configuration";
import { openLedger, recordAudit, withLastCompleteRun } from "./record-audit";

/**
 * Runs one audit: evidence, judgement, reports. Whatever goes wrong once the reports are open is a failure in them, so that
 * no report looks clean, and no old file is taken for a new one.
 *
 * @returns the exit code.
 * @throws AuditError if a report cannot be written, or would overwrite the ledger.
 */
export async function runAudit(options: AuditOptions, io: AuditIo = process): Promise<0 | 1 | 2> {
  const now = options.now ?? Date.now();
  const failures: Failure[] = [];
  const attempt = async <Value>(
    step: () => Value | Promise<Value>,
    otherwise?: FailureCause,
  ): Promise<Value | undefined> => {
    try {
      return await step();
    } catch (error) {
      const message = printable(describeError(error), 2000);
      failures.push({ subject: THE_AUDIT, message, ...causeOf(error, otherwise) });
      return undefined;
    }
  };

  const configuration = await attempt(() => readConfiguration(options, io.env), "settings");
  const source = await attempt(() => openSource(options, now, io, configuration), "settings");
  const baseline = await attempt(() => readBaseline(options.baseline), "settings");
  const configName = nameConfiguration(options, io.env);
  const header = describeAudit(options, now, configName, configuration ?? resolveConfiguration(), source, io.env);
  const ledger = await attempt(() => findLedger(options, configuration?.history, io.env), "settings");
  const conflict = ledger === undefined ? undefined : findFileConflict({ ...options, history: ledger }, io.env);
  if (conflict !== undefined) throw new AuditError(conflict);
  if (options.failOnNew && options.baseline === undefined && ledger === undefined && failures.length === 0) {
    throw new AuditError("--fail-on-new needs a --baseline or a ledger (--history), to know which findings are old.");
  }
  const reports = await openReports(options, header, io);
  const recorder = failures.length === 0 ? await attempt(() => openLedger(ledger, header, io), "ledger") : undefined;
  const complete = (judged: AuditClosing): Promise<AuditClosing> | AuditClosing => {
    if (recorder) return recordAudit(recorder, judged, options);
    const canBeRead = ledger !== undefined && !failures.some(({ cause }) => cause === "ledger");
    return canBeRead ? withLastCompleteRun(judged, ledger, header, io) : judged;
  };
  try {
    const known = baseline ?? (options.failOnNew ? await attempt(() => recorder?.accepted(), "ledger") : undefined);
    const accepted: Finding[] = [];
    const judge =
      configuration && failures.length === 0
        ? await attempt(
            () => createJudge({ ...judgeOptions(options), configuration, now, baseline: known }),
            "settings",
          )
        : undefined;
    if (source && judge) {
      const progress = startProgress(source, io, options.quiet);
      await attempt(async () => {
        for await (const item of source.read()) {
          const user = judge.take(item);
          progress.step();
          if (!user) continue;
          recorder?.add(user);
          if (options.writeBaseline !== undefined) accepted.push(...user.findings.filter(({ waiver }) => !waiver));
          await reports.user(user);
        }
      });
      progress.stop();
    }
    const judged = close(judge, failures);
    const closing = await complete(judged);
    await reports.end(closing);
    if (options.writeBaseline !== undefined) await writeBaseline(options.writeBaseline, accepted, closing, io);
    if (options.failOnNew && ledger !== undefined && !known && closing.summary.exitCode === 1) {
      io.stderr.write(nothingAccepted(ledger));
    }
    return closing.summary.exitCode;
  } catch (error) {
    await reports.discard();
    throw error;
  } finally {
    recorder?.close();
  }
}

function close(judge: Judge | undefined, failures: readonly Failure[]): AuditClosing {
  if (judge) {
    failures.forEach((failure) => judge.fail(failure));
    return judge.close();
  }
  const none = { users: 0, tokens: 0, mandatory: 0, advisory: 0, waived: 0, known: 0 };
  return { findings: [], failures, summary: { ...none, failures: failures.length, exitCode: 2 } };
}

function judgeOptions(options: AuditOptions) {
  const { failOn, failOnNew = false, user, owner, accounts, all } = options;
  const isSelection = user !== undefined || (all === true && accounts !== "all");
  const isEverybody = all === true && accounts === "all";
  return { failOn, failOnNew, isSelection, isEverybody, owners: owner, namesOwners: asksOwners(options) };
}

function nothingAccepted(ledger: string): string {
  return `motherduck-tokens: every finding is new, because no run was accepted. Look at this one, then run: motherduck-tokens history accept --history ${printablePlace(ledger)}\n`;
}
