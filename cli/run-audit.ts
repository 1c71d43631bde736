import { createReadStream, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { AuditError } from "../audit/audit-error";
import { textOf } from "../audit/read-text";
import { type Baseline, formatBaseline, parseBaseline } from "../audit/baseline";
import type { EvidenceSource } from "../audit/evidence";
import { createJudge, describeRules, type Judge } from "../audit/judge";
import { THE_AUDIT } from "../audit/failure";
import type { AuditClosing, AuditHeader, Failure, Finding } from "../audit/result";
import type { Recorder } from "../history/record";
import { resolveSettings } from "../client/settings";
import { printablePlace } from "../history/duckdb";
import { printable } from "../core/printable";
import { STANDARD_STREAM } from "../core/standard-stream";
import { version } from "../core/version";
import {
  CONFIG_TEXT_VARIABLE,
  CONFIG_VARIABLE,
  type Configuration,
  resolveConfiguration,
} from "../policies/configuration/configuration";
import type { AuditIo } from "./audit-io";
import { deprovisionedUserHasTokens, evidenceOrigin, evidenceVerified } from "../policies/rules";
import type { AuditOptions } from "./audit-options";
import { findFileConflict } from "./find-file-conflict";
import { findLedger } from "./find-ledger";
import { startProgress } from "./progress";
import { readConfiguration } from "./read-configuration";
import { openReports } from "./open-reports";
import { fileSink } from "./report-sink";

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
  const attempt = async <Value>(step: () => Value | Promise<Value>): Promise<Value | undefined> => {
    try {
      return await step();
    } catch (error) {
      failures.push({ subject: THE_AUDIT, message: printable(messageOf(error), 2000) });
      return undefined;
    }
  };

  const configFile = options.config ?? (io.env[CONFIG_VARIABLE] || undefined);
  const configuration = await attempt(() => readConfiguration(options, io.env));
  const source = await attempt(() => openSource(options, now, io, configuration));
  const baseline = await attempt(() => readBaseline(options.baseline));
  const configName = configFile ?? (io.env[CONFIG_TEXT_VARIABLE] ? CONFIG_TEXT_VARIABLE : undefined);
  const header = describeAudit(options, now, configName, configuration ?? resolveConfiguration(), source);
  const ledger = await attempt(() => findLedger(options, configuration?.history, io.env));
  const conflict = ledger === undefined ? undefined : findFileConflict({ ...options, history: ledger }, io.env);
  if (conflict !== undefined) throw new AuditError(conflict);
  if (options.failOnNew && options.baseline === undefined && ledger === undefined && failures.length === 0) {
    throw new AuditError("--fail-on-new needs a --baseline or a ledger (--history), to know which findings are old.");
  }
  const reports = await openReports(options, header, io);
  const recorder = failures.length === 0 ? await attempt(() => openLedger(ledger, header, io)) : undefined;
  try {
    const known = baseline ?? (options.failOnNew ? await attempt(() => recorder?.accepted()) : undefined);
    const accepted: Finding[] = [];
    const judge =
      configuration && failures.length === 0
        ? await attempt(() => createJudge({ ...judgeOptions(options), configuration, now, baseline: known }))
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
    const closing = recorder ? await recordAudit(recorder, judged, options) : judged;
    await reports.end(closing);
    if (options.writeBaseline !== undefined) await writeBaseline(options.writeBaseline, accepted, closing, io);
    if (options.failOnNew && !known && closing.summary.exitCode === 1) io.stderr.write(nothingAccepted(ledger));
    return closing.summary.exitCode;
  } catch (error) {
    await reports.discard();
    throw error;
  } finally {
    recorder?.close();
  }
}

async function openLedger(
  place: string | undefined,
  header: AuditHeader,
  { env }: AuditIo,
): Promise<Recorder | undefined> {
  if (place === undefined) return undefined;
  const { Recorder } = await import("../history/record");
  return Recorder.start(place, header, { env });
}

/** @returns the closing with what changed; if the ledger cannot record the audit, with a failure. */
async function recordAudit(
  recorder: Recorder,
  closing: AuditClosing,
  { user, all, accounts, report = [] }: AuditOptions,
): Promise<AuditClosing> {
  const scope = user !== undefined ? "selection" : !all ? "stack" : accounts === "all" ? "everybody" : "selection";
  // It costs more than the comparison, and the other formats do not show it.
  const trend = report.some(({ format }) => format === "html" || format === "json");
  try {
    const { runId, isKnown, ...changes } = await recorder.finish(closing, scope, { sinceLastRun: true, trend });
    void [runId, isKnown];
    return { ...closing, ...changes };
  } catch (error) {
    return withFailure(closing, {
      subject: THE_AUDIT,
      message: printable(`not recorded: ${messageOf(error)}`, 2000),
    });
  }
}

function nothingAccepted(ledger = ""): string {
  return `motherduck-tokens: every finding is new, because no run was accepted. Look at this one, then run: motherduck-tokens history accept --history ${printablePlace(ledger)}\n`;
}

function withFailure({ failures, summary, ...closing }: AuditClosing, failure: Failure): AuditClosing {
  const all = [...failures, failure];
  return { ...closing, failures: all, summary: { ...summary, failures: all.length, exitCode: 2 } };
}

function close(judge: Judge | undefined, failures: readonly Failure[]): AuditClosing {
  if (judge) {
    failures.forEach((failure) => judge.fail(failure));
    return judge.close();
  }
  const none = { users: 0, tokens: 0, mandatory: 0, advisory: 0, waived: 0, known: 0 };
  return { findings: [], failures, summary: { ...none, failures: failures.length, exitCode: 2 } };
}

async function openSource(
  options: AuditOptions,
  now: number,
  io: AuditIo,
  configuration: Configuration = resolveConfiguration(),
): Promise<EvidenceSource> {
  const { state, events, user, accounts, concurrency } = options;
  if (state !== undefined) {
    const { stateSource } = await import("../audit/read-state");
    return verified(
      stateSource(state, () => openFile(state, io)),
      configuration,
      io,
    );
  }
  if (events !== undefined) {
    const { eventsSource } = await import("../audit/read-events");
    return verified(
      eventsSource(events, () => openFile(events, io)),
      configuration,
      io,
    );
  }
  const settings = resolveSettings((key) => (key === "concurrency" ? concurrency?.toString() : undefined), io.env);
  const { apiSource } = await import("../audit/read-api");
  const makeReader = async () => (await import("../client/reader")).createReader(settings);
  const dated = new Date(now).toISOString();
  const asksListing = configuration.level(deprovisionedUserHasTokens) !== "disabled";
  return apiSource({ apiUrl: settings.apiUrl, makeReader }, { usernames: user, accounts }, dated, asksListing);
}

/** Compares recorded evidence with the API, if the rule that needs it is enabled. */
async function verified(
  source: EvidenceSource,
  configuration: Configuration,
  { env }: AuditIo,
): Promise<EvidenceSource> {
  if (configuration.level(evidenceVerified) === "disabled") return source;
  const { verifySource } = await import("../audit/verify-source");
  return verifySource(source, async () => {
    const { createOwnReader } = await import("../policies/own-reader");
    return createOwnReader({ ...configuration, ...configuration.settings(evidenceOrigin), env });
  });
}

function openFile(file: string, { stdin }: AuditIo): Readable {
  return file === STANDARD_STREAM ? stdin : createReadStream(file);
}

function readBaseline(file: string | undefined): Baseline | undefined {
  if (file === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new AuditError(`${file}: the baseline cannot be read (${code}). Write one with --write-baseline.`);
  }
  return parseBaseline(file, textOf(file, bytes));
}

/** Writes no baseline if something could not be judged: what was missed would count as new later. */
async function writeBaseline(
  file: string,
  accepted: Finding[],
  closing: AuditClosing,
  { stderr }: AuditIo,
): Promise<void> {
  if (closing.failures.length > 0) {
    stderr.write(`${file}: no baseline was written, because not everything could be judged.\n`);
    return;
  }
  const sink = await fileSink(file, "baseline");
  await sink.write(formatBaseline([...accepted, ...closing.findings]));
  await sink.commit();
}

function judgeOptions({ failOn, failOnNew = false, user, accounts, all }: AuditOptions) {
  const isSelection = user !== undefined || (all === true && accounts !== "all");
  return { failOn, failOnNew, isSelection, isEverybody: all === true && accounts === "all" };
}

function describeAudit(
  options: AuditOptions,
  now: number,
  configFile: string | undefined,
  configuration: Configuration,
  source: EvidenceSource | undefined,
): AuditHeader {
  const { state, events, failOn, failOnNew = false, location } = options;
  const kind = state !== undefined ? "state" : events !== undefined ? "events" : "api";
  return {
    version,
    now: new Date(now).toISOString(),
    source: source?.source ?? { kind, name: "not read" },
    rules: describeRules(configuration),
    ...(configFile !== undefined && { configFile: printable(configFile, Infinity) }),
    failOn,
    failOnNew,
    location,
  };
}

function messageOf(error: unknown): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException;
  if (code !== undefined && file !== undefined) return `${file}: it cannot be read (${code}).`;
  return message.replace(/\s*\n\s*/g, " ");
}
