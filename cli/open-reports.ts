import { readFileSync, statSync } from "node:fs";
import { THE_AUDIT } from "../audit/failure";
import type { AuditClosing, AuditHeader, JudgedUser } from "../audit/result";
import { loadReport } from "../reports";
import type { ReportChoices, ReportWriter } from "../reports/report";
import type { AuditIo } from "./audit-io";
import type { AuditOptions, RequestedReport } from "./audit-options";
import { fileSink, type ReportSink, streamSink } from "./report-sink";

/** All reports of one audit. */
export interface Reports {
  user(user: JudgedUser): Promise<void>;
  /** Completes them and makes them visible. */
  end(closing: AuditClosing): Promise<void>;
  /** Leaves files as they were. */
  discard(): Promise<void>;
}

/** Opens the requested reports, plus text on standard output unless another report goes there. @throws AuditError */
export async function openReports(
  { report = [], quiet = false, ...choices }: Pick<AuditOptions, "report" | "quiet"> & ReportChoices,
  header: AuditHeader,
  io: Pick<AuditIo, "stdout" | "stderr" | "env">,
): Promise<Reports> {
  const usesStdout = report.some(({ file }) => file === undefined);
  const requested: readonly RequestedReport[] = usesStdout || quiet ? report : [...report, { format: "text" }];
  const sinks: ReportSink[] = [];
  const discard = async () => {
    for (const sink of sinks) await sink.discard();
  };
  try {
    const outputs: { sink: ReportSink; writer: ReportWriter }[] = [];
    for (const { format, file } of requested) {
      const sink = file === undefined ? streamSink(io.stdout) : await fileSink(file);
      sinks.push(sink);
      const makeWriter = await loadReport(format);
      const target = file === undefined ? terminal(io) : { color: false, earlier: () => readEarlier(file) };
      outputs.push({ sink, writer: makeWriter(header, target, choices) });
    }
    return {
      async user(user) {
        for (const { sink, writer } of outputs) await sink.write(writer.user(user));
      },
      async end(closing) {
        for (const { sink, writer } of outputs) await sink.write(writer.end(closing));
        for (const { sink } of outputs) await sink.commit();
        if (!requested.some(({ format, file }) => format === "text" && file === undefined))
          sayFailures(closing, io.stderr);
        for (const note of outputs.flatMap(({ writer }) => writer.notes?.() ?? [])) {
          io.stderr.write(`motherduck-tokens: ${note}\n`);
        }
      },
      discard,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** What a regular file holds; `undefined` where it cannot be read. A pipe would wait for somebody to write. */
function readEarlier(file: string): string | undefined {
  try {
    return statSync(file).isFile() ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

/** Without a text report, failures still go to standard error, but not thousands of them. */
function sayFailures({ failures }: AuditClosing, stderr: NodeJS.WritableStream): void {
  for (const { subject, message } of failures.slice(0, SAID)) {
    stderr.write(`motherduck-tokens: ${subject === THE_AUDIT ? "" : `${subject}: `}${message}\n`);
  }
  if (failures.length > SAID) stderr.write(`motherduck-tokens: and ${failures.length - SAID} more\n`);
}

const SAID = 10;

/** Follows https://no-color.org and https://force-color.org: empty variables are ignored. */
function terminal({ stdout: { isTTY, columns }, env }: Pick<AuditIo, "stdout" | "env">) {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  const wanted = FORCE_COLOR ? !["0", "false"].includes(FORCE_COLOR) : isTTY && TERM !== "dumb";
  return { color: wanted && !NO_COLOR, ...(isTTY && { width: columns }) };
}
