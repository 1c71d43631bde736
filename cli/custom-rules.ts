import type { ConfigSource } from "../policies/configuration/configuration";

/**
 * The rules of the module that `--rules` names, as a source of the configuration; none where it is not given.
 *
 * @throws PolicyConfigError for a module that cannot be loaded, and for exports that are not rules.
 */
export async function customRules(file: string | undefined): Promise<ConfigSource[]> {
  if (file === undefined) return [];
  const { loadRules } = await import("../policies/configuration/load-rules");
  return [{ name: file, config: {}, customRules: loadRules(file) }];
}
