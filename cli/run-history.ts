import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { AuditError } from "../audit/audit-error";
import { acceptRun } from "../history/acceptance";
import { readChanges } from "../history/changes";
import { literal } from "../history/duckdb";
import { importReport } from "../history/import";
import { Ledger } from "../history/ledger";
import { ANSWERS } from "../history/views";
import { type ChangeFormat, formatChanges } from "./format-changes";
import { readReport } from "./read-report";

type Io = Pick<typeof process, "stdout" | "env">;

/** Prints what changed, or exports all views. @throws AuditError */
export async function showHistory(
  options: {
    readonly history: string;
    readonly since?: number;
    readonly format: ChangeFormat;
    readonly export?: string;
  },
  { stdout, env }: Io = process,
): Promise<void> {
  const { history, since, format, export: folder } = options;
  if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory())) {
    throw new AuditError(`there is no folder ${folder}: create it first.`);
  }
  const ledger = await Ledger.open(history, { env });
  try {
    await ledger.read(async () => {
      if (folder === undefined) {
        const from = since === undefined ? undefined : new Date(since).toISOString().replace("Z", "");
        stdout.write(await formatChanges(await readChanges(ledger, from), format));
        return;
      }
      for (const { name } of ANSWERS) {
        const file = path.join(folder, `${name}.parquet`);
        await ledger.database.run(`COPY (FROM token_ledger.${name}) TO ${literal(file)} (FORMAT parquet)`);
        stdout.write(`${file}\n`);
      }
    });
  } finally {
    ledger.close();
  }
}

/** Records the audits of earlier reports, each completely or not at all. @throws AuditError for the first that fails. */
export async function importReports(
  files: readonly string[],
  { history }: { readonly history: string },
  { stdout, env }: Io = process,
): Promise<void> {
  const ledger = await Ledger.open(history, { env });
  try {
    for (const file of files) {
      const { audit, users, findings, failures, summary } = readReport(file);
      const closing = { findings, failures, summary };
      const { runId, isKnown } = await importReport(ledger, { name: file, audit, users, closing });
      stdout.write(`${file}: ${isKnown ? "already in the ledger as" : "recorded as"} run ${runId}\n`);
    }
  } finally {
    ledger.close();
  }
}

/** Makes the findings of a run known to audits with `--fail-on-new`. @throws AuditError if there is no such run, or it is not complete. */
export async function acceptFindings(
  { history, run }: { readonly history: string; readonly run?: number },
  { stdout, env }: Io = process,
): Promise<void> {
  const ledger = await openExisting(history, env);
  try {
    const { runId, judgedAt, findings } = await ledger.write(() => acceptRun(ledger, run));
    stdout.write(
      `Run ${runId} of ${judgedAt} is accepted. Findings that --fail-on-new ignores from now on: ${findings}.\n`,
    );
  } finally {
    ledger.close();
  }
}

/** Upgrades the ledger to this version. @throws AuditError if there is none. */
export async function upgradeLedger({ history }: { readonly history: string }, { env }: Io = process): Promise<void> {
  const ledger = await openExisting(history, env);
  try {
    await ledger.write(() => Promise.resolve());
  } finally {
    ledger.close();
  }
}

/** A ledger to write to that is not made if it is missing. @throws AuditError if it is. */
export async function openExisting(history: string, env: NodeJS.ProcessEnv): Promise<Ledger> {
  const ledger = await Ledger.open(history, { env });
  if (ledger.database.isRemote || existsSync(history)) return ledger;
  ledger.close();
  throw new AuditError(`${history}: there is no such file.`);
}
