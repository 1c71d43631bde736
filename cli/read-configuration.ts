import path from "node:path";
import {
  CONFIG_TEXT_VARIABLE,
  CONFIG_VARIABLE,
  type Configuration,
  type ConfigSource,
  resolveConfiguration,
} from "../policies/configuration/configuration";
import { environmentSource } from "../policies/configuration/environment";
import type { AuditOptions } from "./audit-options";
import { customRules } from "./custom-rules";

/** The settings as reports name them: `--config`, or the variable that names or holds the file; `undefined` without any. */
export function nameConfiguration(
  { config }: Pick<AuditOptions, "config">,
  env: NodeJS.ProcessEnv,
): string | undefined {
  return (
    config ?? (env[CONFIG_VARIABLE] || undefined) ?? (env[CONFIG_TEXT_VARIABLE] ? CONFIG_TEXT_VARIABLE : undefined)
  );
}

/** The configuration by which an audit judges. @throws AuditError, PolicyConfigError */
export async function readConfiguration(
  options: Pick<AuditOptions, "config" | "rules">,
  env: NodeJS.ProcessEnv,
): Promise<Configuration> {
  const sources = [...environmentSource(env), ...(await customRules(options.rules))];
  const file = await readSettingsFile(options, env);
  return resolveConfiguration(...sources, ...(file ? [file] : []));
}

/**
 * Reads the file that `--config` names, or else the one from the environment, as the pack does. A path in the environment
 * must be absolute, because a pipeline's steps run in different folders.
 *
 * @returns `undefined` where neither names one.
 * @throws PolicyConfigError
 */
export async function readSettingsFile(
  { config }: Pick<AuditOptions, "config">,
  env: NodeJS.ProcessEnv,
): Promise<ConfigSource | undefined> {
  if (config === undefined && !env[CONFIG_VARIABLE] && !env[CONFIG_TEXT_VARIABLE]) return undefined;
  const { configPlaceIn, parseConfig, readConfigFile } = await import("../policies/configuration/config-file");
  const { configFile, configText } = config === undefined ? configPlaceIn(env) : { configFile: path.resolve(config) };
  return configFile === undefined ? parseConfig(configText ?? "") : readConfigFile(configFile);
}
