import path from "node:path";
import { AuditError } from "../audit/audit-error";
import { isRemote, printablePlace } from "../history/duckdb";
import { CONFIG_VARIABLE } from "../policies/configuration/configuration";
import type { AuditOptions } from "./audit-options";
import { readSettingsFile } from "./read-configuration";

/**
 * The ledger in which an audit is recorded: what the command line says, or the settings file, whose paths begin in its own
 * folder; in the current one, where the settings are in the environment.
 *
 * @param configured what the settings say.
 * @throws AuditError where the settings name one, and the audit is as of another time or about some owners.
 */
export function findLedger(
  { history, config, now, owner }: Pick<AuditOptions, "history" | "config" | "now" | "owner">,
  configured: string | undefined,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (history === false) return undefined;
  if (history !== undefined || configured === undefined) return history;
  if (now !== undefined) {
    throw new AuditError(
      `the settings name a ledger (${printablePlace(configured)}), which records when something was seen, so --now cannot be used. Add --no-history.`,
    );
  }
  if (owner !== undefined) {
    throw new AuditError(
      `the settings name a ledger (${printablePlace(configured)}), which would record everything that --owner leaves out as fixed. Add --no-history.`,
    );
  }
  if (isRemote(configured)) return configured;
  const file = config ?? (env[CONFIG_VARIABLE] || undefined);
  return path.resolve(file === undefined ? "." : path.dirname(file), configured);
}

/**
 * The ledger that a command is about: what the command line says, or the settings file.
 *
 * @throws AuditError where neither names one.
 */
export async function requireLedger(
  options: { readonly history?: string; readonly config?: string },
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (options.history !== undefined) return options.history;
  const settings = await readSettingsFile(options, env);
  const ledger = findLedger(options, settings?.config.history, env);
  if (ledger !== undefined) return ledger;
  throw new AuditError("which ledger? Name it with --history, or with history in the settings file (--config).");
}
