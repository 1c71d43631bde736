import path from "node:path";
import {
  CONFIG_TEXT_VARIABLE,
  CONFIG_VARIABLE,
  type Configuration,
  resolveConfiguration,
} from "../policies/configuration/configuration";
import { environmentSource } from "../policies/configuration/environment";
import type { AuditIo } from "./audit-io";
import type { AuditOptions } from "./audit-options";
import { customRules } from "./custom-rules";

/** The settings file as reports name it: `--config`, or the variable that names or holds it; `undefined` where there is none. */
export function nameConfiguration({ config }: AuditOptions, { env }: AuditIo): string | undefined {
  return (
    config ?? (env[CONFIG_VARIABLE] || undefined) ?? (env[CONFIG_TEXT_VARIABLE] ? CONFIG_TEXT_VARIABLE : undefined)
  );
}

/**
 * Reads the file that `--config` names, or else the one from the environment, as the pack does. A path in the environment
 * must be absolute, because a pipeline's steps run in different folders.
 */
export async function readConfiguration({ config, rules }: AuditOptions, { env }: AuditIo): Promise<Configuration> {
  const sources = [...environmentSource(env), ...(await customRules(rules))];
  if (config === undefined && !env[CONFIG_VARIABLE] && !env[CONFIG_TEXT_VARIABLE]) {
    return resolveConfiguration(...sources);
  }
  const { configPlaceIn, parseConfig, readConfigFile } = await import("../policies/configuration/config-file");
  const { configFile, configText } = config === undefined ? configPlaceIn(env) : { configFile: path.resolve(config) };
  const file = configFile === undefined ? parseConfig(configText ?? "") : readConfigFile(configFile);
  return resolveConfiguration(...sources, file);
}
